//! The exit codes, which scripts may rely on.

use std::process::ExitCode;

use mambox_build::ErrorKind;

/// How a command ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The work is done, or the answer is yes.
    Yes,
    /// The answer is no: not reproduced, different, flawed.
    No,
}

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The work is done, or the answer is yes.
    Ok = 0,
    /// The answer is no: `verify`, `test`, `inspect --check`, `diff --exit-code`.
    No = 1,
    /// The command line or an input file is at fault. Clap ends with the same number.
    Input = 2,
    /// The environment cannot be solved.
    Unsolvable = 3,
    /// A channel, a registry or an engine cannot be reached, or refuses.
    Unreachable = 4,
    /// Something fetched or read is not what it should be.
    Corrupt = 5,
    /// This machine is at fault.
    System = 6,
    /// mambox cannot do that yet.
    Unsupported = 7,
    /// Ctrl-C or SIGTERM.
    Interrupted = 130,
}

/// The table of exit codes at the end of `mambox --help`.
pub(crate) const HELP: &str = "\
Exit codes:
    0  done, or the answer is yes
    1  the answer is no (verify, test, images, inspect --check, diff --exit-code)
    2  the command line or an input file is at fault
    3  the environment cannot be solved
    4  a channel, registry or engine cannot be reached, or refuses
    5  something fetched or read is damaged, forged or dangerous
    6  this machine is at fault: full disk, missing permission
    7  not supported yet
  130  interrupted";

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Yes => Self::Ok,
            Outcome::No => Self::No,
        }
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Input => Self::Input,
            ErrorKind::Unsolvable => Self::Unsolvable,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::Corrupt => Self::Corrupt,
            ErrorKind::System => Self::System,
            ErrorKind::Unsupported => Self::Unsupported,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
