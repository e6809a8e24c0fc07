//! Linking and compressing at the same time.
//!
//! A thread of its own hashes the tar, cuts it into the compressor's blocks, and writes what comes out; helpers of the
//! whole build compress. So a large package keeps more than one processor at work.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use mambox_oci::Compression;
use mambox_oci::codec::{Compressors, Encoded, Encoder};

use crate::error::LayerError;

const CHUNK: usize = 256 * 1024;
/// Chunks under way: enough to level out, little enough to forget.
const CHUNKS: usize = 8;

/// Runs `produce`, which writes a tar, and compresses what it writes into `sink`.
pub(crate) fn encode<W: Write + Send, T>(
    compression: Compression,
    helpers: Option<&Compressors>,
    sink: W,
    produce: impl FnOnce(&mut ChunkWriter) -> Result<T, LayerError>,
) -> Result<(T, W, Encoded), LayerError> {
    let encoder = match helpers {
        Some(helpers) => Encoder::with_helpers(compression, sink, helpers),
        None => Encoder::new(compression, sink),
    };
    let encoder = encoder.map_err(LayerError::Sink)?;
    let (full_sender, full) = sync_channel(CHUNKS);
    let (empty_sender, empty) = channel();
    thread::scope(|scope| {
        let consumer = thread::Builder::new().name("encode".into());
        let consumer = consumer.spawn_scoped(scope, move || consume(encoder, &full, &empty_sender));
        let consumer = consumer.map_err(LayerError::Sink)?;
        let mut writer = ChunkWriter { chunk: Vec::with_capacity(CHUNK), full: full_sender, empty };
        let produced = produce(&mut writer).and_then(|product| {
            writer.send().map_err(LayerError::Sink)?;
            Ok(product)
        });
        drop(writer);
        let consumed = consumer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match (produced, consumed) {
            // The consumer's error is the cause where both have one.
            (Ok(_) | Err(LayerError::Sink(_)), Err(error)) => Err(LayerError::Sink(error)),
            (Err(error), _) => Err(error),
            (Ok(product), Ok((sink, encoded))) => Ok((product, sink, encoded)),
        }
    })
}

fn consume<W: Write>(
    mut encoder: Encoder<W>,
    full: &Receiver<Vec<u8>>,
    empty: &Sender<Vec<u8>>,
) -> io::Result<(W, Encoded)> {
    for mut chunk in full {
        encoder.write_all(&chunk)?;
        chunk.clear();
        // Nobody waits for it once the producer is done.
        let _ = empty.send(chunk);
    }
    encoder.finish()
}

/// Collects what is written into chunks.
pub(crate) struct ChunkWriter {
    chunk: Vec<u8>,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl ChunkWriter {
    fn send(&mut self) -> io::Result<()> {
        let next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        let chunk = std::mem::replace(&mut self.chunk, next);
        self.full.send(chunk).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for ChunkWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let taken = buffer.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&buffer[..taken]);
        if self.chunk.len() == CHUNK {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
