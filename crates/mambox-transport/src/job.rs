//! Blocking file work beside asynchronous code.

use std::io;

use mambox_progress::{Event, Reporter};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::TransportError;

/// What a piece of blocking work holds of whoever waits for it: a way to report, and to notice that
/// nobody waits any more (the future was dropped, as on Ctrl-C).
#[derive(Clone)]
pub(crate) struct Job(UnboundedSender<Event>);

impl Reporter for Job {
    fn report(&self, event: Event) {
        // Nobody listens after a cancellation.
        let _ = self.0.send(event);
    }
}

impl Job {
    /// Fails if the work was cancelled; called between chunks, and before anything becomes visible.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.0.is_closed() {
            true => Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted")),
            false => Ok(()),
        }
    }
}

/// Runs blocking work on a thread for such work and passes its events on; `what` names it should the
/// thread die. Once the future is dropped the work stops at its next [`Job::check`].
pub(crate) async fn blocking<T: Send + 'static>(
    what: impl Into<String>,
    on: &dyn Reporter,
    work: impl FnOnce(&Job) -> Result<T, TransportError> + Send + 'static,
) -> Result<T, TransportError> {
    let (sender, mut events) = unbounded_channel();
    let job = Job(sender);
    let running = tokio::task::spawn_blocking(move || work(&job));
    while let Some(event) = events.recv().await {
        on.report(event);
    }
    running.await.unwrap_or_else(|_| Err(TransportError::Worker(what.into())))
}
