//! What a failure of uv means, by its words.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitStatus;

use crate::{
    error::PipError, installed::Installed, mask::Masks, platform::label, process::Finished,
    reader::Requirements, request::PipRequest, stubs::Stubs, uv::Uv, warnings::without_noise,
};

/// How many conda packages a message explains.
const SHOWN: usize = 20;

/// What uv says of requirements that are not to be had from where they are said to be.
const INDEX: [&str; 11] = [
    "Failed to fetch",
    "Failed to download",
    "error sending request",
    "HTTP status",
    "could not be queried",
    "401 Unauthorized",
    "403 Forbidden",
    "network was disabled",
    "operation timed out",
    "Git operation failed",
    "Network connectivity is disabled",
];
/// Paths.
const MISSING: [&str; 5] = [
    "Distribution not found at",
    "does not appear to be a Python project",
    "failed to read from file",
    "relative URL without a base",
    "No such file or directory",
];
const REQUIREMENT: [&str; 5] = [
    "Couldn't parse requirement",
    "Error parsing included file",
    "Unexpected '",
    "Unsupported URL",
    "in `-` at position",
];

/// All that a failure is read with.
pub(crate) struct Failure<'a> {
    pub(crate) uv: &'a Uv,
    pub(crate) request: &'a PipRequest<'a>,
    pub(crate) requirements: &'a Requirements,
    pub(crate) stubs: &'a Stubs,
    pub(crate) masks: &'a Masks,
}

impl Failure<'_> {
    /// The error for a uv that ended with a failure.
    pub(crate) fn read(&self, finished: &Finished) -> PipError {
        let raw = without_noise(&finished.stderr);
        let plain = self.masks.clean(&self.stubs.named(&raw));
        // Older versions of uv break lines.
        let flat = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let has = |words: &[&str]| words.iter().any(|word| flat.contains(word));
        let file = self.request.file.to_owned();
        let said = if plain.is_empty() { "  (it said nothing)".to_owned() } else { indented(&plain) };
        let unset = self.unset();
        if has(&["No interpreter found", "No Python interpreter"]) {
            return PipError::NoPython { file, said };
        }
        if has(&["invalid value"]) && has(&["'--python-platform"]) {
            let (target, version) = (label(self.request.target), self.uv.version().to_owned());
            return PipError::Platform { file, target, version };
        }
        if has(&["Failed to build"]) {
            return PipError::Build { file, said };
        }
        if has(&INDEX) {
            return PipError::Index { file, said, unset };
        }
        if has(&MISSING) {
            return PipError::Missing { file, said, unset };
        }
        if has(&REQUIREMENT) {
            let line = self.line(&raw).unwrap_or_else(|| "in an included file".to_owned());
            return PipError::Requirement { file, line, said: format!("\n{said}") };
        }
        if has(&["No solution found", "conflicting URLs", "conflict"]) {
            let there = there(&plain, self.request.installed);
            return PipError::Unsolvable { file, target: label(self.request.target), said, there };
        }
        PipError::Failed { file, version: self.uv.version().to_owned(), how: how(finished.status), said }
    }

    /// The requirement that uv complains about: it tells a position in its input, or a line and column.
    fn line(&self, raw: &str) -> Option<String> {
        let by_position = raw
            .split_once("in `-` at position ")
            .and_then(|(_, rest)| self.requirements.line_at(number(rest)?));
        let by_line = || raw.split_once(" -:").and_then(|(_, rest)| self.requirements.line(number(rest)?));
        by_position.or_else(by_line).map(|line| self.masks.clean(line))
    }

    /// `; ${NAME} has no value`, for variables that requirements name.
    fn unset(&self) -> String {
        let names = self.requirements.variables.iter();
        let names: Vec<String> = names
            .filter(|name| !self.request.variables.contains_key(*name))
            .take(SHOWN)
            .map(|name| format!("${{{name}}}"))
            .collect();
        if names.is_empty() { String::new() } else { format!("; without a value: {}", names.join(", ")) }
    }
}

fn number(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// Every line two columns in.
fn indented(text: &str) -> String {
    let lines =
        text.lines().map(|line| if line.trim().is_empty() { String::new() } else { format!("  {line}") });
    lines.collect::<Vec<_>>().join("\n")
}

fn how(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("killed by signal {signal}");
    }
    status.code().map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"))
}

/// A line for each distribution of a conda package whose version uv argues about.
fn there(said: &str, installed: &[Installed]) -> String {
    let argued: BTreeSet<&str> = said
        .split(|c: char| c.is_whitespace() || matches!(c, '`' | '(' | ',' | '['))
        .filter_map(|word| {
            let end = word.find(['<', '>', '=', '!', '~'])?;
            (end > 0).then(|| &word[..end])
        })
        .collect();
    let mut lines = String::new();
    for one in installed.iter().filter(|one| argued.contains(one.name.as_str())).take(SHOWN) {
        // Writing to a string does not fail.
        let _ = write!(
            lines,
            "\n{} {} is there already, from the conda package {}, and pip packages have to go with it: change its version in \
             dependencies:, or the requirement",
            one.name, one.version, one.package
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conda_packages_are_named_where_uv_argues_about_them() {
        let said = "Because only numpy>=2 is available and all versions of old depend on `six==1`, and scipy is fine";
        let one = |name: &str| Installed {
            name: name.into(),
            version: "2.1".into(),
            package: format!("{name}-2.1-0"),
        };
        let there = there(said, &["numpy", "scipy", "six", "only"].map(one));
        let names: Vec<&str> = there.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, ["", "numpy", "six"], "a line for each, below what uv said");
    }

    #[test]
    fn numbers_end_where_digits_do() {
        assert_eq!(number("34\n  cause"), Some(34));
        assert_eq!(number("x"), None);
        assert_eq!(number(&"9".repeat(40)), None);
    }
}
