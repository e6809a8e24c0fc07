//! The tree as tables of inodes and of folders' listings.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use mambox_oci::Compression;

use super::block::Placed;
use super::data::{Contents, FileData};
use super::directory::{Entry, listing};
use super::inode::{Common, Type};
use super::metadata::{Metadata, Position};
use crate::files::tar_stream::invalid;
use crate::tree::{Kind, Node, Tree, split};

/// The longest name that can be looked up; the format itself has room for one byte more.
const MAX_NAME: usize = 255;

/// Both tables, packed.
pub(super) struct Tables {
    pub(super) inodes: Vec<u8>,
    pub(super) directories: Vec<u8>,
    pub(super) root: Position,
    pub(super) count: u32,
}

/// Makes the tables. The tree is gone through backwards, since folders name their entries' inodes: what lies
/// in a folder comes after it in the tree's order.
pub(super) fn tables(
    tree: &Tree,
    root: &Node,
    contents: &Contents,
    placed: &[Placed],
    compression: Compression,
) -> io::Result<Tables> {
    let numbers = Numbers::of(tree)?;
    let mut making = Making {
        inodes: Metadata::new(compression)?,
        directories: Metadata::new(compression)?,
        numbers: &numbers,
        contents,
        placed,
        folders: HashMap::new(),
        written: HashMap::new(),
    };
    let paths: Vec<(&[u8], &Arc<Node>)> = tree.iter().collect();
    for (path, node) in paths.into_iter().rev() {
        making.entry(path, node).map_err(|error| {
            io::Error::new(error.kind(), format!("'{}': {error}", String::from_utf8_lossy(path)))
        })?;
    }
    // Readers of old want a number for the root's parent that no inode has.
    let position = making.folder(b"", root, ROOT, numbers.count + 1)?;
    Ok(Tables {
        inodes: making.inodes.finish()?.0,
        directories: making.directories.finish()?.0,
        root: position,
        count: numbers.count,
    })
}

/// The root's inode number.
const ROOT: u32 = 1;

/// Inodes' numbers, in the tree's order from 2 on, and of how many names each is.
struct Numbers<'a> {
    folders: HashMap<&'a [u8], u32>,
    others: HashMap<*const Node, (u32, u32)>,
    count: u32,
}

impl<'a> Numbers<'a> {
    fn of(tree: &'a Tree) -> io::Result<Self> {
        let mut numbers =
            Self { folders: HashMap::from([(b"".as_slice(), ROOT)]), others: HashMap::new(), count: ROOT };
        for (path, node) in tree.iter() {
            let next = numbers.count.checked_add(1).filter(|next| *next < u32::MAX);
            let next = next.ok_or_else(|| io::Error::other("the file system has too many files"))?;
            if node.is_folder() {
                // Hard links to folders do not exist, but two folders may share a description.
                numbers.folders.insert(path, next);
                numbers.count = next;
            } else if let Some((_, links)) = numbers.others.get_mut(&Arc::as_ptr(node)) {
                *links += 1;
            } else {
                numbers.others.insert(Arc::as_ptr(node), (next, 1));
                numbers.count = next;
            }
        }
        Ok(numbers)
    }
}

struct Making<'a> {
    inodes: Metadata,
    directories: Metadata,
    numbers: &'a Numbers<'a>,
    contents: &'a Contents,
    placed: &'a [Placed],
    /// What was found in folders so far, the last name first.
    folders: HashMap<&'a [u8], Vec<Entry<'a>>>,
    /// Inodes that may have more names.
    written: HashMap<*const Node, Position>,
}

impl<'a> Making<'a> {
    fn entry(&mut self, path: &'a [u8], node: &Arc<Node>) -> io::Result<()> {
        let (parent, name) = split(path);
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(invalid("the name is longer than any file system's"));
        }
        let kind = kind(node);
        let (number, inode) = match kind {
            Type::Folder => {
                let number = |path: &[u8]| self.numbers.folders.get(path).copied().unwrap_or(ROOT);
                let (own, above) = (number(path), number(parent));
                (own, self.folder(path, node, own, above)?)
            }
            _ => self.other(node)?,
        };
        self.folders.entry(parent).or_default().push(Entry { name, inode, number, kind });
        Ok(())
    }

    fn folder(&mut self, path: &[u8], node: &Node, number: u32, parent: u32) -> io::Result<Position> {
        let mut entries = self.folders.remove(path).unwrap_or_default();
        entries.reverse();
        let folders = entries.iter().filter(|entry| entry.kind == Type::Folder).count();
        let listing = listing(&entries);
        let position = self.directories.position()?;
        self.directories.write(&listing)?;
        let common = Common { mode: node.mode, mtime: node.mtime, number, links: folders as u32 + 2 };
        self.put(&common.folder(position, listing.len(), parent)?)
    }

    fn other(&mut self, node: &Arc<Node>) -> io::Result<(u32, Position)> {
        let (number, links) = self.numbers.others.get(&Arc::as_ptr(node)).copied().unwrap_or((ROOT, 1));
        if let Some(position) = self.written.get(&Arc::as_ptr(node)) {
            return Ok((number, *position));
        }
        let common = Common { mode: node.mode, mtime: node.mtime, number, links };
        let bytes = match &node.kind {
            Kind::Symlink(target) => Common { mode: 0o777, ..common }.symlink(target),
            Kind::Fifo => common.fifo(),
            Kind::File { size: 0, .. } => common.file(0, &FileData::default(), self.placed),
            Kind::File { size, .. } => {
                let data = self.contents.files.get(&Arc::as_ptr(node));
                let data = data.ok_or_else(|| invalid("its content was not found again in its layer"))?;
                common.file(*size, data, self.placed)
            }
            Kind::Directory => return Err(invalid("it is a folder with two names")),
        };
        let position = self.put(&bytes)?;
        if links > 1 {
            self.written.insert(Arc::as_ptr(node), position);
        }
        Ok((number, position))
    }

    fn put(&mut self, inode: &[u8]) -> io::Result<Position> {
        let position = self.inodes.position()?;
        self.inodes.write(inode)?;
        Ok(position)
    }
}

fn kind(node: &Node) -> Type {
    match &node.kind {
        Kind::Directory => Type::Folder,
        Kind::File { .. } => Type::File,
        Kind::Symlink(_) => Type::Symlink,
        Kind::Fifo => Type::Fifo,
    }
}
