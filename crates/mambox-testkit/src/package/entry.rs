//! One payload entry of a package under construction.

/// What a payload entry is.
#[derive(Clone, Debug)]
pub(super) enum Node {
    File { content: Vec<u8>, prefix: Option<PrefixMode> },
    Symlink(String),
    HardLink(String),
    Directory,
}

/// How the placeholder of a file is to be replaced: `file_mode` of paths.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PrefixMode {
    Text,
    Binary,
}

impl PrefixMode {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// A payload entry and what paths.json (truthfully or not) says of it.
#[derive(Clone, Debug)]
pub(super) struct PayloadEntry {
    pub(super) path: String,
    pub(super) node: Node,
    pub(super) mode: u32,
    pub(super) mtime: u64,
    pub(super) no_link: bool,
    pub(super) in_archive: bool,
    pub(super) in_paths_json: bool,
    pub(super) claimed_sha256: Option<String>,
    pub(super) claimed_size: Option<u64>,
}

impl PayloadEntry {
    pub(super) fn new(path: &str, node: Node, mode: u32, mtime: u64) -> Self {
        Self {
            path: path.to_owned(),
            node,
            mode,
            mtime,
            no_link: false,
            in_archive: true,
            in_paths_json: true,
            claimed_sha256: None,
            claimed_size: None,
        }
    }
}

/// The content that `path` has in the payload, through hard and symbolic links inside it; `None` for a
/// directory and for a link that leads nowhere in the package.
pub(super) fn content_of<'a>(entries: &'a [PayloadEntry], path: &str) -> Option<&'a [u8]> {
    let mut path = path.to_owned();
    for _ in 0..16 {
        match &entries.iter().find(|entry| entry.path == path)?.node {
            Node::File { content, .. } => return Some(content),
            Node::HardLink(target) => path = target.clone(),
            Node::Symlink(target) => path = resolve(&path, target)?,
            Node::Directory => return None,
        }
    }
    None
}

/// Where a symbolic link at `from` leads, as a path inside the package.
fn resolve(from: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
