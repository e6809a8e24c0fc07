//! What is asked of `run`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::error::RunError;

/// A command to run in a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunRequest {
    /// The absolute prefix to activate.
    pub prefix: PathBuf,
    /// The absolute root prefix.
    pub root_prefix: PathBuf,
    /// The variables of the process.
    pub environment: BTreeMap<OsString, OsString>,
    /// The command and its arguments.
    pub command: Vec<OsString>,
    /// Where it starts (`--cwd`); the current folder without.
    pub cwd: Option<PathBuf>,
    /// Variables to set before activation (`-e`).
    pub env_sets: Vec<EnvSet>,
    /// Whether nothing of the environment reaches the command but what `env_sets` names (`--clean-env`).
    pub clean_env: bool,
    /// Whether the command goes on alone (`--detach`).
    pub detach: bool,
    /// The streams that the command keeps (`--attach`). Without the option it keeps all, and none where it is
    /// detached.
    pub attach: Option<Streams>,
}

/// A variable of `-e`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvSet {
    /// `NAME=VALUE`.
    Set(OsString, OsString),
    /// `NAME`: the value that it has, which matters with a clean environment.
    Copy(OsString),
}

impl EnvSet {
    /// Reads the word behind `-e`.
    ///
    /// # Errors
    /// [`RunError::Variable`] where it names nothing.
    pub fn parse(word: &OsStr) -> Result<Self, RunError> {
        let bytes = word.as_bytes();
        let text = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
        match bytes.iter().position(|byte| *byte == b'=') {
            Some(0) => Err(RunError::Variable(word.to_owned())),
            None if bytes.is_empty() => Err(RunError::Variable(word.to_owned())),
            Some(place) => Ok(Self::Set(text(&bytes[..place]), text(&bytes[place + 1..]))),
            None => Ok(Self::Copy(word.to_owned())),
        }
    }
}

/// The standard streams that a command keeps; the others are empty or lead nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Streams {
    /// Whether it reads what we could read.
    pub stdin: bool,
    /// Whether its output is ours.
    pub stdout: bool,
    /// Whether its messages are ours.
    pub stderr: bool,
}

impl Streams {
    /// All of them.
    pub const ALL: Self = Self { stdin: true, stdout: true, stderr: true };

    /// Reads the words behind `-a`, each of which may be several with commas; an empty one is none.
    ///
    /// # Errors
    /// [`RunError::Stream`] for any other name.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, RunError> {
        let mut streams = Self::default();
        for name in words.into_iter().flat_map(|word| word.split(',')) {
            match name.trim() {
                "" => {}
                "stdin" => streams.stdin = true,
                "stdout" => streams.stdout = true,
                "stderr" => streams.stderr = true,
                other => return Err(RunError::Stream(other.into())),
            }
        }
        Ok(streams)
    }
}

impl RunRequest {
    /// The streams that the command keeps.
    pub(super) fn streams(&self) -> Streams {
        self.attach.unwrap_or(if self.detach { Streams::default() } else { Streams::ALL })
    }

    /// The environment before activation.
    pub(super) fn before(&self) -> BTreeMap<OsString, OsString> {
        let mut before = if self.clean_env { BTreeMap::new() } else { self.environment.clone() };
        for set in &self.env_sets {
            let (name, value) = match set {
                EnvSet::Set(name, value) => (name, Some(value)),
                EnvSet::Copy(name) => (name, self.environment.get(name)),
            };
            if let Some(value) = value {
                before.insert(name.clone(), value.clone());
            }
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 5 of the reference, "run".
    #[test]
    fn variables_and_streams_have_a_form() {
        let set = |name: &str, value: &str| EnvSet::Set(name.into(), value.into());
        let parse = |word: &str| EnvSet::parse(OsStr::new(word)).map_err(|e| e.to_string());
        assert_eq!(parse("A=b=c"), Ok(set("A", "b=c")));
        assert_eq!(parse("A="), Ok(set("A", "")));
        assert_eq!(parse("A"), Ok(EnvSet::Copy("A".into())));
        insta::assert_snapshot!(parse("=x").unwrap_err(), @"-e =x: give NAME=VALUE, or NAME to copy a variable");
        assert!(parse("").is_err());
        assert_eq!(Streams::parse(["stdin,stdout", "stderr"]).unwrap(), Streams::ALL);
        assert_eq!(Streams::parse([""]).unwrap(), Streams::default());
        insta::assert_snapshot!(Streams::parse(["tty"]).unwrap_err(), @"-a tty: name streams out of stdin, stdout and stderr, with commas between them");
    }
}
