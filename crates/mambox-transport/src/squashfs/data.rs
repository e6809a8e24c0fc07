//! Files' contents as data blocks, small files together in fragment blocks.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use super::block::BlockNumber;
use super::format::BLOCK_SIZE;
use super::pipeline::Feed;
use crate::files::tar_stream::invalid;
use crate::job::Job;
use crate::tree::{Kind, Node};

/// One block of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileBlock {
    At(BlockNumber),
    /// All zeros, which take no place.
    Hole,
}

/// Where a file's bytes are.
#[derive(Debug, Clone, Default)]
pub(super) struct FileData {
    pub(super) blocks: Vec<FileBlock>,
    /// A fragment's number and how far into it the file begins.
    pub(super) fragment: Option<(u32, u32)>,
    /// Bytes in holes.
    pub(super) holes: u64,
}

/// All contents, by inode, and which blocks are fragments.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) files: HashMap<*const Node, FileData>,
    pub(super) fragments: Vec<BlockNumber>,
}

/// Takes files' contents, in any order that is the same each time: it decides the file system's bytes.
pub(crate) struct DataWriter<'a> {
    feed: &'a mut Feed,
    /// The fragment block that is being filled.
    fragment: Vec<u8>,
    contents: Contents,
    job: &'a Job,
}

impl<'a> DataWriter<'a> {
    pub(super) fn new(feed: &'a mut Feed, job: &'a Job) -> Self {
        Self { feed, fragment: Vec::new(), contents: Contents::default(), job }
    }

    /// Takes a regular file's content, which must be as long as the node says.
    pub(crate) fn add(&mut self, node: &Arc<Node>, from: &mut impl Read) -> io::Result<()> {
        let Kind::File { size, .. } = &node.kind else { return Ok(()) };
        let mut data = FileData::default();
        if *size < BLOCK_SIZE as u64 {
            data.fragment = self.small(*size as usize, from)?;
        } else {
            self.large(*size, from, &mut data)?;
        }
        if from.read(&mut [0])? != 0 {
            return Err(invalid("a file is longer than its layer says"));
        }
        self.contents.files.insert(Arc::as_ptr(node), data);
        Ok(())
    }

    fn small(&mut self, size: usize, from: &mut impl Read) -> io::Result<Option<(u32, u32)>> {
        if size == 0 {
            return Ok(None);
        }
        if self.fragment.len() + size > BLOCK_SIZE {
            self.close_fragment()?;
        }
        let offset = self.fragment.len();
        self.fragment.resize(offset + size, 0);
        from.read_exact(&mut self.fragment[offset..]).map_err(shorter)?;
        // It will be the next to be closed.
        let number = u32::try_from(self.contents.fragments.len());
        let number = number.map_err(|_| io::Error::other("the file system has too many fragments"))?;
        Ok(Some((number, offset as u32)))
    }

    fn large(&mut self, size: u64, from: &mut impl Read, data: &mut FileData) -> io::Result<()> {
        let mut left = size;
        while left > 0 {
            self.job.check()?;
            let mut block = vec![0; left.min(BLOCK_SIZE as u64) as usize];
            from.read_exact(&mut block).map_err(shorter)?;
            left -= block.len() as u64;
            if block.iter().all(|byte| *byte == 0) {
                data.holes += block.len() as u64;
                data.blocks.push(FileBlock::Hole);
            } else {
                data.blocks.push(FileBlock::At(self.feed.submit(block)?));
            }
        }
        Ok(())
    }

    fn close_fragment(&mut self) -> io::Result<()> {
        self.job.check()?;
        let block = std::mem::replace(&mut self.fragment, Vec::with_capacity(BLOCK_SIZE));
        self.contents.fragments.push(self.feed.submit(block)?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Contents> {
        if !self.fragment.is_empty() {
            self.close_fragment()?;
        }
        Ok(self.contents)
    }
}

fn shorter(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => invalid("a file is shorter than its layer says"),
        _ => error,
    }
}
