//! What a program changed in a file system, as files of a layer.
//!
//! A snapshot holds what the file system says of each path; a content that was written shows in size or change
//! time, so that no file is read. Owners and times do not enter: a layer's are the same for everybody.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::tree::{Content, FileTree};

/// What is below a folder.
#[derive(Debug)]
pub(crate) struct Snapshot {
    root: PathBuf,
    /// By path relative to the root.
    stamps: BTreeMap<String, Stamp>,
}

#[derive(Debug, PartialEq, Eq)]
enum Stamp {
    /// Its mode: what lies in a folder has stamps of its own.
    Folder(u32),
    /// Inode, size, mode and change time, which no program can set back.
    File {
        inode: u64,
        size: u64,
        mode: u32,
        changed: (i64, i64),
    },
    Link(PathBuf),
    /// Sockets, pipes, devices: no layer holds them.
    Other,
}

impl Snapshot {
    /// Walks `root`, leaving out the paths in `skip` and what is below them.
    pub(crate) fn of(root: &Path, skip: &[&str]) -> io::Result<Self> {
        let mut snapshot = Self { root: root.into(), stamps: BTreeMap::new() };
        snapshot.walk("", skip)?;
        Ok(snapshot)
    }

    fn walk(&mut self, below: &str, skip: &[&str]) -> io::Result<()> {
        let folder = self.root.join(below);
        let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", folder.display()));
        for entry in fs::read_dir(&folder).map_err(named)? {
            let entry = entry.map_err(named)?;
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| {
                let what = format!("{} is no UTF-8, so that no layer can hold it", entry.path().display());
                io::Error::new(io::ErrorKind::InvalidData, what)
            })?;
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            if skip.contains(&path.as_str()) {
                continue;
            }
            let stamp = stamp(&entry.path(), &entry.metadata().map_err(named)?).map_err(named)?;
            let is_folder = matches!(stamp, Stamp::Folder(_));
            self.stamps.insert(path.clone(), stamp);
            if is_folder {
                self.walk(&path, skip)?;
            }
        }
        Ok(())
    }

    /// What is in `after` and not here: new and changed paths, and whiteouts (image-spec, layer.md) of those that
    /// are gone. In the folder `shared`, group 0 may do what the owner may, as everywhere in a prefix.
    pub(crate) fn changes(&self, after: &Self, shared: &str) -> FileTree {
        let mut tree = FileTree::default();
        for (path, stamp) in &after.stamps {
            if self.stamps.get(path) == Some(stamp) {
                continue;
            }
            let within =
                path.strip_prefix(shared).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let group = |mode: u32| if within { mode & !0o070 | (mode & 0o700) >> 3 } else { mode };
            match stamp {
                Stamp::Folder(mode) => tree.folder(path, group(*mode)),
                Stamp::Link(target) => tree.link(path, &target.to_string_lossy()),
                Stamp::File { size, mode, .. } => {
                    tree.file(path, group(*mode), Content::File(after.root.join(path), *size));
                }
                Stamp::Other => {}
            }
        }
        let gone = |path: &str| self.stamps.contains_key(path) && !after.stamps.contains_key(path);
        for path in self.stamps.keys().filter(|path| gone(path)) {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if !gone(folder) {
                let slash = if folder.is_empty() { "" } else { "/" };
                tree.file(&format!("{folder}{slash}.wh.{name}"), 0o644, Content::Bytes(Vec::new()));
            }
        }
        tree
    }
}

fn stamp(path: &Path, meta: &Metadata) -> io::Result<Stamp> {
    let mode = meta.mode() & 0o7777;
    Ok(match meta.file_type() {
        kind if kind.is_dir() => Stamp::Folder(mode),
        kind if kind.is_symlink() => Stamp::Link(fs::read_link(path)?),
        kind if kind.is_file() => Stamp::File {
            inode: meta.ino(),
            size: meta.len(),
            mode,
            changed: (meta.ctime(), meta.ctime_nsec()),
        },
        _ => Stamp::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::listing;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn new_changed_and_removed_paths_become_a_layer_and_others_do_not() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for folder in ["opt/conda/lib", "opt/conda/gone/deep", "etc", "tmp"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["opt/conda/lib/kept", "opt/conda/lib/grown", "opt/conda/gone/deep/x", "etc/hosts"] {
            fs::write(at(file), "old").unwrap();
        }
        let before = Snapshot::of(root.path(), &["tmp"]).unwrap();
        fs::write(at("opt/conda/lib/grown"), "new content").unwrap();
        fs::write(at("opt/conda/lib/new"), "new").unwrap();
        fs::set_permissions(at("opt/conda/lib/new"), Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(at("opt/conda/cache")).unwrap();
        symlink("lib/new", at("opt/conda/link")).unwrap();
        fs::remove_dir_all(at("opt/conda/gone")).unwrap();
        fs::remove_file(at("etc/hosts")).unwrap();
        fs::write(at("tmp/scratch"), "not looked at").unwrap();
        let after = Snapshot::of(root.path(), &["tmp"]).unwrap();
        let tar = before.changes(&after, "opt/conda").to_bytes(0);
        insta::assert_snapshot!(listing(&tar), @r"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rw-r--r-- 0:0 1970-01-01T00:00:00Z 0 etc/.wh.hosts
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
        -rw-r--r-- 0:0 1970-01-01T00:00:00Z 0 opt/conda/.wh.gone
        drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/cache/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/lib/
        -rw-rw-r-- 0:0 1970-01-01T00:00:00Z 11 opt/conda/lib/grown
        -rwxrwxr-x 0:0 1970-01-01T00:00:00Z 3 opt/conda/lib/new
        lrwxrwxrwx 0:0 1970-01-01T00:00:00Z 0 opt/conda/link -> lib/new
        ");
        assert!(after.changes(&Snapshot::of(root.path(), &["tmp"]).unwrap(), "opt/conda").is_empty());
    }
}
