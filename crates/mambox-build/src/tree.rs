//! A handful of files as a layer: accounts, certificates, the environment's own records, copied files.
//!
//! Entries are sorted, parents come first, owners and modes are what the tree says and never what
//! a file system or umask made of them. Folders have one fixed time, the one that package layers give
//! theirs, so that a folder which occurs in many layers is the same in all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use mambox_oci::Compression;
use mambox_oci::codec::{Encoded, Encoder};
use tar::{Builder, EntryType, Header};

use crate::places::{Places, parents, real};

/// The time of folders, and of files that have none of their own: 1980-01-01, the first that all file systems can hold.
pub const FIXED_TIME: u64 = 315_532_800;

/// Where a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Here.
    Bytes(Vec<u8>),
    /// In a file of so many bytes.
    File(PathBuf, u64),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Folder,
    File(Content),
    Link(String),
    HardLink(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    node: Node,
    mode: u32,
    owner: (u64, u64),
}

/// Paths (relative, without `.` and `..`) and what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTree(BTreeMap<String, Entry>);

impl FileTree {
    /// Adds a folder that belongs to root. One that is there already is replaced.
    pub fn folder(&mut self, path: &str, mode: u32) {
        self.owned_folder(path, mode, (0, 0));
    }

    /// Adds a folder of somebody's.
    pub fn owned_folder(&mut self, path: &str, mode: u32, owner: (u64, u64)) {
        self.insert(path, Entry { node: Node::Folder, mode, owner });
    }

    /// Adds a file that belongs to root.
    pub fn file(&mut self, path: &str, mode: u32, content: Content) {
        self.insert(path, Entry { node: Node::File(content), mode, owner: (0, 0) });
    }

    /// Adds a file of somebody's.
    pub fn owned_file(&mut self, path: &str, mode: u32, owner: (u64, u64), content: Content) {
        self.insert(path, Entry { node: Node::File(content), mode, owner });
    }

    /// Adds a second name of a file of this tree, which must come before it in the order of paths and lie in the same
    /// folder.
    pub fn hard_link(&mut self, path: &str, target: &str) {
        debug_assert!(
            target < path && path.rsplit_once('/').map(|p| p.0) == target.rsplit_once('/').map(|t| t.0)
        );
        self.insert(path, Entry { node: Node::HardLink(target.into()), mode: 0o755, owner: (0, 0) });
    }

    /// Adds a symbolic link.
    pub fn link(&mut self, path: &str, target: &str) {
        self.insert(path, Entry { node: Node::Link(target.into()), mode: 0o777, owner: (0, 0) });
    }

    fn insert(&mut self, path: &str, entry: Entry) {
        let path = path.trim_matches('/');
        debug_assert!(!path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..")));
        for parent in parents(path) {
            let entry = Entry { node: Node::Folder, mode: 0o755, owner: (0, 0) };
            self.0.entry(parent.into()).or_insert(entry);
        }
        self.0.insert(path.into(), entry);
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The tree as it must be to lie upon a base: links of the base followed, its folders with their own
    /// modes and owners. Fails with the path where a file would take the place of a folder.
    pub fn settled(self, places: &Places) -> Result<Self, String> {
        let mut settled = Self::default();
        for (path, entry) in self.0 {
            match (places.get(&path), &entry.node) {
                (Some(place), Node::Folder) if place.is_folder => {
                    if !place.real.is_empty() {
                        let (mode, owner) = (place.mode & 0o7777, place.owner);
                        settled.insert_below(&place.real, Entry { node: Node::Folder, mode, owner }, places);
                    }
                }
                (Some(place), _) if place.is_folder => return Err(path),
                (_, Node::HardLink(target)) => {
                    let entry = Entry { node: Node::HardLink(real(target, places)), ..entry };
                    settled.insert_below(&real(&path, places), entry, places);
                }
                _ => settled.insert_below(&real(&path, places), entry, places),
            }
        }
        Ok(settled)
    }

    /// As `insert`, with parents like those of the base.
    fn insert_below(&mut self, path: &str, entry: Entry, places: &Places) {
        self.insert(path, entry);
        for parent in parents(path) {
            let known = places.get(parent).filter(|place| place.is_folder && place.real == parent);
            if let (Some(place), Some(entry)) = (known, self.0.get_mut(parent)) {
                (entry.mode, entry.owner) = (place.mode & 0o7777, place.owner);
            }
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the tar; files and links have the time `mtime`, in seconds since 1970.
    pub fn write<W: Write>(&self, mtime: u64, sink: W) -> io::Result<W> {
        let mut tar = Builder::new(sink);
        for (path, entry) in &self.0 {
            let mut header = Header::new_gnu();
            header.set_mode(entry.mode);
            header.set_uid(entry.owner.0);
            header.set_gid(entry.owner.1);
            header.set_mtime(mtime);
            header.set_size(0);
            match &entry.node {
                Node::Folder => {
                    header.set_entry_type(EntryType::Directory);
                    header.set_mtime(FIXED_TIME);
                    tar.append_data(&mut header, format!("{path}/"), io::empty())?;
                }
                Node::Link(target) => {
                    header.set_entry_type(EntryType::Symlink);
                    tar.append_link(&mut header, path, target)?;
                }
                Node::HardLink(target) => {
                    header.set_entry_type(EntryType::Link);
                    tar.append_link(&mut header, path, target)?;
                }
                Node::File(Content::Bytes(bytes)) => {
                    header.set_size(bytes.len() as u64);
                    tar.append_data(&mut header, path, bytes.as_slice())?;
                }
                Node::File(Content::File(source, size)) => {
                    header.set_size(*size);
                    let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", source.display()));
                    let file = File::open(source).map_err(named)?;
                    tar.append_data(&mut header, path, Exactly { file, left: *size, path: source.clone() })?;
                }
            }
        }
        tar.into_inner()
    }

    /// The compressed tar; says what it is known by.
    pub fn encode<W: Write>(&self, mtime: u64, compression: Compression, sink: W) -> io::Result<Encoded> {
        let encoder = Encoder::new(compression, sink)?;
        let (_, encoded) = self.write(mtime, encoder).and_then(Encoder::finish)?;
        Ok(encoded)
    }

    /// The tar in memory; for trees without [`Content::File`], which cannot fail.
    pub fn to_bytes(&self, mtime: u64) -> Vec<u8> {
        self.write(mtime, Vec::new()).unwrap_or_default()
    }
}

/// Reads a file that must keep its size while it is read: a header that lies would spoil the whole tar.
struct Exactly {
    file: File,
    left: u64,
    path: PathBuf,
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let changed = || io::Error::other(format!("{} changed while it was read", self.path.display()));
        let read = self.file.read(buffer)?;
        if read as u64 > self.left || (read == 0 && self.left > 0 && !buffer.is_empty()) {
            return Err(changed());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::listing;

    #[test]
    fn entries_are_sorted_and_parents_come_first() {
        let mut tree = FileTree::default();
        tree.file("etc/passwd", 0o644, Content::Bytes(b"root".to_vec()));
        tree.owned_folder("home/me", 0o770, (57439, 0));
        tree.link("bin", "usr/bin");
        insta::assert_snapshot!(listing(tree.to_bytes(1).as_slice()), @r"
        lrwxrwxrwx 0:0 1970-01-01T00:00:01Z 0 bin -> usr/bin
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rw-r--r-- 0:0 1970-01-01T00:00:01Z 4 etc/passwd
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwx--- 57439:0 1980-01-01T00:00:00Z 0 home/me/
        ");
    }

    #[test]
    fn a_tree_follows_the_links_of_its_base_and_keeps_its_folders() {
        let place = |real: &str, mode, owner| crate::places::Place {
            real: real.into(),
            is_folder: true,
            mode,
            owner,
        };
        let places = Places::from([
            ("bin".into(), place("usr/bin", 0o755, (0, 0))),
            ("usr".into(), place("usr", 0o751, (0, 7))),
            ("usr/bin".into(), place("usr/bin", 0o755, (0, 0))),
            ("tmp".into(), place("tmp", 0o1777, (0, 0))),
            ("home/me".into(), place("home/me", 0o770, (5, 0))),
        ]);
        let mut tree = FileTree::default();
        for path in ["bin/tool", "bin/sub/tool", "tmp/app/x", "home/me/y"] {
            tree.file(path, 0o755, Content::Bytes(vec![]));
        }
        let settled = tree.clone().settled(&places).unwrap();
        insta::assert_snapshot!(listing(settled.to_bytes(0).as_slice()), @r"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwx--- 5:0 1980-01-01T00:00:00Z 0 home/me/
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 home/me/y
        drwxrwxrwt 0:0 1980-01-01T00:00:00Z 0 tmp/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 tmp/app/
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 tmp/app/x
        drwxr-x--x 0:7 1980-01-01T00:00:00Z 0 usr/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/bin/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 usr/bin/sub/
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 usr/bin/sub/tool
        -rwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 usr/bin/tool
        ");
        tree.file("home/me", 0o644, Content::Bytes(vec![]));
        assert_eq!(tree.settled(&places).unwrap_err(), "home/me");
    }

    #[test]
    fn a_file_that_shrinks_or_grows_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("data");
        std::fs::write(&source, b"12345").unwrap();
        for size in [4, 6] {
            let mut tree = FileTree::default();
            tree.file("data", 0o644, Content::File(source.clone(), size));
            let error = tree.write(0, Vec::new()).unwrap_err().to_string();
            assert!(error.contains("changed while it was read"), "{size}: {error}");
        }
    }
}
