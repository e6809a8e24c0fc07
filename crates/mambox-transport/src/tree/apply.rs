//! Putting a tar's entries onto a tree, as containerd and Docker unpack layers.

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::Arc;

use tar::EntryType;

use super::attributes::attributes;
use super::node::{Content, Kind, Node, Tree, split};
use crate::files::tar_stream::{Bounded, for_each_entry, invalid, member_path};

/// What names like `.wh.x` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Whiteouts (image-spec, layer.md).
    Layer,
    /// Nothing good: an engine would take such a file of a root file system for a whiteout. Refused.
    RootFs,
}

/// Bytes of all paths in a tree; a bomb of long names would fill the memory.
const MAX_PATH_BYTES: usize = 1 << 28;
const MAX_PATH: usize = 4096;

/// Applies a tar stream. `content` says where an entry's bytes will be found; it may read them now.
///
/// Device nodes are left out: every engine mounts its own `/dev`, and engines without root could not make them.
/// Returns the paths of those that were not in `dev/`.
pub(crate) fn apply_tar<R: Read>(
    tree: &mut Tree,
    tar: R,
    names: Names,
    mut content: impl FnMut(usize, &mut tar::Entry<'_, Bounded<R>>) -> io::Result<Content>,
) -> io::Result<Vec<String>> {
    let mut layer = Applying { tree, names, added: HashSet::new(), devices: Vec::new(), path_bytes: 0 };
    let mut count = 0;
    for_each_entry(tar, |entry| {
        let number = count;
        count += 1;
        layer.entry(entry, |entry| content(number, entry))
    })?;
    Ok(layer.devices)
}

struct Applying<'a> {
    tree: &'a mut Tree,
    names: Names,
    /// What this layer brought: whiteouts hide lower layers only.
    added: HashSet<Vec<u8>>,
    devices: Vec<String>,
    path_bytes: usize,
}

impl Applying<'_> {
    fn entry<R: Read>(
        &mut self,
        entry: &mut tar::Entry<'_, Bounded<R>>,
        content: impl FnOnce(&mut tar::Entry<'_, Bounded<R>>) -> io::Result<Content>,
    ) -> io::Result<()> {
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() {
            return Ok(());
        }
        let name = member_path(&entry.path_bytes())?;
        self.path_bytes += name.len();
        if name.len() > MAX_PATH || self.path_bytes > MAX_PATH_BYTES {
            return Err(invalid("the tar's names are longer than any file system's"));
        }
        let path = self.place(&name)?;
        if split(&path).1.starts_with(b".wh.") {
            return self.whiteout(&path);
        }
        let at = |what: &str| invalid(format!("'{}' {what}", String::from_utf8_lossy(&name)));
        let found = match kind {
            EntryType::Directory => node(Kind::Directory, entry)?,
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                if target.is_empty() || target.len() > MAX_PATH || target.contains(&0) {
                    return Err(at("is a link to nowhere"));
                }
                node(Kind::Symlink(target), entry)?
            }
            EntryType::Link => {
                let target = member_path(&entry.link_name_bytes().unwrap_or_default())?;
                let target = self.place(&target)?;
                match self.tree.get(&target) {
                    Some(node) if !node.is_folder() => node.clone(),
                    _ => return Err(at("is a hard link to what is not there")),
                }
            }
            EntryType::Fifo => node(Kind::Fifo, entry)?,
            EntryType::Char | EntryType::Block => {
                if !name.starts_with(b"dev/") {
                    self.devices.push(String::from_utf8_lossy(&name).into_owned());
                }
                return Ok(());
            }
            EntryType::Regular | EntryType::Continuous => {
                let content = content(entry)?;
                node(Kind::File { size: entry.size(), content }, entry)?
            }
            EntryType::GNUSparse => return Err(at("is a sparse file, which layers do not have")),
            _ => return Err(at("is of an unknown type")),
        };
        if path.is_empty() {
            // The root's own attributes are every engine's business.
            return match found.is_folder() {
                true => Ok(()),
                false => Err(at("would replace the root")),
            };
        }
        self.added.insert(path.clone());
        self.tree.insert(path, found);
        Ok(())
    }

    /// Where an entry comes to lie: links among its parents are followed within the tree, missing parents
    /// made.
    fn place(&mut self, name: &[u8]) -> io::Result<Vec<u8>> {
        let (folder, file) = split(name);
        if folder.is_empty() {
            return Ok(name.to_vec());
        }
        let shown = || String::from_utf8_lossy(name).into_owned();
        let folder = match self.tree.get(folder) {
            Some(node) if node.is_folder() => folder.to_vec(),
            _ => self
                .tree
                .resolve(folder)
                .ok_or_else(|| invalid(format!("'{}' lies in a loop of links", shown())))?,
        };
        let mut end = 0;
        while end < folder.len() {
            end = folder[end + 1..].iter().position(|b| *b == b'/').map_or(folder.len(), |at| end + 1 + at);
            match self.tree.get(&folder[..end]) {
                Some(node) if node.is_folder() => {}
                Some(_) => return Err(invalid(format!("'{}' lies below what is no folder", shown()))),
                None => self.tree.insert(folder[..end].to_vec(), Arc::new(Node::implicit_folder())),
            }
        }
        Ok(if folder.is_empty() { file.to_vec() } else { [&folder, b"/".as_slice(), file].concat() })
    }

    fn whiteout(&mut self, path: &[u8]) -> io::Result<()> {
        if self.names == Names::RootFs {
            let shown = String::from_utf8_lossy(path);
            return Err(invalid(format!(
                "'{shown}' is named like a whiteout, by which an engine would delete files"
            )));
        }
        let (folder, name) = split(path);
        let hidden: Vec<Vec<u8>> = match &name[4..] {
            b".wh..opq" => self.tree.below(folder).map(|(path, _)| path.to_vec()).collect(),
            // Other names of that kind are aufs's own.
            other if other.starts_with(b".wh.") || other.is_empty() => return Ok(()),
            other => {
                let path = if folder.is_empty() { other.to_vec() } else { [folder, b"/", other].concat() };
                let below = self.tree.below(&path).map(|(path, _)| path.to_vec());
                below.chain([path.clone()]).collect()
            }
        };
        // From below, so that a folder that holds something new stays.
        for path in hidden.iter().rev() {
            let holds_new = self.tree.below(path).next().is_some();
            if !self.added.contains(path) && !holds_new {
                self.tree.nodes.remove(path);
            }
        }
        Ok(())
    }
}

fn node<R: Read>(kind: Kind, entry: &mut tar::Entry<'_, Bounded<R>>) -> io::Result<Arc<Node>> {
    attributes(kind, entry).map(Arc::new)
}
