//! The tree itself.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::Arc;

use mambox_oci::Blob;

use crate::files::archive::Region;

/// Where a file's bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// In a tar that can be sought in.
    Region(Region),
    /// In a file.
    File(PathBuf),
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In a layer's stream: the layer's number and the entry's, from 0.
    Entry { layer: usize, entry: usize },
}

impl Content {
    /// Opens the bytes; those of a stream cannot be opened.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Region(region) => region.open(),
            Self::File(path) => mambox_oci::FileBlob(path.clone()).open(),
            Self::Bytes(bytes) => mambox_oci::MemoryBlob(bytes.clone()).open(),
            Self::Entry { .. } => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "a stream cannot be reopened"))
            }
        }
    }
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Directory,
    File {
        size: u64,
        content: Content,
    },
    /// The target, verbatim.
    Symlink(Vec<u8>),
    Fifo,
}

/// One inode. Hard links share it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Permission bits, with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    /// Seconds since the epoch.
    pub(crate) mtime: u64,
    pub(crate) xattrs: BTreeMap<String, Vec<u8>>,
}

impl Node {
    /// A folder that something lies in but nobody described.
    pub(crate) fn implicit_folder() -> Self {
        Self { kind: Kind::Directory, mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: BTreeMap::new() }
    }

    pub(crate) fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Directory)
    }
}

/// Paths (without a leading slash) and what is there. A path's parents are folders of the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(super) nodes: BTreeMap<Vec<u8>, Arc<Node>>,
}

impl Tree {
    /// What is at a path, links not followed.
    pub(crate) fn get(&self, path: &[u8]) -> Option<&Arc<Node>> {
        self.nodes.get(path)
    }

    /// All but the root, sorted by the paths' bytes, so that parents come first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &Arc<Node>)> {
        self.nodes.iter().map(|(path, node)| (path.as_slice(), node))
    }

    /// Leaves out whatever is not wanted; who wants a path wants the folders above it.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&[u8]) -> bool) {
        self.nodes.retain(|path, _| wanted(path));
    }

    /// The paths below a folder, at any depth.
    pub(crate) fn below(&self, folder: &[u8]) -> impl Iterator<Item = (&[u8], &Arc<Node>)> {
        let start = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        let range = self.nodes.range::<[u8], _>((Bound::Included(start.as_slice()), Bound::Unbounded));
        let (first, rest) = (start.clone(), start);
        range
            .take_while(move |(path, _)| path.starts_with(&first))
            .filter_map(move |(path, node)| (path.len() > rest.len()).then_some((path.as_slice(), node)))
    }

    /// Removes a path and what is below.
    pub(crate) fn remove(&mut self, path: &[u8]) {
        if self.nodes.remove(path).is_some_and(|node| node.is_folder()) {
            let below: Vec<Vec<u8>> = self.below(path).map(|(path, _)| path.to_vec()).collect();
            for path in below {
                self.nodes.remove(&path);
            }
        }
    }

    /// Puts a node at a path whose parents are there. A folder over a folder keeps what is inside.
    pub(crate) fn insert(&mut self, path: Vec<u8>, node: Arc<Node>) {
        let both_folders = node.is_folder() && self.get(&path).is_some_and(|old| old.is_folder());
        if !both_folders {
            self.remove(&path);
        }
        self.nodes.insert(path, node);
    }
}

/// Folder and name of a path.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}
