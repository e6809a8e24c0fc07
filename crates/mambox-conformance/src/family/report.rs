//! What came out.

use std::fmt::Display;
use std::time::Duration;

use super::check::Group;

/// How a check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FamilyOutcome {
    /// As promised.
    Passed,
    /// What was wrong, a sentence each.
    Failed(Vec<String>),
    /// Why it could not be made.
    Skipped(String),
}

/// One check in one engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The check's name.
    pub check: String,
    /// What it is about.
    pub group: Group,
    /// The engine's command: `docker`, `podman` or `apptainer`.
    pub engine: String,
    /// How it went.
    pub outcome: FamilyOutcome,
    /// How long it took; the first check that needs a container or an image that several use bears its time.
    pub elapsed: Duration,
}

/// Everything that was tried on an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyReport {
    /// Its name.
    pub image: String,
    /// By engines in the order in which they were asked for, Apptainer last, then in the order of the checks.
    pub results: Vec<CheckResult>,
}

impl FamilyOutcome {
    /// Passed where nothing is wrong.
    pub(super) fn of(faults: Vec<String>) -> Self {
        if faults.is_empty() { Self::Passed } else { Self::Failed(faults) }
    }

    pub(super) fn failed(why: impl Display) -> Self {
        Self::Failed(vec![why.to_string()])
    }

    /// `passed`, `failed` or `skipped`.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The faults, or why it was skipped.
    pub fn reasons(&self) -> &[String] {
        match self {
            Self::Passed => &[],
            Self::Failed(faults) => faults,
            Self::Skipped(why) => std::slice::from_ref(why),
        }
    }
}

impl FamilyReport {
    /// Checks that came out as promised.
    pub fn passed(&self) -> impl Iterator<Item = &CheckResult> {
        self.results.iter().filter(|result| result.outcome == FamilyOutcome::Passed)
    }

    /// Checks that did not.
    pub fn failed(&self) -> impl Iterator<Item = &CheckResult> {
        self.results.iter().filter(|result| matches!(result.outcome, FamilyOutcome::Failed(_)))
    }

    /// Checks that could not be made.
    pub fn skipped(&self) -> impl Iterator<Item = &CheckResult> {
        self.results.iter().filter(|result| matches!(result.outcome, FamilyOutcome::Skipped(_)))
    }

    /// Whether none failed. Where nothing was tried at all, nothing is known to be good.
    pub fn is_good(&self) -> bool {
        self.failed().next().is_none() && self.passed().next().is_some()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One of each outcome, in two engines.
    pub(in crate::family) fn example() -> FamilyReport {
        let result = |check: &str, group, engine: &str, outcome, millis| CheckResult {
            check: check.into(),
            group,
            engine: engine.into(),
            outcome,
            elapsed: Duration::from_millis(millis),
        };
        let faults = vec!["PATH is \"/bin\"".to_owned(), "a <b> & \u{1b}[31mc".to_owned()];
        FamilyReport {
            image: "example.org/micromamba:2".into(),
            results: vec![
                result("ENV_NAME=base", Group::Configuration, "docker", FamilyOutcome::Passed, 1),
                result("run IMAGE", Group::WaysIn, "docker", FamilyOutcome::Failed(faults), 2_345),
                result("ENV_NAME=base", Group::Configuration, "podman", FamilyOutcome::Passed, 1),
                result("run IMAGE", Group::WaysIn, "podman", FamilyOutcome::Skipped("no sh".into()), 0),
            ],
        }
    }

    #[test]
    fn good_is_what_passed_and_did_not_fail() {
        let mut report = example();
        assert_eq!((report.passed().count(), report.failed().count(), report.skipped().count()), (2, 1, 1));
        assert!(!report.is_good());
        report.results.retain(|result| !matches!(result.outcome, FamilyOutcome::Failed(_)));
        assert!(report.is_good());
        report.results.retain(|result| result.outcome != FamilyOutcome::Passed);
        assert!(!report.is_good(), "skips alone prove nothing");
    }
}
