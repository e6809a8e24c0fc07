//! File trees as maps, from tar streams, stacks of layers and folders, so that tests can compare them.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use tar::EntryType;

/// What a path of a tree is.
#[derive(Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file with its content; a hard link is its target's content.
    File(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link with its target.
    Symlink(String),
    /// Anything else, named.
    Other(&'static str),
}

impl std::fmt::Debug for EntryKind {
    /// Content is shortened, so that a failed comparison stays readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(content) => {
                let start = String::from_utf8_lossy(&content[..content.len().min(120)]).into_owned();
                write!(f, "File({} bytes: {start:?})", content.len())
            }
            Self::Directory => f.write_str("Directory"),
            Self::Symlink(target) => write!(f, "Symlink({target:?})"),
            Self::Other(what) => write!(f, "Other({what})"),
        }
    }
}

/// One path of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Type and content.
    pub kind: EntryKind,
    /// Permission bits (with setuid, setgid, sticky).
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Modification time, seconds since the epoch.
    pub mtime: u64,
}

impl Entry {
    /// The content of a file; panics for anything else.
    pub fn content(&self) -> &[u8] {
        match &self.kind {
            EntryKind::File(content) => content,
            other => panic!("{other:?} has no content"),
        }
    }

    /// The content of a text file; panics for anything else.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.content()).expect("the file is UTF-8")
    }
}

/// `bytes` decompressed where they start with the magic number of gzip or zstd, else as they are.
pub fn decompress(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0x1f, 0x8b, ..] => {
            let mut out = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).expect("valid gzip");
            out
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::decode_all(bytes).expect("valid zstd"),
        _ => bytes.to_vec(),
    }
}

/// The entries of one tar stream (plain, gzip or zstd) by path, without `./` before and `/` after. Of entries
/// with one name the last counts. Whiteouts are ordinary entries here; see [`flatten`].
pub fn extract_map(tar: &[u8]) -> BTreeMap<String, Entry> {
    let plain = decompress(tar);
    let mut map: BTreeMap<String, Entry> = BTreeMap::new();
    for entry in tar::Archive::new(plain.as_slice()).entries().expect("a tar stream") {
        let mut entry = entry.expect("a tar entry");
        let path = clean(&String::from_utf8_lossy(&entry.path_bytes()));
        let link = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
        let kind = match entry.header().entry_type() {
            EntryType::Directory => EntryKind::Directory,
            EntryType::Symlink => EntryKind::Symlink(link.expect("a link has a target")),
            EntryType::Link => {
                let target = clean(&link.expect("a link has a target"));
                let found =
                    map.get(&target).unwrap_or_else(|| panic!("{path}: hard link to unknown {target}"));
                found.kind.clone()
            }
            EntryType::Regular | EntryType::Continuous => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap_or_else(|error| panic!("{path}: {error}"));
                EntryKind::File(content)
            }
            _ => EntryKind::Other("special file"),
        };
        let header = entry.header();
        let entry = Entry {
            kind,
            mode: header.mode().expect("a mode"),
            uid: header.uid().expect("an owner"),
            gid: header.gid().expect("a group"),
            mtime: header.mtime().expect("a time"),
        };
        map.insert(path, entry);
    }
    map
}

/// The file system that a stack of layers (lowest first; plain, gzip or zstd) makes, by the rules of the OCI
/// image-spec: later layers replace earlier ones, `.wh.NAME` removes NAME of lower layers, `.wh..wh..opq` removes
/// what lower layers have in its directory. Names are not resolved through symbolic links.
pub fn flatten<T: AsRef<[u8]>>(layers: &[T]) -> BTreeMap<String, Entry> {
    let mut tree = BTreeMap::new();
    for layer in layers {
        let entries = extract_map(layer.as_ref());
        for path in entries.keys() {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            if name == ".wh..wh..opq" {
                remove_below(&mut tree, parent);
            } else if let Some(hidden) = name.strip_prefix(".wh.") {
                let hidden = if parent.is_empty() { hidden.to_owned() } else { format!("{parent}/{hidden}") };
                remove_below(&mut tree, &hidden);
                tree.remove(&hidden);
            }
        }
        for (path, entry) in entries {
            if path.rsplit('/').next().is_some_and(|name| name.starts_with(".wh.")) {
                continue;
            }
            if entry.kind != EntryKind::Directory {
                remove_below(&mut tree, &path);
            }
            tree.insert(path, entry);
        }
    }
    tree
}

fn remove_below(tree: &mut BTreeMap<String, Entry>, directory: &str) {
    let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
    tree.retain(|path, _| !path.starts_with(&start));
}

/// The tree below a folder on disk, by path relative to it; the folder itself is left out.
pub fn read_tree(root: impl AsRef<Path>) -> BTreeMap<String, Entry> {
    let mut tree = BTreeMap::new();
    read_folder(root.as_ref(), "", &mut tree);
    tree
}

fn read_folder(folder: &Path, below: &str, tree: &mut BTreeMap<String, Entry>) {
    let children = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for child in children {
        let child = child.expect("a directory entry").path();
        let name =
            child.file_name().expect("a name").to_str().unwrap_or_else(|| panic!("{child:?} is not UTF-8"));
        let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        let metadata =
            child.symlink_metadata().unwrap_or_else(|error| panic!("{}: {error}", child.display()));
        let kind = match metadata.file_type() {
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_symlink() => {
                let target = std::fs::read_link(&child).expect("a readable link");
                EntryKind::Symlink(target.to_string_lossy().into_owned())
            }
            kind if kind.is_fifo() => EntryKind::Other("fifo"),
            kind if kind.is_file() => EntryKind::File(std::fs::read(&child).expect("a readable file")),
            _ => EntryKind::Other("special file"),
        };
        if kind == EntryKind::Directory {
            read_folder(&child, &path, tree);
        }
        let entry = Entry {
            kind,
            mode: metadata.mode() & 0o7777,
            uid: metadata.uid().into(),
            gid: metadata.gid().into(),
            mtime: u64::try_from(metadata.mtime()).unwrap_or_default(),
        };
        tree.insert(path, entry);
    }
}

fn clean(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.trim_end_matches('/').to_owned()
}
