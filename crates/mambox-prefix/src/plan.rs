//! What is to be done, how, and who is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rattler_conda_types::{PrefixRecord, RepoDataRecord};

use crate::history::History;
use crate::lock::LockOptions;
use crate::recover::Recovered;

/// A package to install.
#[derive(Debug, Clone)]
pub struct Package {
    /// From the channel.
    pub record: RepoDataRecord,
    /// Where a package cache holds it extracted; it may be read-only.
    pub folder: PathBuf,
    /// The archive it came from; the record tells it.
    pub archive: Option<PathBuf>,
    /// What was asked for, if the package was asked for by name.
    pub requested_spec: Option<String>,
}

/// A change of a prefix.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Records of the prefix whose packages go; an update removes the old one and installs the new one.
    pub remove: Vec<PrefixRecord>,
    /// What comes, dependencies first.
    pub install: Vec<Package>,
}

/// How files get from the package cache into the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkPolicy {
    /// Symbolic links where hard links are impossible.
    pub allow_softlinks: bool,
    /// Never a link, always a copy (sharing blocks where the file system can).
    pub always_copy: bool,
    /// Symbolic links always, where the package allows them.
    pub always_softlink: bool,
}

/// How a plan is carried out.
#[derive(Debug, Clone)]
pub struct Options {
    /// Link scripts see it as ROOT_PREFIX.
    pub root_prefix: PathBuf,
    /// How files get into the prefix.
    pub links: LinkPolicy,
    /// Whether `.pyc` files of noarch python packages are made.
    pub compile_pyc: bool,
    /// Whether `post-link` and `pre-unlink` scripts run.
    pub run_link_scripts: bool,
    /// Threads that link, and processes that compile.
    pub threads: usize,
    /// All that link scripts see of the environment, besides conda's variables.
    pub environment: BTreeMap<String, String>,
    /// What the history tells of this transaction.
    pub history: History,
    /// Set in `conda-meta/state`, in the same transaction.
    pub variables: BTreeMap<String, String>,
    /// How long to wait for others.
    pub lock: LockOptions,
}

/// What came of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Packages that are gone.
    pub removed: usize,
    /// Packages that are there.
    pub installed: usize,
    /// `.pyc` files that were made.
    pub compiled: usize,
    /// What an earlier transaction, interrupted, had left to do.
    pub recovered: Recovered,
}

/// What happens, as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An earlier transaction was interrupted; it was taken back, or finished.
    Recovered(Recovered),
    /// A package's files go.
    Unlinking {
        /// `NAME-VERSION-BUILD`.
        dist: String,
    },
    /// A package's files come.
    Linking {
        /// `NAME-VERSION-BUILD`.
        dist: String,
    },
    /// Python compiles its files.
    Compiling {
        /// How many.
        files: usize,
    },
    /// A link script runs.
    Script {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// `post-link` or `pre-unlink`.
        kind: &'static str,
    },
    /// What a link script has to say, from `.messages.txt`.
    Message {
        /// `NAME-VERSION-BUILD`.
        dist: String,
        /// The text.
        text: String,
    },
    /// Nothing that stops a transaction.
    Warning {
        /// In one sentence.
        text: String,
    },
}

/// Is told what happens, from several threads.
pub trait Observer: Sync {
    /// Takes an event; it should be quick.
    fn event(&self, event: Event);
}

impl Event {
    pub(crate) fn warning(text: impl Into<String>) -> Self {
        Self::Warning { text: text.into() }
    }
}
