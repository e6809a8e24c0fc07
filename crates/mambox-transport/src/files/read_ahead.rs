//! Reading on threads beside, since unpacking and hashing a layer takes longer than looking at what is in it.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use mambox_oci::Layer;

/// Bytes that are handed over at once.
const CHUNK: usize = 256 << 10;
/// Chunks that wait for their reader: a small layer fits whole.
const CHUNKS: usize = 16;

/// A layer's uncompressed tar, read by a thread that is up to 4 MiB ahead. It stops soon after this is dropped.
pub(crate) struct ReadAhead {
    /// An empty chunk is the end.
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    place: usize,
    ended: bool,
}

impl ReadAhead {
    fn of(layer: &Layer) -> Self {
        let (sender, chunks) = sync_channel(CHUNKS);
        let layer = layer.clone();
        thread::spawn(move || {
            if let Err(error) = send(&layer, &sender) {
                // Where nobody listens any more, nobody asks.
                let _ = sender.send(Err(error));
            }
        });
        Self { chunks, chunk: Vec::new(), place: 0, ended: false }
    }
}

fn send(layer: &Layer, sender: &SyncSender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let mut tar = layer.open_tar()?;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        tar.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        let ended = chunk.is_empty();
        if sender.send(Ok(chunk)).is_err() || ended {
            return Ok(());
        }
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.place == self.chunk.len() && !self.ended && !buffer.is_empty() {
            let died = |_| io::Error::other("a thread that read a layer died");
            self.chunk = self.chunks.recv().map_err(died)??;
            self.place = 0;
            self.ended = self.chunk.is_empty();
        }
        let read = buffer.len().min(self.chunk.len() - self.place);
        buffer[..read].copy_from_slice(&self.chunk[self.place..self.place + read]);
        self.place += read;
        Ok(read)
    }
}

/// The layers in their order, with the next ones begun already: so many are read at a time.
pub(crate) fn read_ahead<'a>(
    layers: impl Iterator<Item = &'a Layer>,
    at_once: usize,
) -> impl Iterator<Item = (&'a Layer, ReadAhead)> {
    let mut waiting = layers.fuse();
    let mut begun = VecDeque::new();
    std::iter::from_fn(move || {
        while begun.len() < at_once.max(1)
            && let Some(layer) = waiting.next()
        {
            begun.push_back((layer, ReadAhead::of(layer)));
        }
        begun.pop_front()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::{Compression, Descriptor, DiffId, Digest, History, MediaType, MemoryBlob};

    fn read(layers: &[Layer], at_once: usize) -> Vec<Vec<u8>> {
        let all = |(_, mut tar): (&Layer, ReadAhead)| {
            let mut bytes = Vec::new();
            tar.read_to_end(&mut bytes).unwrap();
            bytes
        };
        read_ahead(layers.iter(), at_once).map(all).collect()
    }

    #[test]
    fn layers_come_in_order_and_whole() {
        let contents: Vec<Vec<u8>> = (0..7u8).map(|n| vec![n; CHUNK * usize::from(n) + 3]).collect();
        let layer =
            |content: &Vec<u8>| Layer::from_tar(content, Compression::ZSTD, History::default()).unwrap();
        let layers: Vec<Layer> = contents.iter().map(layer).collect();
        for at_once in [0, 1, 3, 20] {
            assert!(read(&layers, at_once) == contents, "{at_once}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_layer_is_told_to_its_reader() {
        let digest = Digest::of(b"another");
        let descriptor = Descriptor::new(MediaType::OciLayer, digest, 3);
        let layer =
            Layer::new(descriptor, DiffId(digest), History::default(), MemoryBlob(b"tar".as_slice().into()));
        let (_, mut tar) = read_ahead([&layer].into_iter(), 1).next().unwrap();
        let error = tar.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("instead"), "{error}");
    }
}
