//! A tar cut into blocks of one size, which are compressed here or by other threads and written in their order.

use std::collections::VecDeque;
use std::io::{self, Write};

use flate2::Crc;

use super::Compression;
use super::pack::{Block, Packed, Packer, gzip_trailer};
use super::pool::{Compressors, Ticket};

/// Compresses what is written to it. Where a block ends depends on the number of bytes before it and on nothing else.
pub(super) struct Blocks<W> {
    sink: W,
    packer: Packer,
    helpers: Option<Compressors>,
    block: Block,
    /// Blocks that are compressed elsewhere, oldest first.
    ahead: VecDeque<Ticket>,
    crc: Crc,
    tar_size: u64,
}

impl<W: Write> Blocks<W> {
    pub(super) fn new(compression: Compression, sink: W, helpers: Option<Compressors>) -> io::Result<Self> {
        let packer = Packer::new(compression)?;
        let block = Block::first();
        Ok(Self { sink, packer, helpers, block, ahead: VecDeque::new(), crc: Crc::new(), tar_size: 0 })
    }

    /// Compresses the rest, writes everything, and gives the sink back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        // Others are at work on what is ahead of it; there is nothing better to do here.
        let last = self.packer.pack(&std::mem::take(&mut self.block).last())?;
        while let Some(ticket) = self.ahead.pop_front() {
            self.put(ticket.wait()?)?;
        }
        self.put(last)?;
        if let Compression::Gzip(_) = self.packer.compression {
            self.sink.write_all(&gzip_trailer(&self.crc, self.tar_size))?;
        }
        Ok(self.sink)
    }

    fn put(&mut self, packed: Packed) -> io::Result<()> {
        self.crc.combine(&packed.crc);
        self.sink.write_all(&packed.bytes)
    }

    /// Writes the blocks that are ready.
    fn put_ready(&mut self) -> io::Result<()> {
        while let Some(packed) = self.ahead.front().and_then(Ticket::poll) {
            self.ahead.pop_front();
            self.put(packed?)?;
        }
        Ok(())
    }

    /// Has a full block compressed by somebody who is free, else waits for the oldest of our own, else does it here.
    fn compress(&mut self, mut block: Block) -> io::Result<()> {
        self.put_ready()?;
        while let Some(helpers) = &self.helpers {
            block = match helpers.submit(self.packer.compression, block) {
                Ok(ticket) => {
                    self.ahead.push_back(ticket);
                    return Ok(());
                }
                Err(block) => block,
            };
            let Some(oldest) = self.ahead.pop_front() else { break };
            self.put(oldest.wait()?)?;
        }
        let packed = self.packer.pack(&block)?;
        self.put(packed)
    }
}

impl<W: Write> Write for Blocks<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let compression = self.packer.compression;
        let mut taken = self.block.fill(compression, buffer);
        if taken == 0 {
            // Not before there is more to come, since the last block is marked as such.
            let next = self.block.next(compression);
            let full = std::mem::replace(&mut self.block, next);
            self.compress(full)?;
            taken = self.block.fill(compression, buffer);
        }
        self.tar_size += taken as u64;
        Ok(taken)
    }

    /// Does nothing: to end a block early would change the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
