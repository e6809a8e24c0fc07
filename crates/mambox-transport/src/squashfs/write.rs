//! The file system's parts, in their order.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use mambox_oci::Compression;

use super::block::Placed;
use super::data::{Contents, DataWriter};
use super::format::{DEVICE_BLOCK, METADATA_PLAIN, SUPERBLOCK_SIZE, Superblock, compressor_options};
use super::metadata::Metadata;
use super::pipeline;
use super::tables::tables;
use crate::job::Job;
use crate::tree::{Node, Tree};

/// How to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Codec and level; it decides the bytes.
    pub(crate) compression: Compression,
    /// Threads that pack; it does not.
    pub(crate) threads: usize,
    /// When the file system was made: seconds since the epoch.
    pub(crate) time: u32,
}

/// Writes a file system into `file` from the byte `start` on, and returns its size. `fill` hands in the content
/// of every regular file of the tree that is not empty. `root` describes the root folder.
///
/// Fails on what the tree or `fill` say, and on what the disk says; the file is of no use then.
pub(crate) fn write(
    file: &mut File,
    start: u64,
    tree: &Tree,
    root: &Node,
    options: Options,
    job: &Job,
    fill: impl FnOnce(&mut DataWriter<'_>) -> io::Result<()>,
) -> io::Result<u64> {
    let compression = options.compression;
    file.seek(SeekFrom::Start(start))?;
    let mut out = BufWriter::with_capacity(1 << 18, &mut *file);
    let head = head(compression);
    out.write_all(&head)?;
    let feed = |feed: &mut pipeline::Feed| {
        let mut data = DataWriter::new(feed, job);
        fill(&mut data)?;
        data.finish()
    };
    let (contents, placed) = pipeline::run(compression, options.threads, head.len() as u64, &mut out, feed)?;
    let end = placed.last().map_or(head.len() as u64, |last| last.start + stored(last));
    let made = tables(tree, root, &contents, &placed, compression)?;
    let mut writer = Tail { out: &mut out, place: end };
    let inode_table = writer.put(&made.inodes)?;
    let directory_table = writer.put(&made.directories)?;
    let fragment_table = writer.lookup(fragments(&contents, &placed), compression)?;
    let id_table = writer.lookup([0u32.to_le_bytes().to_vec()].into_iter(), compression)?;
    let size = writer.place;
    let padded = size.next_multiple_of(DEVICE_BLOCK);
    writer.put(&vec![0; (padded - size) as usize])?;
    out.flush()?;
    drop(out);
    let superblock = Superblock {
        inodes: made.count,
        time: options.time,
        fragments: contents.fragments.len() as u32,
        compression,
        root: made.root.reference(),
        size,
        id_table,
        inode_table,
        directory_table,
        fragment_table,
    };
    file.seek(SeekFrom::Start(start))?;
    file.write_all(&superblock.bytes())?;
    file.seek(SeekFrom::Start(start + padded))?;
    Ok(padded)
}

/// Room for the superblock, and the compressor's options.
fn head(compression: Compression) -> Vec<u8> {
    let mut head = vec![0; SUPERBLOCK_SIZE];
    if let Some(options) = compressor_options(compression) {
        head.extend((options.len() as u16 | METADATA_PLAIN).to_le_bytes());
        head.extend(options);
    }
    head
}

fn stored(block: &Placed) -> u64 {
    u64::from(block.size & !super::format::DATA_PLAIN)
}

/// The fragment table's records: place, size, four bytes of nothing.
fn fragments<'a>(contents: &'a Contents, placed: &'a [Placed]) -> impl Iterator<Item = Vec<u8>> + 'a {
    contents.fragments.iter().filter_map(|number| placed.get(number.0)).map(|block| {
        let mut record = block.start.to_le_bytes().to_vec();
        record.extend(block.size.to_le_bytes());
        record.extend([0; 4]);
        record
    })
}

/// What comes behind the data.
struct Tail<'a, W> {
    out: &'a mut W,
    /// Bytes from the superblock's beginning.
    place: u64,
}

impl<W: Write> Tail<'_, W> {
    /// Writes bytes; tells where they begin.
    fn put(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let place = self.place;
        self.out.write_all(bytes)?;
        self.place += bytes.len() as u64;
        Ok(place)
    }

    /// Writes a table that is found through a list of its blocks; tells where the list begins.
    fn lookup(
        &mut self,
        records: impl Iterator<Item = Vec<u8>>,
        compression: Compression,
    ) -> io::Result<u64> {
        let mut table = Metadata::new(compression)?;
        for record in records {
            table.write(&record)?;
        }
        let (bytes, blocks) = table.finish()?;
        let place = self.put(&bytes)?;
        let list: Vec<u8> = blocks.iter().flat_map(|block| (place + block).to_le_bytes()).collect();
        self.put(&list)
    }
}
