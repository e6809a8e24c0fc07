//! Carries download progress from rattler's tasks to whoever awaits them.

use std::{collections::HashMap, sync::Mutex};

use rattler_repodata_gateway::{DownloadReporter, Reporter};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

/// Rattler wants a reporter that lives forever, ours lives on a stack: a channel lies between them.
pub(crate) struct DownloadEvents {
    bytes: UnboundedSender<u64>,
    /// URL → bytes seen so far, since rattler reports totals.
    seen: Mutex<HashMap<Url, u64>>,
}

impl DownloadEvents {
    /// The reporter, and the receiver of byte counts (each since the last one).
    pub(crate) fn new() -> (Self, UnboundedReceiver<u64>) {
        let (bytes, received) = unbounded_channel();
        (Self { bytes, seen: Mutex::default() }, received)
    }
}

impl DownloadReporter for DownloadEvents {
    fn on_download_progress(&self, url: &Url, _index: usize, downloaded: usize, _total: Option<usize>) {
        let Ok(mut seen) = self.seen.lock() else { return };
        let before = seen.insert(url.clone(), downloaded as u64).unwrap_or(0);
        // Nobody listens any more when the query was dropped.
        let _ = self.bytes.send((downloaded as u64).saturating_sub(before));
    }
}

impl Reporter for DownloadEvents {
    fn download_reporter(&self) -> Option<&dyn DownloadReporter> {
        Some(self)
    }
}
