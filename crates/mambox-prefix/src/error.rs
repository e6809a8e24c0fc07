//! What can go wrong with a prefix; messages are whole and tell the next step where there is one.

use std::io;
use std::path::{Path, PathBuf};

use mambox_link::LinkError;

/// A prefix that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PrefixError {
    /// The path is none that an environment can have.
    #[error("'{}' cannot be the prefix of an environment: {why}", path.display())]
    Path {
        /// As given.
        path: PathBuf,
        /// Why not.
        why: &'static str,
    },

    /// The file system does not let it be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// From the system.
        error: io::Error,
    },

    /// The file system does not let it be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// From the system.
        error: io::Error,
    },

    /// A file that no installer would have written like this.
    #[error("{} is damaged ({why}); move it away and install its package again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        why: String,
    },
}

/// The lock of a prefix was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works on the prefix.
    #[error(
        "{holder} is working on this environment and holds {}; waited {} s for it. Wait until it is done, or raise lock_timeout",
        path.display(), seconds
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// For example `process 4711`.
        holder: String,
        /// How long was waited.
        seconds: u64,
    },

    /// The wait was cancelled.
    #[error("cancelled while waiting for the environment's lock")]
    Cancelled,

    /// The folder that holds the lock cannot be made.
    #[error("cannot make {}: {error}", path.display())]
    Folder {
        /// `conda-meta`.
        path: PathBuf,
        /// From the system.
        error: io::Error,
    },
}

/// A transaction that did not happen: the prefix is as it was, unless this is [`TransactionError::RollBack`].
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// The extracted package is not what its metadata says. Extract it again.
    #[error(
        "the extracted package {dist} in {} is damaged: {why}; remove that folder and install again",
        path.display()
    )]
    DamagedPackage {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The package's folder in the cache.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },

    /// A package with paths that no package may hold.
    #[error("package {dist} {problem}")]
    Package {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// What is wrong with it.
        problem: LinkError,
    },

    /// The environment's python has no place for noarch packages.
    #[error("package {dist}: {problem}")]
    Python {
        /// Of python itself.
        dist: String,
        /// What is wrong with it.
        problem: LinkError,
    },

    /// A noarch python package without an interpreter to decide where it goes.
    #[error(
        "package {dist} is a noarch python package, but the environment has no python; install python as well"
    )]
    NoPython {
        /// `NAME-VERSION-BUILD`.
        dist: String,
    },

    /// Two packages of one name, or one package twice.
    #[error("the plan installs {name} twice, as {first} and as {second}")]
    Twice {
        /// The name.
        name: String,
        /// The first one.
        first: String,
        /// The other one.
        second: String,
    },

    /// A package of that name is there, and does not go.
    #[error("{dist} cannot be installed as long as {there} is there: the plan has to remove that")]
    AlreadyThere {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The one in the prefix.
        there: String,
    },

    /// A folder with files that nobody will remove stands where a package has a file.
    #[error(
        "package {dist} has a file at {}, where there is a folder with files of others; move the folder away and install again",
        path.display()
    )]
    InTheWay {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The folder.
        path: PathBuf,
    },

    /// Installing would write to a place outside of the prefix.
    #[error("package {dist} would be installed through {}, a link that leads out of the environment; replace it by a folder", link.display())]
    LeadsOut {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The link.
        link: PathBuf,
    },

    /// A binary without room for the prefix.
    #[error(
        "package {dist} cannot be installed at '{prefix}': '{path}' has room for {room} bytes of prefix; choose a shorter prefix"
    )]
    PrefixTooLong {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// Relative to the package.
        path: String,
        /// Length of the placeholder.
        room: usize,
        /// The prefix.
        prefix: String,
    },

    /// The file system refuses.
    #[error("cannot {what} {}: {error}", path.display())]
    Io {
        /// A verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// From the system.
        error: io::Error,
    },

    /// A link script did not start.
    #[error("the script {} of package {dist} cannot be started: {why}", script.display())]
    Script {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The script.
        script: PathBuf,
        /// Why not.
        why: String,
    },

    /// Somebody asked for an end.
    #[error("cancelled; the environment is as it was")]
    Cancelled,

    /// The lock was not to be had.
    #[error(transparent)]
    Lock(#[from] LockError),

    /// The prefix cannot be read.
    #[error(transparent)]
    Prefix(#[from] PrefixError),

    /// The journal of an interrupted transaction does not parse.
    #[error(
        "{} tells of an interrupted transaction but cannot be understood ({why}); it may come from a newer version of this program",
        path.display()
    )]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        why: String,
    },

    /// A transaction failed, and so did taking it back.
    #[error(
        "{cause}\nThe environment could not be put back as it was: {error}\nThe next command on it will try again once the cause is gone"
    )]
    RollBack {
        /// What made the transaction fail.
        cause: Box<TransactionError>,
        /// What stands in the way of taking it back.
        error: Box<TransactionError>,
    },
}

impl TransactionError {
    /// For `map_err`: names the file.
    pub(crate) fn io(what: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |error| Self::Io { what, path, error }
    }
}
