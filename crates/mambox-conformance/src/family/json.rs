//! The report for machines.

use serde::Serialize;

use super::report::FamilyReport;

/// Raised when a field changes its meaning or goes; new fields may come without.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    image: &'a str,
    good: bool,
    passed: usize,
    failed: usize,
    skipped: usize,
    results: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    engine: &'a str,
    group: &'a str,
    check: &'a str,
    outcome: &'a str,
    /// Faults, or why it was skipped.
    reasons: &'a [String],
    seconds: f64,
}

impl FamilyReport {
    /// A JSON list with one object for each image:
    ///
    /// - `format`: 1; `image`: its name; `good`: whether checks passed and none failed;
    /// - `passed`, `failed`, `skipped`: numbers of checks;
    /// - `results`: of each check in each engine `engine`, `group`, `check` (names), `outcome` (`passed`, `failed` or
    ///   `skipped`), `reasons` (what was wrong, or why it was skipped: a list of texts) and `seconds` (a number).
    ///
    /// The order of results is that of [`FamilyReport::results`].
    pub fn json(reports: &[Self]) -> String {
        let reports: Vec<_> = reports.iter().map(Self::model).collect();
        // Texts, numbers and lists of them always are JSON.
        serde_json::to_string_pretty(&reports).unwrap_or_default() + "\n"
    }

    fn model(&self) -> Report<'_> {
        let rows = self.results.iter().map(|result| Row {
            engine: &result.engine,
            group: result.group.text(),
            check: &result.check,
            outcome: result.outcome.text(),
            reasons: result.outcome.reasons(),
            seconds: result.elapsed.as_millis() as f64 / 1000.0,
        });
        Report {
            format: FORMAT,
            image: &self.image,
            good: self.is_good(),
            passed: self.passed().count(),
            failed: self.failed().count(),
            skipped: self.skipped().count(),
            results: rows.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::report::tests::example;

    #[test]
    fn machines_see_the_same() {
        insta::assert_snapshot!(FamilyReport::json(&[example()]), @r#"
        [
          {
            "format": 1,
            "image": "example.org/micromamba:2",
            "good": false,
            "passed": 2,
            "failed": 1,
            "skipped": 1,
            "results": [
              {
                "engine": "docker",
                "group": "configuration",
                "check": "ENV_NAME=base",
                "outcome": "passed",
                "reasons": [],
                "seconds": 0.001
              },
              {
                "engine": "docker",
                "group": "ways in",
                "check": "run IMAGE",
                "outcome": "failed",
                "reasons": [
                  "PATH is \"/bin\"",
                  "a <b> & \u001b[31mc"
                ],
                "seconds": 2.345
              },
              {
                "engine": "podman",
                "group": "configuration",
                "check": "ENV_NAME=base",
                "outcome": "passed",
                "reasons": [],
                "seconds": 0.001
              },
              {
                "engine": "podman",
                "group": "ways in",
                "check": "run IMAGE",
                "outcome": "skipped",
                "reasons": [
                  "no sh"
                ],
                "seconds": 0.0
              }
            ]
          }
        ]
        "#);
    }
}
