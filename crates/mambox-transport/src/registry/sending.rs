//! The body of an upload, and how far it has come.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream;
use mambox_progress::Task;
use reqwest::Body;
use tokio::sync::mpsc;

use super::upload::Content;

const CHUNK: usize = 256 << 10;

/// Reports only what no earlier try had reached.
pub(crate) struct HighWater<'a> {
    task: &'a Task<'a>,
    reached: AtomicU64,
}

impl<'a> HighWater<'a> {
    pub(crate) fn new(task: &'a Task<'a>) -> Self {
        Self { task, reached: AtomicU64::new(0) }
    }

    pub(crate) fn reach(&self, sent: u64) {
        let before = self.reached.fetch_max(sent, Ordering::Relaxed);
        if sent > before {
            self.task.advance(sent - before);
        }
    }
}

/// What kept the reading thread from going on.
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Failure {
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

/// A body that a blocking thread reads as fast as the network takes it.
pub(crate) struct Sending {
    pub(crate) body: Body,
    /// How much of the content is on the other side or on its way.
    pub(crate) reached: Arc<AtomicU64>,
    pub(crate) failure: Failure,
}

impl Sending {
    /// The content but for its first `skipped` bytes, which are read and verified all the same.
    pub(crate) fn begin(content: Content, skipped: u64) -> Self {
        let (sender, mut receiver) = mpsc::channel::<io::Result<Vec<u8>>>(2);
        let (reached, failure) = (Arc::new(AtomicU64::new(skipped)), Failure::default());
        let noted = failure.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = read_into(&content, skipped, &sender) {
                noted.set(error);
                let _ = sender.blocking_send(Err(io::Error::other("the layer cannot be read")));
            }
        });
        let counter = reached.clone();
        let chunks = stream::poll_fn(move |context| {
            let chunk = receiver.poll_recv(context);
            if let std::task::Poll::Ready(Some(Ok(chunk))) = &chunk {
                counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
            chunk
        });
        Self { body: Body::wrap_stream(chunks), reached, failure }
    }
}

/// Sends a chunk only once the next is read: the last one must not leave before the reader has verified
/// the whole, or a damaged layer would be complete on the other side.
fn read_into(content: &Content, skipped: u64, sender: &mpsc::Sender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let mut reader = content.open()?;
    io::copy(&mut reader.by_ref().take(skipped), &mut io::sink())?;
    let mut waiting: Option<Vec<u8>> = None;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        let ended = chunk.is_empty();
        if let Some(chunk) = waiting.replace(chunk)
            && sender.blocking_send(Ok(chunk)).is_err()
        {
            // The request is over; its answer says why.
            return Ok(());
        }
        if ended {
            return Ok(());
        }
    }
}
