//! Threads that compress, for all layers of a build together.
//!
//! A layer hands its blocks in and takes them back in its own order. How many blocks may be under way is counted for all
//! layers together, which bounds the memory; what comes out cannot depend on it.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Compression;
use super::pack::{Block, Packed, Packer};

/// Blocks under way for each thread: one that is compressed, one that waits.
const UNDER_WAY: usize = 2;
/// More threads than this are nobody's processors.
const MOST: usize = 256;

/// Threads that compress blocks of layers; they end with the last handle. Clones share them.
#[derive(Debug, Clone)]
pub struct Compressors {
    work: Sender<Work>,
    free: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Work {
    compression: Compression,
    block: Block,
    done: SyncSender<io::Result<Packed>>,
}

/// A block that was handed in. What came of it counts as under way until it is taken.
#[derive(Debug)]
pub(super) struct Ticket {
    done: Receiver<io::Result<Packed>>,
    free: Arc<AtomicUsize>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.free.fetch_add(1, Ordering::Relaxed);
    }
}

impl Compressors {
    /// Starts so many threads, or as many as the system gives: with none, every layer is compressed where it is written.
    pub fn new(threads: usize) -> Self {
        let (work, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let start = || {
            let queue = queue.clone();
            thread::Builder::new().name("compress".into()).spawn(move || pack(&queue))
        };
        let started = (0..threads.min(MOST)).map_while(|_| start().ok()).count();
        Self { work, free: Arc::new(AtomicUsize::new(started * UNDER_WAY)) }
    }

    /// Hands a block in, or gives it back where too many are under way.
    pub(super) fn submit(&self, compression: Compression, block: Block) -> Result<Ticket, Block> {
        let take = |free: usize| free.checked_sub(1);
        if self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
            return Err(block);
        }
        let (done, ticket) = sync_channel(1);
        let ticket = Ticket { done: ticket, free: self.free.clone() };
        match self.work.send(Work { compression, block, done }) {
            Ok(()) => Ok(ticket),
            Err(unsent) => Err(unsent.0.block),
        }
    }
}

impl Ticket {
    /// The block, if it is ready.
    pub(super) fn poll(&self) -> Option<io::Result<Packed>> {
        self.done.try_recv().ok()
    }

    /// Waits for the block.
    pub(super) fn wait(self) -> io::Result<Packed> {
        self.done.recv().unwrap_or_else(|_| Err(io::Error::other("a thread that compresses has died")))
    }
}

fn pack(queue: &Mutex<Receiver<Work>>) {
    let mut packer = None;
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Work { compression, block, done }) = next else { return };
        // Where nobody waits for it, the layer has failed.
        let _ = done.send(pack_one(&mut packer, compression, &block));
    }
}

/// Compresses a block with the packer of the one before, if it was of the same kind.
fn pack_one(packer: &mut Option<Packer>, compression: Compression, block: &Block) -> io::Result<Packed> {
    let packer = match packer {
        Some(packer) if packer.compression == compression => packer,
        _ => packer.insert(Packer::new(compression)?),
    };
    packer.pack(block)
}
