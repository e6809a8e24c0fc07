//! What can be wrong with a package, a plan or a layer.
//!
//! Messages are whole: an error's cause is in its text, so it is not told again as its source.

use std::io;

use mambox_link::LinkError;

/// An error of this crate; it names the package file at fault.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// One package cannot become part of a layer.
    #[error("package {package}: {problem}")]
    Package {
        /// File name of the archive.
        package: String,
        /// What is wrong with it.
        problem: Problem,
    },

    /// The layer could not be compressed or written.
    #[error("cannot write the layer: {0}")]
    Sink(io::Error),

    /// The environment's prefix cannot be used.
    #[error("'{prefix}' cannot be the prefix of an environment: {why}")]
    Prefix {
        /// The prefix as given.
        prefix: String,
        /// Why not.
        why: &'static str,
    },

    /// A noarch python package without an interpreter to decide where it goes.
    #[error(
        "package {package} is a noarch python package, but the environment has no python; add python to the environment"
    )]
    NoPython {
        /// File name of the archive.
        package: String,
    },

    /// A wheel without an interpreter to decide where it goes.
    #[error("{package} is a wheel, but the environment has no python; add python to the environment")]
    WheelNeedsPython {
        /// File name of the wheel.
        package: String,
    },

    /// The environment's python has no place for noarch packages.
    #[error(transparent)]
    Python(#[from] LinkError),

    /// Packages and archives do not belong together.
    #[error("the layer holds {expected}, but the archive given for it is {given}")]
    WrongArchive {
        /// File name in the plan.
        expected: String,
        /// File name of the archive, or "none".
        given: String,
    },

    /// Planning with no layer at all.
    #[error("at least one layer is needed for the environment's packages, but max_layers is 0")]
    NoBudget,

    /// A locked package without a hash.
    #[error("the lock has no sha256 and no md5 for {package}; lock the environment again")]
    NoHash {
        /// File name of the archive.
        package: String,
    },

    /// A layer that is to hold `.pyc` files without anybody to make them.
    #[error("the layer of {package} is to hold .pyc files, but no compiler was given for it")]
    NoCompiler {
        /// File name of the layer's first package.
        package: String,
    },

    /// The compiler of `.pyc` files failed.
    #[error("the python files of package {package} cannot be compiled: {error}")]
    Compile {
        /// File name of the archive.
        package: String,
        /// From the compiler.
        error: CompileError,
    },

    /// A record that does not become JSON.
    #[error("the record of package {package} cannot be written: {error}")]
    Record {
        /// File name of the archive.
        package: String,
        /// From the serialiser.
        error: serde_json::Error,
    },
}

/// Why a [`Compile`](crate::Compile) failed altogether.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CompileError(String);

impl CompileError {
    /// With a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// What is wrong with a package.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file system, or the medium below it.
    #[error("cannot be read: {0}")]
    Io(io::Error),

    /// Neither `.conda` nor `.tar.bz2`.
    #[error("is no conda package: {0}")]
    NotConda(String),

    /// Not what its name says: no zip file, or one with other things in it than wheels have.
    #[error("is no wheel that can be installed: {0}")]
    NotWheel(String),

    /// Something that wheels may not hold.
    #[error("holds '{path}', {why}")]
    NotInWheels {
        /// The path.
        path: String,
        /// What is wrong with it, and what to do.
        why: String,
    },

    /// A file for which the wheel's RECORD does not vouch.
    #[error(
        "has a RECORD that does not vouch for '{path}': {why}; take another version of it, or ask its authors for a wheel with a right RECORD"
    )]
    Unvouched {
        /// The path.
        path: String,
        /// What is wrong.
        why: String,
    },

    /// Decompression failed or ended early.
    #[error("is damaged or incomplete ({0}); remove it from the package cache and fetch it again")]
    Damaged(String),

    /// A file of the `info` part that every package has.
    #[error("has no {0}")]
    Missing(&'static str),

    /// A metadata file that does not parse.
    #[error("has an invalid {file}: {why}")]
    Metadata {
        /// For example `info/paths.json`.
        file: &'static str,
        /// What the parser says.
        why: String,
    },

    /// A path that would leave the prefix, or that no package may hold.
    #[error(transparent)]
    Path(#[from] LinkError),

    /// A device, a fifo, a sparse file or an unknown type.
    #[error("holds '{path}', a {kind}, which no conda package may hold")]
    Special {
        /// The path.
        path: String,
        /// What it is.
        kind: &'static str,
    },

    /// Payload and paths.json disagree.
    #[error("says of '{path}' that {claim}, but {truth}")]
    Lie {
        /// The path.
        path: String,
        /// What the metadata says.
        claim: String,
        /// What the archive holds.
        truth: String,
    },

    /// paths.json lists what the archive does not hold.
    #[error("lists '{0}' in info/paths.json but does not hold it")]
    NotHeld(String),

    /// More than any honest package has.
    #[error("is refused: {what} exceeds {limit}")]
    TooBig {
        /// What is too big.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },

    /// The prefix does not fit into a binary.
    #[error(
        "cannot be installed at this prefix: '{path}' has room for {room} bytes of prefix, but '{prefix}' is longer; choose a shorter --prefix"
    )]
    PrefixTooLong {
        /// The file.
        path: String,
        /// Length of the placeholder.
        room: usize,
        /// The target prefix.
        prefix: String,
    },
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Problem {
    /// Names the package at fault.
    pub(crate) fn of(self, package: &str) -> LayerError {
        LayerError::Package { package: package.to_owned(), problem: self }
    }

    pub(crate) fn path(path: &str, why: &'static str) -> Self {
        Self::Path(LinkError::Path { path: mambox_link::printable(path), why })
    }
}
