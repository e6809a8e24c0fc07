//! How progress is shown, and who shows it.

use std::sync::Arc;

use clap::ValueEnum;
use mambox_progress::{Event, Reporter, Stage};

use super::bars::Bars;
use super::json_lines::JsonLines;
use super::plain_lines::PlainLines;
use super::style::Style;

/// How progress is shown on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProgressMode {
    /// Bars on a terminal, plain lines elsewhere
    #[default]
    Auto,
    /// A line for each finished step
    Plain,
    /// A JSON object for each event, one a line; errors, too
    Json,
    /// Warnings only
    None,
}

/// A listener that may have something on the screen.
pub(crate) trait Screen: Reporter {
    /// Removes what moves, before other text is written.
    fn clear(&self) {}
}

/// Shows warnings, and nothing else.
struct WarningsOnly(PlainLines<std::io::Stderr>);

impl Reporter for WarningsOnly {
    fn report(&self, event: Event) {
        if matches!(event, Event::Warning { .. }) {
            self.0.report(event);
        }
    }
}

impl Screen for WarningsOnly {}

impl ProgressMode {
    /// What `auto` means here.
    pub(crate) fn resolved(self, terminal: bool, quiet: bool) -> Self {
        match self {
            Self::Json => Self::Json,
            _ if quiet => Self::None,
            Self::Auto if terminal => Self::Auto,
            Self::Auto => Self::Plain,
            other => other,
        }
    }

    /// The listener of a resolved mode; `Auto` means bars.
    pub(crate) fn screen(self, style: Style) -> Arc<dyn Screen> {
        match self {
            Self::Auto => Arc::new(Bars::new(style)),
            Self::Plain => Arc::new(PlainLines::new(std::io::stderr(), style)),
            Self::Json => Arc::new(JsonLines::new(std::io::stderr())),
            Self::None => Arc::new(WarningsOnly(PlainLines::new(std::io::stderr(), style))),
        }
    }
}

/// What a stage does, in one word.
pub(super) fn verb(stage: Stage) -> &'static str {
    match stage {
        Stage::Base => "base",
        Stage::Repodata => "repodata",
        Stage::Solve => "solve",
        Stage::Fetch => "fetch",
        Stage::Layer => "layer",
        Stage::Run => "run",
        Stage::Write => "write",
        Stage::Push => "push",
        Stage::Load => "load",
        Stage::Verify => "verify",
    }
}
