//! All rows, in the order of reports; how they are written.

use super::{apptainer, configuration, dockerfile, entrypoint, files, foreign, micromamba, shells, users};
use crate::check::{Need, Words};
use crate::family::check::{Expect, FamilyCheck, Group, Look, Start};

/// Every check of an image of the family, those of Apptainer last.
pub fn family_checks() -> Vec<FamilyCheck> {
    let mut rows = Vec::new();
    rows.extend(configuration::ROWS);
    rows.extend(files::ROWS);
    rows.extend(super::ways_in::rows());
    for part in
        [entrypoint::ROWS, shells::ROWS, dockerfile::ROWS, users::ROWS, micromamba::ROWS, foreign::ROWS]
    {
        rows.extend(part);
    }
    rows.extend(apptainer::rows());
    rows
}

/// A check that runs something.
pub(super) const fn row(
    group: Group,
    name: &'static str,
    look: Look,
    expects: &'static [Expect],
) -> FamilyCheck {
    FamilyCheck { name, group, needs: &[Need::Sh], look, expects }
}

/// What a way in needs that looks with the probe: the program that shows its environment is a script.
pub(super) const fn with_sh(need: Need) -> &'static [Need] {
    match need {
        Need::Nothing | Need::Sh => &[Need::Sh],
        Need::Su => &[Need::Sh, Need::Su],
        Need::Bash => &[Need::Sh, Need::Bash],
        Need::UserAdd => &[Need::Sh, Need::UserAdd],
        Need::UserMod => &[Need::Sh, Need::UserMod],
    }
}

/// `run OPTIONS IMAGE COMMAND`.
pub(super) const fn run(options: Words, command: Words) -> Look {
    Look::Run(start(options, command))
}

/// A container that reads nothing.
pub(super) const fn start(options: Words, command: Words) -> Start {
    Start { options, command, typed: "" }
}

/// Prints what an earlier `RUN` wrote to `/tmp/seen`.
pub(super) const SEEN: Start = start(&["--entrypoint", "cat"], &["/tmp/seen"]);

/// A container that reads this.
pub(super) const fn typing(options: Words, command: Words, typed: &'static str) -> Start {
    Start { options, command, typed }
}

impl FamilyCheck {
    pub(super) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_groups_stay_together() {
        let rows = family_checks();
        let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), rows.len());
        assert!(rows.is_sorted_by_key(|row| row.group));
    }

    #[test]
    fn what_runs_needs_a_shell_and_expects_something() {
        for row in family_checks() {
            let looks_from_outside = matches!(row.look, Look::Variable(..) | Look::Setting(..));
            assert_eq!(row.needs.is_empty(), looks_from_outside, "{}", row.name);
            if matches!(row.look, Look::Run(_) | Look::Derived(..) | Look::Foreign(..)) {
                assert!(!row.expects.is_empty(), "{}", row.name);
            }
        }
    }
}
