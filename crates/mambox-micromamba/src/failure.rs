//! Why a command failed, and with which exit code.

use std::fmt::Display;

/// The outcome of every command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A failure, as the person and the calling script see it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Told as a critical log line on stderr; exit code 1.
    Message(String),
    /// [`Self::Message`] with another exit code.
    WithCode {
        /// What went wrong.
        message: String,
        /// The exit code.
        code: u8,
    },
    /// Another process changed the environment between our look at it and our turn.
    Overtaken(String),
    /// Everything was said already.
    Quiet(u8),
    /// A solver's explanation: several lines for stderr, and the same for the JSON object.
    Unsolvable(Vec<String>),
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(message: impl Display) -> Self {
        Self::Message(message.to_string())
    }

    /// For `map_err`: the text after a colon.
    pub(crate) fn because<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self::Message(format!("{what}: {error}"))
    }

    /// What the process exits with.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Message(_) | Self::Unsolvable(_) | Self::Overtaken(_) => 1,
            Self::Quiet(code) | Self::WithCode { code, .. } => *code,
            // As a shell tells of SIGINT.
            Self::Interrupted => 130,
        }
    }
}

macro_rules! from_errors {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error)
            }
        })*
    };
}

from_errors!(
    mambox_env::SpecError,
    mambox_env::LockError,
    mambox_env::VirtualPackageError,
    mambox_resolve::SettingsError,
    mambox_resolve::FetchError,
    mambox_resolve::ExplicitError,
    mambox_resolve::DocumentError,
    serde_json::Error,
);

impl From<mambox_resolve::SolveError> for Failure {
    fn from(error: mambox_resolve::SolveError) -> Self {
        use mambox_resolve::SolveError;
        match error {
            SolveError::Unsolvable(_) | SolveError::UnknownPackage { .. } | SolveError::Pattern { .. } => {
                Self::Unsolvable(error.to_string().lines().map(str::to_owned).collect())
            }
            error => Self::new(error),
        }
    }
}
