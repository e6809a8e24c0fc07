//! Why sources do not become a wheel.

use std::io;
use std::path::PathBuf;

use crate::error_kind::{ErrorKind, io_kind};
use crate::sdist::advice;

/// Sources that do not become a wheel.
#[derive(Debug, thiserror::Error)]
#[error("cannot build a wheel of {what}: {problem}")]
pub struct SdistError {
    /// The distribution, and where its sources are; without credentials.
    pub what: String,
    /// What is wrong.
    pub problem: SdistProblem,
}

/// What keeps sources from becoming a wheel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SdistProblem {
    /// A file or folder of this machine that fails us.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// As in "cannot read".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// An archive that is damaged, hostile, or no source distribution.
    #[error("the archive {0}")]
    Archive(String),
    /// A file or folder that sources may not have.
    #[error("the folder {0}")]
    Folder(String),
    /// Sources that somebody writes to.
    #[error("the sources changed while they were read")]
    Changed,
    /// Neither `pyproject.toml` nor `setup.py`.
    #[error("there is neither pyproject.toml nor setup.py{}", place(.0))]
    NoProject(Option<String>),
    /// A `pyproject.toml` that does not say how to build.
    #[error("pyproject.toml {0}")]
    Pyproject(String),
    /// An entry of `[build-system] requires` that reaches for more than a distribution.
    #[error("pyproject.toml has the build requirement '{entry}', which {why}")]
    BuildRequirement {
        /// The start of it, in one line.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No sandbox on this machine, or one that failed.
    #[error("{0}")]
    Sandbox(String),
    /// Python of the environment does not run on this machine, or on this base.
    #[error("{0}")]
    CannotRun(String),
    /// The build requirements do not hold the backend.
    #[error("its build backend {backend} cannot be imported: there is no module {module}")]
    NoBackend {
        /// As `pyproject.toml` names it.
        backend: String,
        /// The module that is missing.
        module: String,
    },
    /// The backend wants more than `pyproject.toml` says.
    #[error("its build backend wants {}, which {} not there", missing.join(", "), if missing.len() == 1 { "is" } else { "are" })]
    Requires {
        /// PEP 508 requirements that hold here and that nothing satisfies.
        missing: Vec<String>,
    },
    /// The backend failed.
    #[error("its build backend {backend} {how}; its last words:\n{output}")]
    Backend {
        /// As `pyproject.toml` names it.
        backend: String,
        /// How it ended.
        how: String,
        /// The end of its output.
        output: String,
    },
    /// The backend takes too long.
    #[error("its build backend takes longer than {minutes} minutes; its last words:\n{output}")]
    TimedOut {
        /// The limit.
        minutes: u64,
        /// The end of its output.
        output: String,
    },
    /// The backend left no wheel, or several.
    #[error("its build backend is to make one wheel, but {}", made(.0))]
    Wheels(Vec<String>),
    /// A wheel of something else, or for something else, or none.
    #[error("its build backend made {file_name}, which {why}")]
    WrongWheel {
        /// The wheel.
        file_name: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no `git`.
    #[error("the program git is not in PATH, and the sources are a commit of a git repository")]
    NoGit,
    /// `git` failed.
    #[error("git cannot {step}: {said}")]
    Git {
        /// What was tried.
        step: &'static str,
        /// The end of what it said, without credentials.
        said: String,
    },
    /// The repository gave something else.
    #[error("the repository gave the commit {0}")]
    WrongCommit(String),
}

impl SdistProblem {
    /// A file or folder that failed us; `action` as in "cannot read".
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// The whole error, for sources.
    pub(super) fn of(self, what: impl Into<String>) -> SdistError {
        SdistError { what: what.into(), problem: self }
    }
}

impl SdistError {
    /// Whose move is next.
    pub(crate) fn kind(&self) -> ErrorKind {
        match &self.problem {
            SdistProblem::Io { source, .. } => io_kind(source),
            SdistProblem::Archive(_) | SdistProblem::WrongCommit(_) => ErrorKind::Corrupt,
            SdistProblem::Sandbox(_) | SdistProblem::NoGit | SdistProblem::TimedOut { .. } => {
                ErrorKind::System
            }
            SdistProblem::CannotRun(_) => ErrorKind::Unsupported,
            SdistProblem::Git { .. } => ErrorKind::Unreachable,
            _ => ErrorKind::Input,
        }
    }

    /// What to do next, where the message does not say it yet.
    pub(crate) fn hint(&self) -> Option<String> {
        Some(match &self.problem {
            SdistProblem::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room, for example with 'mambox cache prune'".into()
            }
            SdistProblem::Io { .. } => return None,
            SdistProblem::Archive(_) => {
                "fetch it again, or use a version that has a wheel; an archive that is refused was not made by the usual tools".into()
            }
            SdistProblem::Folder(_) => "remove it, or build the wheel yourself and name that".into(),
            SdistProblem::Changed => "build again once nothing writes there any more".into(),
            SdistProblem::NoProject(_) => "name the folder that holds it, with #subdirectory= where it is one inside".into(),
            SdistProblem::Pyproject(_) => "correct its table [build-system] (PEP 518 and PEP 517)".into(),
            SdistProblem::BuildRequirement { .. } => {
                "name a distribution there, as in 'setuptools>=61' or 'name @ https://...' (PEP 508), or use a version that has a wheel".into()
            }
            SdistProblem::Sandbox(_) => "build on a machine with a sandbox, or use a version that has a wheel".into(),
            SdistProblem::CannotRun(_) => {
                "choose a base and a machine on which it runs; or build for this machine's platform first, with the same \
                 lock and cache: a wheel for all platforms is then taken from there"
                    .into()
            }
            SdistProblem::NoBackend { module, .. } => format!(
                "the distribution that has the module {module} must be among 'requires' of [build-system] in pyproject.toml; or, if \
                 the lock is another tool's, lock with mambox lock, which pins what it is built with"
            ),
            SdistProblem::Requires { missing } => format!(
                "add {} to the environment's dependencies, or to 'requires' of [build-system] in pyproject.toml",
                missing.join(", ")
            ),
            SdistProblem::Backend { output, .. } => advice::of(output).into(),
            SdistProblem::TimedOut { .. } => "use a version that has a wheel, or a conda package".into(),
            SdistProblem::Wheels(_) | SdistProblem::WrongWheel { .. } => {
                "tell whoever maintains the distribution, or use a version that has a wheel".into()
            }
            SdistProblem::NoGit => "install git".into(),
            SdistProblem::Git { .. } => {
                "try 'git fetch' by hand; passwords are not asked for, so that a credential helper or an ssh key has to know them".into()
            }
            SdistProblem::WrongCommit(_) => "do not trust it; lock again and see what is there".into(),
        })
    }
}

fn place(subdirectory: &Option<String>) -> String {
    subdirectory.as_ref().map_or(String::new(), |folder| format!(" in {folder}"))
}

fn made(names: &[String]) -> String {
    if names.is_empty() { "made none".into() } else { format!("made {}", names.join(", ")) }
}
