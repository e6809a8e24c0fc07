//! Stops blocking work when nobody waits for it any more.
//!
//! A dropped future (Ctrl-C, a failure elsewhere) cannot stop a thread; the thread notices at its next
//! write and fails, so that its temporary files go away as after any failure.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Says, when dropped, that the work is in vain.
#[derive(Debug, Default)]
pub(crate) struct CancelOnDrop(Arc<AtomicBool>);

/// Asks whether it is.
#[derive(Debug, Clone)]
pub(crate) struct Cancelled(Arc<AtomicBool>);

impl CancelOnDrop {
    /// What the thread looks at.
    pub(crate) fn watch(&self) -> Cancelled {
        Cancelled(self.0.clone())
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Cancelled {
    /// Whether nobody waits any more.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Comes back once nobody waits any more.
    pub(crate) async fn wait(&self) {
        while !self.is_set() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A writer that fails once nobody waits.
    pub(crate) fn guard<W: Write>(&self, inner: W) -> Guarded<W> {
        Guarded { inner, cancelled: self.clone() }
    }
}

/// See [`Cancelled::guard`].
pub(crate) struct Guarded<W> {
    inner: W,
    cancelled: Cancelled,
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.cancelled.is_set() {
            // Not `Interrupted`, which `write_all` would try again.
            return Err(io::Error::other("interrupted"));
        }
        self.inner.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_guard_stops_the_writer() {
        let guard = CancelOnDrop::default();
        let mut writer = guard.watch().guard(Vec::new());
        writer.write_all(b"a").unwrap();
        drop(guard);
        assert!(writer.write_all(b"b").is_err());
    }
}
