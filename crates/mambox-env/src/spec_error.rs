//! What can be wrong with a request.

use std::fmt;

use thiserror::Error;

use crate::redact::for_message;

/// Where in an input something stands: `environment.yml:7`, or `environment.yml` where the line is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file, or of the option.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
}

impl Place {
    pub(crate) fn line(file: &str, line: usize) -> Self {
        Self { file: file.to_owned(), line: Some(line) }
    }

    /// The line of a list's item in a text, found by looking for it.
    pub(crate) fn find(file: &str, text: &str, item: &str) -> Self {
        let item = item.trim().lines().next().unwrap_or_default();
        let holds = |line: &str| !item.is_empty() && line.contains(item) && !line.trim().starts_with('#');
        let in_list = text.lines().position(|line| line.trim_start().starts_with('-') && holds(line));
        let index = in_list.or_else(|| text.lines().position(holds));
        Self { file: file.to_owned(), line: index.map(|index| index + 1) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// A request that cannot be understood, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// A file that is too large for what it claims to be.
    #[error("{file}: {size} bytes are too many for an environment file (at most {most})")]
    TooLarge {
        /// The file
        file: String,
        /// Its size in bytes
        size: usize,
        /// Most bytes allowed
        most: usize,
    },
    /// The file is no YAML.
    #[error("{file} is no valid YAML: {why}")]
    Yaml {
        /// The file
        file: String,
        /// The parser's words, with line and column
        why: String,
    },
    /// Valid YAML of another shape.
    #[error("{place}: {item}: {why}")]
    Shape {
        /// File and line
        place: Place,
        /// The key or item at fault
        item: String,
        /// What was expected
        why: String,
    },
    /// A match spec that cannot be parsed.
    #[error("{place}: '{}' is no valid match spec: {why}", for_message(.spec))]
    MatchSpec {
        /// File and line, or option
        place: Place,
        /// The spec as written
        spec: String,
        /// The parser's words
        why: String,
    },
    /// A channel refers to a variable that is not set.
    #[error("{place}: the channel '{channel}' needs the environment variable {variable}, which is not set")]
    UnsetVariable {
        /// File and line
        place: Place,
        /// The channel as written
        channel: String,
        /// The variable's name
        variable: String,
    },
    /// A list without any item.
    #[error("{file} lists no packages")]
    Empty {
        /// The file
        file: String,
    },
    /// A line of an `@EXPLICIT` file.
    #[error("{place}: '{}': {why}", for_message(.entry))]
    Explicit {
        /// File and line
        place: Place,
        /// The line as written
        entry: String,
        /// What is wrong with it
        why: String,
    },
    /// A package of an `@EXPLICIT` file that could not be checked after its download.
    #[error(
        "{file}: {package} has no hash, so its archive could not be checked. \
         Write the file anew with hashes: conda list --explicit --sha256"
    )]
    NoHash {
        /// The file
        file: String,
        /// The package's URL without credentials
        package: String,
    },
}
