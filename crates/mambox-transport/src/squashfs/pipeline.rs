//! Packing blocks on several threads, in one order.
//!
//! The thread that cuts blocks hands them to whoever is free, and a ticket for each to the thread that
//! writes, which takes the results in the order of the tickets. So many tickets may wait and no more, which
//! bounds the memory. The result cannot depend on the number of threads.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use mambox_oci::Compression;

use super::block::{BlockNumber, Placed};
use super::compressor::Compressor;

/// Blocks in flight for each thread.
const IN_FLIGHT: usize = 4;

struct Work {
    block: Vec<u8>,
    done: SyncSender<io::Result<Packed>>,
}

struct Packed {
    bytes: Vec<u8>,
    plain: bool,
}

/// Where blocks are handed in.
pub(super) struct Feed {
    work: SyncSender<Work>,
    tickets: SyncSender<Receiver<io::Result<Packed>>>,
    count: usize,
}

impl Feed {
    /// Hands a block in; waits while too many are on their way. An error says only that the writer has
    /// stopped; [`run`] tells why.
    pub(super) fn submit(&mut self, block: Vec<u8>) -> io::Result<BlockNumber> {
        let (done, ticket) = sync_channel(1);
        let stopped = || io::Error::new(io::ErrorKind::BrokenPipe, "the writer has stopped");
        self.tickets.send(ticket).map_err(|_| stopped())?;
        self.work.send(Work { block, done }).map_err(|_| stopped())?;
        self.count += 1;
        Ok(BlockNumber(self.count - 1))
    }
}

/// Runs `feed`, and writes its blocks from the place `start` on. Returns what `feed` does, and all places.
pub(super) fn run<T>(
    compression: Compression,
    threads: usize,
    start: u64,
    out: &mut (impl Write + Send),
    feed: impl FnOnce(&mut Feed) -> io::Result<T>,
) -> io::Result<(T, Vec<Placed>)> {
    let threads = threads.clamp(1, 256);
    let (work, queue) = sync_channel::<Work>(threads * IN_FLIGHT);
    let (tickets, order) = sync_channel(threads * IN_FLIGHT);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| pack(compression, &queue));
        }
        let writer = scope.spawn(move || write(start, order, out));
        let fed = feed(&mut Feed { work, tickets, count: 0 });
        let died = |_| Err(io::Error::other("a thread that wrote blocks died"));
        // What stopped the writer is the cause of whatever the feed says then.
        let placed = writer.join().unwrap_or_else(died)?;
        Ok((fed?, placed))
    })
}

fn pack(compression: Compression, queue: &Mutex<Receiver<Work>>) {
    let mut compressor = Compressor::new(compression);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Work { block, done }) = next else { return };
        let packed = match &mut compressor {
            Ok(compressor) => compressor.pack(&block).map(|packed| packed.map(<[u8]>::to_vec)),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        // Where nobody waits for it, the writer has stopped.
        let _ = done.send(packed.map(|packed| match packed {
            Some(bytes) => Packed { bytes, plain: false },
            None => Packed { bytes: block, plain: true },
        }));
    }
}

fn write(
    mut place: u64,
    order: Receiver<Receiver<io::Result<Packed>>>,
    out: &mut impl Write,
) -> io::Result<Vec<Placed>> {
    let mut placed = Vec::new();
    for ticket in order {
        // A ticket without an answer: the feed stopped between the two.
        let Ok(packed) = ticket.recv() else { continue };
        let Packed { bytes, plain } = packed?;
        out.write_all(&bytes)?;
        placed.push(Placed::new(place, bytes.len(), plain));
        place += bytes.len() as u64;
    }
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(threads: usize) -> (Vec<u8>, Vec<Placed>) {
        let mut out = Vec::new();
        let (_, placed) = run(Compression::ZSTD, threads, 96, &mut out, |feed| {
            (0..200).try_for_each(|n: usize| feed.submit(vec![n as u8; n * 50 + 1]).map(drop))
        })
        .unwrap();
        (out, placed)
    }

    #[test]
    fn the_number_of_threads_does_not_show() {
        let one = packed(1);
        assert_eq!(one.1.len(), 200);
        assert_eq!(one.1[0], Placed::new(96, 1, true));
        assert_eq!(packed(8), one);
    }

    #[test]
    fn a_full_disk_ends_it_and_is_what_is_told() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let endless = |feed: &mut Feed| loop {
            feed.submit(vec![1; 1000])?;
        };
        let outcome: io::Result<((), _)> = run(Compression::None, 2, 0, &mut Full(5000), endless);
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_failure_of_the_feed_is_passed_on() {
        let fail = |feed: &mut Feed| -> io::Result<()> {
            feed.submit(vec![1])?;
            Err(io::ErrorKind::InvalidData.into())
        };
        let outcome = run(Compression::None, 2, 0, &mut Vec::new(), fail);
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
