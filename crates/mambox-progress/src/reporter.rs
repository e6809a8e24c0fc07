//! Who listens, and the guard that keeps begin and end in pairs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Event, Outcome, Stage, TaskId, Unit};

/// Takes events from any thread. An implementation must be quick and must not fail.
pub trait Reporter: Send + Sync {
    /// Takes one event.
    fn report(&self, event: Event);
}

impl dyn Reporter + '_ {
    /// Begins a task; it ends when the guard is finished or dropped (a dropped one has failed).
    pub fn begin(&self, stage: Stage, name: impl Into<String>, total: Option<u64>, unit: Unit) -> Task<'_> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = TaskId(NEXT.fetch_add(1, Ordering::Relaxed));
        self.report(Event::Begin { task: id, stage, name: name.into(), total, unit });
        Task { reporter: self, id, open: true }
    }

    /// Tells the person about something odd that does not stop the work.
    pub fn warn(&self, text: impl Into<String>) {
        self.report(Event::Warning { text: text.into() });
    }

    /// Tells the person something of interest.
    pub fn note(&self, text: impl Into<String>) {
        self.report(Event::Note { text: text.into() });
    }
}

/// A running task.
pub struct Task<'a> {
    reporter: &'a dyn Reporter,
    id: TaskId,
    open: bool,
}

impl Task<'_> {
    /// Says that `by` more bytes or items are done.
    pub fn advance(&self, by: u64) {
        self.reporter.report(Event::Advance { task: self.id, by });
    }

    /// Ends the task.
    pub fn finish(mut self, outcome: Outcome) {
        self.open = false;
        self.reporter.report(Event::End { task: self.id, outcome });
    }
}

impl Drop for Task<'_> {
    fn drop(&mut self) {
        if self.open {
            self.reporter.report(Event::End { task: self.id, outcome: Outcome::Failed });
        }
    }
}

/// Listens to nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _event: Event) {}
}

/// Keeps every event, for tests.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    /// What was reported so far, in order.
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().map(|events| events.clone()).unwrap_or_default()
    }
}

impl Reporter for Recorder {
    fn report(&self, event: Event) {
        if let Ok(mut events) = self.0.lock() {
            events.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_task_has_failed() {
        let recorder = Recorder::default();
        let reporter: &dyn Reporter = &recorder;
        reporter.begin(Stage::Fetch, "a.conda", Some(3), Unit::Bytes).finish(Outcome::Done);
        drop(reporter.begin(Stage::Fetch, "b.conda", None, Unit::Bytes));
        let outcomes: Vec<_> = recorder
            .events()
            .into_iter()
            .filter_map(|event| if let Event::End { outcome, .. } = event { Some(outcome) } else { None })
            .collect();
        assert_eq!(outcomes, [Outcome::Done, Outcome::Failed]);
    }
}
