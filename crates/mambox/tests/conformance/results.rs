//! What came out, cell by cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use mambox_conformance::{CHECKS, Engine, Family};

use crate::engines::say;

/// One check of one kind of environment, on one base in one engine.
pub(crate) struct Cell {
    pub(crate) check: &'static str,
    pub(crate) family: Family,
    pub(crate) base: String,
    pub(crate) engine: Engine,
    pub(crate) kind: &'static str,
    pub(crate) outcome: Outcome,
}

/// How it went.
pub(crate) enum Outcome {
    Good,
    /// The base lacks what the check needs.
    Skipped,
    /// What was wrong.
    Bad(Vec<String>),
}

/// All cells.
#[derive(Default)]
pub(crate) struct Results {
    cells: Vec<Cell>,
    /// Images that could not be made or loaded.
    impossible: usize,
}

impl Outcome {
    pub(crate) fn of(wrong: Vec<String>) -> Self {
        if wrong.is_empty() { Self::Good } else { Self::Bad(wrong) }
    }
}

impl Results {
    /// Takes cells in, and tells those that failed at once.
    pub(crate) fn extend(&mut self, cells: Vec<Cell>) {
        for cell in &cells {
            if let Outcome::Bad(wrong) = &cell.outcome {
                let Cell { check, family, base, engine, kind, .. } = cell;
                let wrong = wrong.join("; ");
                say(&format!("FAILED: {family:?}, {kind}, {base}, {}: {check}: {wrong}", engine.program()));
            }
        }
        self.cells.extend(cells);
    }

    /// Notes that an image is not there to be checked.
    pub(crate) fn cannot(&mut self, what: &str, why: &str) {
        say(&format!("FAILED: {what}: {}", why.trim()));
        self.impossible += 1;
    }

    /// How many failed.
    pub(crate) fn failures(&self) -> usize {
        self.impossible + self.cells.iter().filter(|cell| matches!(cell.outcome, Outcome::Bad(_))).count()
    }

    pub(crate) fn all_good(&self) -> bool {
        self.failures() == 0
    }

    /// A table for each family: checks × bases and engines, with how many kinds of environments passed.
    pub(crate) fn print(&self) {
        for family in [Family::Built, Family::Micromamba] {
            let columns: BTreeSet<_> = self.of(family).map(|cell| (&cell.base, cell.engine)).collect();
            if columns.is_empty() {
                continue;
            }
            let mut text = format!("{family:?}: kinds of environments that passed\n");
            for (number, (base, engine)) in columns.iter().enumerate() {
                // Writing to a string does not fail.
                let _ = writeln!(text, "  column {}: {base} in {}", number + 1, engine.program());
            }
            for check in CHECKS.iter().filter(|check| check.by(family).is_some()) {
                let _ = write!(text, "{:56}", check.name);
                for (base, engine) in &columns {
                    let counts = self.count(family, check.name, base, *engine);
                    let _ = write!(text, "{counts:>9}");
                }
                text.push('\n');
            }
            say(&text);
        }
    }

    fn of(&self, family: Family) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(move |cell| cell.family == family)
    }

    /// `3`, or `2 of 3`, or `-` where the base lacks something.
    fn count(&self, family: Family, check: &str, base: &str, engine: Engine) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let here = |cell: &&Cell| cell.check == check && cell.base == base && cell.engine == engine;
        for cell in self.of(family).filter(here) {
            let outcome = match cell.outcome {
                Outcome::Good => "good",
                Outcome::Skipped => "skipped",
                Outcome::Bad(_) => "bad",
            };
            *counts.entry(outcome).or_default() += 1;
        }
        let [good, bad] = ["good", "bad"].map(|name| counts.get(name).copied().unwrap_or_default());
        match (good, bad) {
            (0, 0) => "-".to_owned(),
            (good, 0) => good.to_string(),
            (good, bad) => format!("{good} of {}", good + bad),
        }
    }
}
