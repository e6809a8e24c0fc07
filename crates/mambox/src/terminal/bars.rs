//! Progress on a terminal: one bar for each stage, however many tasks it has.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use mambox_progress::{Event, Outcome, Reporter, Stage, TaskId, Unit};

use super::progress::{Screen, verb};
use super::style::Style;
use super::text::{clean, clean_line};

/// Bars on stderr.
pub(crate) struct Bars {
    style: Style,
    screen: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stages: HashMap<Stage, StageBar>,
    tasks: HashMap<TaskId, Running>,
}

struct StageBar {
    bar: ProgressBar,
    begun: usize,
    ended: usize,
    /// Running tasks in the order in which they began; the first is shown.
    running: Vec<(TaskId, String)>,
}

struct Running {
    stage: Stage,
    total: Option<u64>,
    done: u64,
}

impl Bars {
    /// No bars yet.
    pub(crate) fn new(style: Style) -> Self {
        Self { style, screen: MultiProgress::new(), state: Mutex::default() }
    }

    fn begin(
        &self,
        state: &mut State,
        task: TaskId,
        stage: Stage,
        name: &str,
        total: Option<u64>,
        unit: Unit,
    ) {
        let entry = state.stages.entry(stage).or_insert_with(|| {
            let bar = self.screen.add(ProgressBar::no_length());
            bar.set_prefix(verb(stage));
            bar.enable_steady_tick(Duration::from_millis(120));
            StageBar { bar, begun: 0, ended: 0, running: Vec::new() }
        });
        if let Some(total) = total {
            entry.bar.set_length(entry.bar.length().unwrap_or_default().saturating_add(total));
        }
        entry.bar.set_style(look(unit, entry.bar.length().is_some(), self.style));
        entry.begun += 1;
        entry.running.push((task, clean_line(name)));
        entry.describe();
        state.tasks.insert(task, Running { stage, total, done: 0 });
    }

    fn advance(state: &mut State, task: TaskId, by: u64) {
        let Some(running) = state.tasks.get_mut(&task) else { return };
        running.done += by;
        if let Some(stage) = state.stages.get(&running.stage) {
            stage.bar.inc(by);
        }
    }

    fn end(state: &mut State, task: TaskId, outcome: Outcome) {
        let Some(running) = state.tasks.remove(&task) else { return };
        let Some(stage) = state.stages.get_mut(&running.stage) else { return };
        stage.ended += 1;
        stage.running.retain(|(id, _)| *id != task);
        if outcome != Outcome::Failed {
            let rest = running.total.unwrap_or(running.done).saturating_sub(running.done);
            stage.bar.inc(rest);
        }
        stage.describe();
    }
}

impl StageBar {
    fn describe(&self) {
        let name = self.running.first().map_or("", |(_, name)| name);
        let counted = if self.begun > 1 { format!("{}/{}  ", self.ended, self.begun) } else { String::new() };
        self.bar.set_message(format!("{counted}{name}"));
    }
}

/// The look of a bar; without a length it only turns.
fn look(unit: Unit, has_length: bool, style: Style) -> ProgressStyle {
    let colour = if style == Style::PLAIN { "" } else { ".green" };
    let template = match (has_length, unit) {
        (false, _) => format!("{{prefix:>8}} {{spinner{colour}}} {{wide_msg}}"),
        (true, Unit::Bytes) => {
            format!(
                "{{prefix:>8}} {{bar:24{colour}}} {{decimal_bytes:>9}}/{{decimal_total_bytes}}  {{wide_msg}}"
            )
        }
        (true, Unit::Items) => format!("{{prefix:>8}} {{bar:24{colour}}} {{pos}}/{{len}}  {{wide_msg}}"),
    };
    ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

impl Reporter for Bars {
    fn report(&self, event: Event) {
        let Ok(mut state) = self.state.lock() else { return };
        match event {
            Event::Begin { task, stage, name, total, unit } => {
                self.begin(&mut state, task, stage, &name, total, unit);
            }
            Event::Advance { task, by } => Self::advance(&mut state, task, by),
            Event::End { task, outcome } => Self::end(&mut state, task, outcome),
            // A closed terminal is no reason to stop.
            Event::Warning { text } => {
                let _ = self.screen.println(format!("{} {}", self.style.warning("warning:"), clean(&text)));
            }
            Event::Note { text } => {
                let _ = self.screen.println(clean(&text));
            }
        }
    }
}

impl Screen for Bars {
    fn clear(&self) {
        let Ok(mut state) = self.state.lock() else { return };
        for (_, stage) in state.stages.drain() {
            stage.bar.finish_and_clear();
        }
        state.tasks.clear();
        let _ = self.screen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::ProgressDrawTarget;

    #[test]
    fn every_look_is_a_valid_template() {
        for style in [Style::PLAIN, Style::new(true)] {
            for (unit, length) in [(Unit::Bytes, true), (Unit::Items, true), (Unit::Items, false)] {
                look(unit, length, style);
            }
        }
    }

    #[test]
    fn a_stage_has_one_bar_that_counts_all_its_tasks() {
        let bars = Bars::new(Style::PLAIN);
        bars.screen.set_draw_target(ProgressDrawTarget::hidden());
        let on: &dyn Reporter = &bars;
        let first = on.begin(Stage::Fetch, "a.conda", Some(100), Unit::Bytes);
        let second = on.begin(Stage::Fetch, "b.conda", Some(50), Unit::Bytes);
        first.advance(40);
        second.finish(Outcome::Reused);
        let shown = || {
            let state = bars.state.lock().unwrap();
            let bar = &state.stages[&Stage::Fetch].bar;
            (bar.position(), bar.length(), bar.message())
        };
        assert_eq!(shown(), (90, Some(150), "1/2  a.conda".into()));
        first.finish(Outcome::Done);
        assert_eq!(shown(), (150, Some(150), "2/2  ".into()));
        bars.clear();
        assert!(bars.state.lock().unwrap().stages.is_empty());
    }
}
