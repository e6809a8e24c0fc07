//! Why a command is not run.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use crate::error::ShellError;

/// Why a command is not run. The words of the first two are micromamba's.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The command line ends too early.
    #[error("Did not receive any command to run inside environment")]
    NoCommand,
    /// There is no folder.
    #[error("The given prefix does not exist: {}", .0.display())]
    NoSuchPrefix(PathBuf),
    /// `-e` names no variable.
    #[error("-e {}: give NAME=VALUE, or NAME to copy a variable", .0.display())]
    Variable(OsString),
    /// `-a` names no stream.
    #[error("-a {0}: name streams out of stdin, stdout and stderr, with commas between them")]
    Stream(String),
    /// The folder to start in cannot be entered.
    #[error("--cwd {}: {source}", path.display())]
    Cwd {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There is no such program.
    #[error("{}: command not found, neither as a path nor in PATH={path}", name.display())]
    NotFound {
        /// The name that was asked for.
        name: OsString,
        /// Where it was looked for.
        path: String,
    },
    /// The program is there and does not start.
    #[error("{}: cannot be run: {source}{}", program.display(), match source.kind() {
        io::ErrorKind::NotFound => " (its interpreter or loader is missing)",
        _ => "",
    })]
    Refused {
        /// Its path.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The prefix cannot be activated.
    #[error(transparent)]
    Shell(#[from] ShellError),
}

impl RunError {
    /// micromamba's exit codes (section 5 of the reference), and those of POSIX, 2.8.2, for programs.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoCommand
            | Self::NoSuchPrefix(_)
            | Self::Variable(_)
            | Self::Stream(_)
            | Self::Shell(_) => 1,
            Self::Cwd { .. } => 255,
            Self::NotFound { .. } => 127,
            Self::Refused { .. } => 126,
        }
    }
}
