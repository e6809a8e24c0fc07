//! The report for people.

use std::fmt::Write as _;

use super::report::{CheckResult, FamilyOutcome, FamilyReport};

impl FamilyReport {
    /// A table of checks and engines under the headings of their groups, then what failed and what was skipped, and why.
    pub fn table(&self) -> String {
        let engines = distinct(self.results.iter().map(|result| result.engine.as_str()));
        let checks = distinct(self.results.iter().map(|result| result.check.as_str()));
        let width = checks.iter().map(|check| check.chars().count()).max().unwrap_or_default();
        let mut text = format!("{}\n", self.image);
        let mut group = None;
        for check in checks {
            let cells: Vec<_> = self.results.iter().filter(|result| result.check == check).collect();
            let Some(first) = cells.first() else { continue };
            if group != Some(first.group) {
                group = Some(first.group);
                text.push_str(&heading(first.group.text(), width, &engines));
            }
            let words = engines.iter().map(|engine| word(&cells, engine));
            text.push_str(&line(&format!("  {check}"), width, words));
        }
        text.push_str(&self.reasons());
        let [passed, failed, skipped] =
            [self.passed().count(), self.failed().count(), self.skipped().count()];
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{passed} passed, {failed} failed, {skipped} skipped");
        text
    }

    /// One line for each fault, and one for each reason to skip with the number of its checks.
    fn reasons(&self) -> String {
        let mut text = String::new();
        for result in self.failed() {
            let _ = writeln!(text, "\nFAILED in {}: {}", result.engine, result.check);
            for fault in result.outcome.reasons() {
                let _ = writeln!(text, "  {}", fault.trim().replace('\n', "\n  "));
            }
        }
        let why: Vec<_> =
            self.skipped().map(|skip| (&skip.engine, skip.outcome.reasons().join("; "))).collect();
        for (engine, reason) in distinct(why.iter()) {
            let number = why.iter().filter(|other| other.0 == *engine && other.1 == *reason).count();
            let _ = write!(text, "\nskipped in {engine}: {number} × {reason}");
        }
        if !why.is_empty() {
            text.push('\n');
        }
        text
    }
}

fn heading(group: &str, width: usize, engines: &[&str]) -> String {
    format!("\n{}", line(group, width, engines.iter().map(|engine| (*engine).to_owned())))
}

fn line(first: &str, width: usize, cells: impl Iterator<Item = String>) -> String {
    let mut line = format!("{first:<width$}", width = width + 4);
    for cell in cells {
        let _ = write!(line, "{cell:<11}");
    }
    line.trim_end().to_owned() + "\n"
}

fn word(cells: &[&CheckResult], engine: &str) -> String {
    let cell = cells.iter().find(|cell| cell.engine == engine);
    match cell.map(|cell| &cell.outcome) {
        None => "",
        Some(FamilyOutcome::Passed) => "good",
        Some(FamilyOutcome::Failed(_)) => "FAILED",
        Some(FamilyOutcome::Skipped(_)) => "skipped",
    }
    .to_owned()
}

/// Each once, in the order of their first appearance.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for one in all {
        if !seen.contains(&one) {
            seen.push(one);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use crate::family::report::tests::example;

    #[test]
    fn people_see_all_checks_and_why_some_failed() {
        insta::assert_snapshot!(example().table(), @r#"
        example.org/micromamba:2

        configuration    docker     podman
          ENV_NAME=base  good       good

        ways in          docker     podman
          run IMAGE      FAILED     skipped

        FAILED in docker: run IMAGE
          PATH is "/bin"
          a <b> & [31mc

        skipped in podman: 1 × no sh

        2 passed, 1 failed, 1 skipped
        "#);
    }
}
