//! What a person or a script sees: results on stdout, logs on stderr, one JSON object with `--json`.

mod level;
mod output;
mod progress;
mod prompt;

pub(crate) use level::Level;
pub(crate) use output::Console;
pub(crate) use progress::Progress;
pub(crate) use prompt::{Answer, ask};
