//! A root file system in a folder.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use super::attributes::is_kept;
use super::node::{Content, Kind, Node, Tree};
use crate::TransportError;
use crate::files::remember::State;
use crate::files::tar_stream::MAX_ENTRIES;

/// Reads names and attributes of all files below `root`, with the state by which changes show.
///
/// Root sees the owners as they are; for anybody else all belongs to 0:0, as whoever unpacked the
/// folder without root lost the owners anyway. Sockets and device nodes are left out.
pub(crate) fn from_folder(root: &Path) -> Result<(Tree, State), TransportError> {
    let meta = fs::symlink_metadata(root).map_err(TransportError::io("read", root))?;
    let mut walk = Walk {
        tree: Tree::default(),
        state: State::of(root, &meta),
        inodes: HashMap::new(),
        owners: rustix::process::geteuid().is_root(),
    };
    let mut folders = vec![(root.to_path_buf(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let read_error = || TransportError::io("read", &folder);
        let mut entries =
            fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(read_error())?;
        // The order that a file system lists them in must not show in the state.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (file, name) = (entry.path(), entry.file_name().into_vec());
            let path =
                if prefix.is_empty() { name.clone() } else { [&prefix, b"/".as_slice(), &name].concat() };
            let meta = fs::symlink_metadata(&file).map_err(TransportError::io("read", &file))?;
            if name.starts_with(b".wh.") {
                return Err(TransportError::malformed(
                    root,
                    format!(
                        "'{}' is named like a whiteout, by which an engine would delete files",
                        file.display()
                    ),
                ));
            }
            walk.add(&file, path.clone(), &meta).map_err(TransportError::io("read", &file))?;
            if meta.is_dir() {
                folders.push((file, path));
            }
            if walk.tree.nodes.len() > MAX_ENTRIES {
                return Err(TransportError::malformed(
                    root,
                    format!("it holds more than {MAX_ENTRIES} files"),
                ));
            }
        }
    }
    Ok((walk.tree, walk.state))
}

struct Walk {
    tree: Tree,
    state: State,
    inodes: HashMap<(u64, u64), Arc<Node>>,
    owners: bool,
}

impl Walk {
    fn add(&mut self, file: &Path, path: Vec<u8>, meta: &Metadata) -> io::Result<()> {
        self.state.add(file, meta);
        let inode = (meta.dev(), meta.ino());
        if let Some(node) = self.inodes.get(&inode) {
            self.tree.insert(path, node.clone());
            return Ok(());
        }
        let kind = meta.file_type();
        let kind = if kind.is_dir() {
            Kind::Directory
        } else if kind.is_symlink() {
            Kind::Symlink(fs::read_link(file)?.into_os_string().into_vec())
        } else if kind.is_file() {
            Kind::File { size: meta.len(), content: Content::File(file.into()) }
        } else if kind.is_fifo() {
            Kind::Fifo
        } else {
            return Ok(());
        };
        let (uid, gid) = if self.owners { (meta.uid().into(), meta.gid().into()) } else { (0, 0) };
        let node = Arc::new(Node {
            kind,
            mode: meta.mode() & 0o7777,
            uid,
            gid,
            mtime: u64::try_from(meta.mtime()).unwrap_or(0),
            xattrs: xattrs(file),
        });
        if meta.nlink() > 1 && !meta.is_dir() {
            self.inodes.insert(inode, node.clone());
        }
        self.tree.insert(path, node);
        Ok(())
    }
}

/// The attributes that belong to the image; none where the file system has none or refuses.
fn xattrs(file: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut names = vec![0; 1 << 16];
    let Ok(length) = rustix::fs::llistxattr(file, &mut names) else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for name in names[..length].split(|byte| *byte == 0) {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let mut value = vec![0; 1 << 16];
        if is_kept(name)
            && let Ok(length) = rustix::fs::lgetxattr(file, name, &mut value)
        {
            found.insert(name.to_owned(), value[..length].to_vec());
        }
    }
    found
}

/// A path of the tree as one of the file system.
pub(super) fn os_path(path: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(path))
}
