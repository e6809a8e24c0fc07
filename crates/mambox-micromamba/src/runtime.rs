//! The async runtime, and what Ctrl-C does: it ends waiting at once, and a transaction at the next file.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::failure::{Failure, Outcome};

/// Tells whether somebody wants the program to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    flag: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Cancel {
    /// For work that looks at it from time to time.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// Waits for work, unless the program shall end. What is dropped then leaves nothing half-written.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        if self.flag.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        tokio::select! {
            result = work => result,
            () = self.notify.notified() => Err(Failure::Interrupted),
        }
    }

    fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
        self.notify.notify_waiters();
    }
}

/// Runs async work to its end. SIGINT, SIGTERM and SIGHUP cancel it.
pub(crate) fn block_on<T, F: Future<Output = Outcome<T>>>(work: impl FnOnce(Cancel) -> F) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::because("cannot start threads"))?;
    let cancel = Cancel::default();
    runtime.block_on(async {
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            // Where signals cannot be caught, they end the program as they always do.
            let Ok(mut signals) = signal(kind) else { continue };
            let cancel = cancel.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    cancel.cancel();
                }
            });
        }
        work(cancel.clone()).await
    })
}
