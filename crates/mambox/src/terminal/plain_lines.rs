//! Progress for logs: a line for what was done, none for what was there already.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Mutex;

use mambox_progress::{Event, Outcome, Reporter, Stage, TaskId, Unit};

use super::progress::{Screen, verb};
use super::style::Style;
use super::text::{bytes, clean, clean_line};

/// Writes lines to `W`.
pub(crate) struct PlainLines<W> {
    style: Style,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    running: HashMap<TaskId, Running>,
}

struct Running {
    stage: Stage,
    name: String,
    size: Option<u64>,
}

impl<W: Write> PlainLines<W> {
    /// A listener that writes to `out`.
    pub(crate) fn new(out: W, style: Style) -> Self {
        Self { style, state: Mutex::new(State { out, running: HashMap::new() }) }
    }
}

/// Stages of few long tasks, which are announced; the others have many, of which each is reported when done.
fn is_announced(stage: Stage) -> bool {
    !matches!(stage, Stage::Fetch | Stage::Layer)
}

impl<W: Write + Send> Reporter for PlainLines<W> {
    fn report(&self, event: Event) {
        let Ok(mut state) = self.state.lock() else { return };
        let line = match event {
            Event::Begin { stage, name, .. } if is_announced(stage) => {
                format!("{:<8}  {}", verb(stage), clean_line(&name))
            }
            Event::Begin { task, stage, name, total, unit } => {
                let size = total.filter(|_| unit == Unit::Bytes);
                state.running.insert(task, Running { stage, name, size });
                return;
            }
            Event::Advance { .. } => return,
            Event::End { task, outcome } => match (state.running.remove(&task), outcome) {
                (Some(Running { stage, name, size }), Outcome::Done) => {
                    let size = size.map(|size| format!(" ({})", bytes(size))).unwrap_or_default();
                    format!("{:<8}  {}{size}", verb(stage), clean_line(&name))
                }
                _ => return,
            },
            Event::Warning { text } => format!("{} {}", self.style.warning("warning:"), clean(&text)),
            Event::Note { text } => clean(&text),
        };
        // Progress that nobody can read is no reason to stop.
        let _ = writeln!(state.out, "{line}");
    }
}

impl<W: Write + Send> Screen for PlainLines<W> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_done_is_a_line_and_work_spared_is_none() {
        let lines = PlainLines::new(Vec::new(), Style::PLAIN);
        let on: &dyn Reporter = &lines;
        on.begin(Stage::Solve, "linux-64", None, Unit::Items).finish(Outcome::Done);
        let fetch = on.begin(Stage::Fetch, "zlib-1.3.1-h_0.conda", Some(4100), Unit::Bytes);
        fetch.advance(4100);
        fetch.finish(Outcome::Done);
        on.begin(Stage::Fetch, "jq-1.8-h_0.conda", Some(1), Unit::Bytes).finish(Outcome::Reused);
        on.begin(Stage::Layer, "zlib\n-1.3.1", None, Unit::Bytes).finish(Outcome::Done);
        drop(on.begin(Stage::Layer, "jq", None, Unit::Bytes));
        on.warn("two packages\nshare a path");
        on.note("done");
        let text = String::from_utf8(lines.state.into_inner().unwrap().out).unwrap();
        insta::assert_snapshot!(text, @r"
        solve     linux-64
        fetch     zlib-1.3.1-h_0.conda (4.1 kB)
        layer     zlib\n-1.3.1
        warning: two packages
        share a path
        done
        ");
    }
}
