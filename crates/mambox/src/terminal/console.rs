//! The two streams of a command: results on stdout, everything else on stderr.

use std::io::{self, Write};
use std::sync::Arc;

use mambox_progress::Reporter;
use serde::Serialize;

use super::progress::{ProgressMode, Screen};
use super::style::Style;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where a command speaks.
pub(crate) struct Console {
    mode: ProgressMode,
    quiet: bool,
    out: Style,
    err: Style,
    screen: Arc<dyn Screen>,
}

impl Console {
    /// A console with these manners; `mode` is resolved.
    pub(crate) fn new(mode: ProgressMode, quiet: bool, out: Style, err: Style) -> Self {
        Self { mode, quiet, out, err, screen: mode.screen(err) }
    }

    /// Who listens to progress.
    pub(crate) fn reporter(&self) -> Arc<dyn Reporter> {
        self.screen.clone()
    }

    /// Whether only the bare result is wanted.
    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    /// The style of results.
    pub(crate) fn style(&self) -> Style {
        self.out
    }

    /// Writes a result to stdout.
    pub(crate) fn result(&self, text: &str) -> Result<(), Failure> {
        self.screen.clear();
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Io { action: "write to", path: "standard output".into(), source: error },
        })
    }

    /// Writes a result to stdout as JSON.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::Machine(format!("the result cannot be written as JSON: {error}")))?;
        self.result(&(text + "\n"))
    }

    /// Tells the person something on stderr, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let reporter: &dyn Reporter = &*self.screen;
            reporter.note(text);
        }
    }

    /// Says on stderr why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        self.screen.clear();
        let exit = failure.exit();
        if !matches!(failure, Failure::BrokenPipe) {
            let report = failure.report();
            let text = match self.mode {
                ProgressMode::Json => format!("{}\n", report.json(exit)),
                _ if matches!(failure, Failure::Interrupted) => "interrupted\n".into(),
                _ => report.render(self.err),
            };
            // There is nowhere left to complain.
            let _ = io::stderr().write_all(text.as_bytes());
        }
        exit
    }
}
