//! Progress of channels and downloads: bars on a terminal, a few plain lines elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use mambox_progress::{Event, Outcome, Reporter, Stage, TaskId, Unit};

use super::Console;

/// Names longer than this are cut on a terminal.
const NAME_WIDTH: usize = 40;

/// Takes the events of solving and fetching.
pub(crate) struct Progress {
    console: Arc<Console>,
    bars: Option<MultiProgress>,
    running: Mutex<HashMap<TaskId, Running>>,
}

struct Running {
    stage: Stage,
    name: String,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Draws or writes on this console.
    pub(crate) fn new(console: Arc<Console>) -> Self {
        let bars = console.bars.then(MultiProgress::new);
        Self { console, bars, running: Mutex::default() }
    }

    fn begin(&self, stage: Stage, name: &str, total: Option<u64>, unit: Unit) -> Option<ProgressBar> {
        let bars = self.bars.as_ref()?;
        let bar = bars.add(match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        });
        bar.set_style(style(stage, total.is_some(), unit));
        let name: String = name.chars().take(NAME_WIDTH).collect();
        bar.set_prefix(format!("{name:NAME_WIDTH$}"));
        bar.enable_steady_tick(Duration::from_millis(100));
        Some(bar)
    }

    fn end(&self, running: Running, outcome: Outcome) {
        if let Some(bar) = running.bar {
            match running.stage {
                // Channels stay to be seen, packages would scroll everything away.
                Stage::Repodata => bar.finish_with_message(word(outcome)),
                _ => bar.finish_and_clear(),
            }
            return;
        }
        if running.stage == Stage::Repodata {
            self.console.say(format!("{:<50} {}", running.name, word(outcome)));
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "Downloaded",
        Outcome::Reused => "Using cache",
        Outcome::Failed => "Failed",
    }
}

fn style(stage: Stage, sized: bool, unit: Unit) -> ProgressStyle {
    let template = match (stage, sized, unit) {
        (Stage::Solve, ..) => "Solving {spinner}",
        (_, true, Unit::Bytes) => "{prefix} {bar:25} {bytes:>10} / {total_bytes:<10} {bytes_per_sec:>12}",
        (_, true, Unit::Items) => "{prefix} {bar:25} {pos} / {len}",
        (_, false, _) => "{prefix} {spinner} {bytes:>10} {msg}",
    };
    // A template of ours that does not parse would show in every test on a terminal.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Reporter for Progress {
    fn report(&self, event: Event) {
        let mut all = self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match event {
            Event::Begin { task, stage, name, total, unit } => {
                let bar = self.begin(stage, &name, total, unit);
                all.insert(task, Running { stage, name, bar });
            }
            Event::Advance { task, by } => {
                if let Some(bar) = all.get(&task).and_then(|running| running.bar.as_ref()) {
                    bar.inc(by);
                }
            }
            Event::End { task, outcome } => {
                if let Some(running) = all.remove(&task) {
                    self.end(running, outcome);
                }
            }
            Event::Warning { text } => self.console.warn(text),
            Event::Note { text } => self.console.say(text),
        }
    }
}
