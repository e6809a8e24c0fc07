//! Progress for programs: each event as a JSON object on a line of its own.

use std::io::Write;
use std::sync::Mutex;

use mambox_progress::{Event, Reporter};

use super::progress::Screen;

/// Writes JSON lines to `W`.
pub(crate) struct JsonLines<W>(Mutex<W>);

impl<W: Write> JsonLines<W> {
    /// A listener that writes to `out`.
    pub(crate) fn new(out: W) -> Self {
        Self(Mutex::new(out))
    }
}

impl<W: Write + Send> Reporter for JsonLines<W> {
    fn report(&self, event: Event) {
        let (Ok(mut line), Ok(mut out)) = (serde_json::to_vec(&event), self.0.lock()) else { return };
        line.push(b'\n');
        // One write for each line, so that other writers do not come between.
        let _ = out.write_all(&line);
    }
}

impl<W: Write + Send> Screen for JsonLines<W> {}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_progress::{Outcome, Stage, TaskId, Unit};

    #[test]
    fn an_event_is_a_line() {
        let lines = JsonLines::new(Vec::new());
        let task = TaskId(7);
        lines.report(Event::Begin {
            task,
            stage: Stage::Fetch,
            name: "a".into(),
            total: Some(3),
            unit: Unit::Bytes,
        });
        lines.report(Event::Advance { task, by: 3 });
        lines.report(Event::End { task, outcome: Outcome::Reused });
        lines.report(Event::Warning { text: "b\nc".into() });
        let text = String::from_utf8(lines.0.into_inner().unwrap()).unwrap();
        insta::assert_snapshot!(text, @r#"
        {"event":"begin","task":7,"stage":"fetch","name":"a","total":3,"unit":"bytes"}
        {"event":"advance","task":7,"by":3}
        {"event":"end","task":7,"outcome":"reused"}
        {"event":"warning","text":"b\nc"}
        "#);
    }
}
