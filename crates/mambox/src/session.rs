//! One run of the command: the machine, the console, and the runtime for what takes long.

use std::future::Future;
use std::time::Duration;

use mambox_build::Context;

use crate::cli::GlobalArgs;
use crate::contexts::Wishes;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::terminal::Console;

/// How long blocking work may take to notice that it is no longer wanted and to remove its temporary files.
const GRACE: Duration = Duration::from_secs(2);

/// What every subcommand gets.
pub(crate) struct Session {
    /// The surroundings.
    pub(crate) machine: Machine,
    /// Where to speak.
    pub(crate) console: Console,
    /// Options of all subcommands.
    pub(crate) global: GlobalArgs,
}

impl Session {
    /// The context that fulfils the wishes.
    pub(crate) fn context(&self, wishes: Wishes) -> Result<Context, Failure> {
        let wishes = Wishes { cache_dir: self.global.cache_dir.clone(), ..wishes };
        wishes.context(&self.machine, &self.console)
    }

    /// Runs the work to its end, or until Ctrl-C or SIGTERM; then the work is dropped, and with it go its
    /// temporary files.
    pub(crate) fn block_on<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        // Fails if an embedding program chose a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(self.machine.processors.clamp(2, 8))
            .build()
            .map_err(|error| Failure::Machine(format!("cannot start worker threads: {error}")))?;
        let result = runtime.block_on(async {
            tokio::select! {
                biased;
                interruption = interrupted() => Err(interruption),
                result = work => result.map_err(Into::into),
            }
        });
        runtime.shutdown_timeout(GRACE);
        result
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn interrupted() -> Failure {
    let no_signals = |error| Failure::Machine(format!("cannot listen for signals: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = match signal(SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(error) => return no_signals(error),
        };
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.err().map_or(Failure::Interrupted, no_signals),
            _ = terminate.recv() => Failure::Interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.err().map_or(Failure::Interrupted, no_signals)
}
