//! What uv says beside its result.

/// Warnings that are no news: the python of this machine is not the image's, and uv hardly needs it.
const EXPECTED: [&str; 1] = ["The requested Python version"];

/// The warnings in what uv said on standard error, each with the lines that belong to it, in order and once.
pub(crate) fn warnings(said: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in said.lines() {
        if let Some(text) = line.strip_prefix("warning: ") {
            open = !EXPECTED.iter().any(|start| text.starts_with(start));
            if open {
                found.push(text.to_owned());
            }
        } else if open && line.starts_with("  ") && !is_progress(line) {
            if let Some(last) = found.last_mut() {
                last.push('\n');
                last.push_str(line.trim_end());
            }
        } else {
            open = false;
        }
    }
    let mut unique: Vec<String> = Vec::new();
    for warning in found {
        if !unique.contains(&warning) {
            unique.push(warning);
        }
    }
    unique
}

/// A warning, cleaned already, with what uv does not know: conda packages are stubs to it, and these have no extras.
pub(crate) fn explained(warning: &str) -> String {
    if warning.contains("of the conda package") && warning.contains("does not have an extra") {
        return format!(
            "{warning}, as far as its record tells; list what that extra needs in dependencies: or in the pip section"
        );
    }
    warning.to_owned()
}

/// What uv said without warnings that are no news and without progress, for a message about its failure.
pub(crate) fn without_noise(said: &str) -> String {
    let expected = |line: &&str| {
        line.strip_prefix("warning: ")
            .is_some_and(|text| EXPECTED.iter().any(|start| text.starts_with(start)))
    };
    let lines: Vec<&str> = said.lines().filter(|line| !expected(line) && !is_progress(line)).collect();
    lines.join("\n").trim_matches('\n').trim_end().to_owned()
}

/// `   Updating https://…`, `    Building x`, right-aligned verbs.
fn is_progress(line: &str) -> bool {
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    // The verbs end at one column.
    indent > 0
        && indent + verb.len() == 11
        && matches!(
            verb,
            "Updating" | "Updated" | "Building" | "Built" | "Downloading" | "Downloaded" | "Cloning"
        )
        || verb == "Resolved" && indent == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
warning: The requested Python version 3.13 is not available; 3.11.7 will be used to build dependencies instead.
   Updating file:///x (HEAD)
    Updated file:///x (de17)
warning: The package `a @ file:///x` does not have an extra named `b`
warning: `c` is yanked
  cause: broken
Resolved 4 packages in 85ms
warning: `c` is yanked
  cause: broken
error: No solution found
  cause: Because of this
         and that.

hint: Try
";

    #[test]
    fn warnings_are_told_once_with_their_causes() {
        insta::assert_snapshot!(warnings(SAID).join("\n---\n"), @"
        The package `a @ file:///x` does not have an extra named `b`
        ---
        `c` is yanked
          cause: broken
        ");
    }

    #[test]
    fn a_failure_is_told_without_progress() {
        insta::assert_snapshot!(without_noise(SAID), @"
        warning: The package `a @ file:///x` does not have an extra named `b`
        warning: `c` is yanked
          cause: broken
        warning: `c` is yanked
          cause: broken
        error: No solution found
          cause: Because of this
                 and that.

        hint: Try
        ");
    }
}
