//! The report for CI systems.

use super::report::{CheckResult, FamilyOutcome, FamilyReport};

impl FamilyReport {
    /// JUnit's XML: a test suite for each image and engine, a test case for each check.
    pub fn junit(reports: &[Self]) -> String {
        let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
        for report in reports {
            for results in report.results.chunk_by(|one, other| one.engine == other.engine) {
                text.push_str(&suite(&report.image, &results[0].engine, results));
            }
        }
        text + "</testsuites>\n"
    }
}

fn suite(image: &str, engine: &str, results: &[CheckResult]) -> String {
    let count = |word: &str| results.iter().filter(|result| result.outcome.text() == word).count();
    let seconds: f64 = results.iter().map(|result| result.elapsed.as_secs_f64()).sum();
    let mut text = format!(
        "  <testsuite name=\"{} in {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">\n",
        escaped(image),
        escaped(engine),
        results.len(),
        count("failed"),
        count("skipped"),
    );
    text.extend(results.iter().map(case));
    text + "  </testsuite>\n"
}

fn case(result: &CheckResult) -> String {
    let reasons = escaped(&result.outcome.reasons().join("\n"));
    let first = escaped(result.outcome.reasons().first().map_or("", String::as_str));
    let inner = match result.outcome {
        FamilyOutcome::Passed => String::new(),
        FamilyOutcome::Failed(_) => format!("\n      <failure message=\"{first}\">{reasons}</failure>\n    "),
        FamilyOutcome::Skipped(_) => format!("\n      <skipped message=\"{first}\"/>\n    "),
    };
    format!(
        "    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3}\">{inner}</testcase>\n",
        escaped(&result.engine),
        escaped(result.group.text()),
        escaped(&result.check),
        result.elapsed.as_secs_f64(),
    )
}

/// A text as XML 1.0 has it, in an attribute or outside; what it cannot hold is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // An attribute would have a space instead.
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::report::tests::example;

    #[test]
    fn a_suite_for_each_engine() {
        insta::assert_snapshot!(FamilyReport::junit(&[example()]), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="example.org/micromamba:2 in docker" tests="2" failures="1" skipped="0" time="2.346">
            <testcase classname="docker.configuration" name="ENV_NAME=base" time="0.001"></testcase>
            <testcase classname="docker.ways in" name="run IMAGE" time="2.345">
              <failure message="PATH is &quot;/bin&quot;">PATH is &quot;/bin&quot;&#10;a &lt;b&gt; &amp; �[31mc</failure>
            </testcase>
          </testsuite>
          <testsuite name="example.org/micromamba:2 in podman" tests="2" failures="0" skipped="1" time="0.001">
            <testcase classname="podman.configuration" name="ENV_NAME=base" time="0.001"></testcase>
            <testcase classname="podman.ways in" name="run IMAGE" time="0.000">
              <skipped message="no sh"/>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn nothing_leaves_its_place() {
        assert_eq!(
            escaped("\"/><x a='&'>\0\u{1b}\u{ffff}\n"),
            "&quot;/&gt;&lt;x a='&amp;'&gt;\u{fffd}\u{fffd}\u{fffd}&#10;"
        );
    }
}
