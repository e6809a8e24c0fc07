//! The journal of a transaction, in `conda-meta/.transaction`.
//!
//! The file's name tells how far a transaction has come, so that each step is one rename:
//!
//! | name | what may have happened | what recovery does |
//! |---|---|---|
//! | `removing` | files were moved to `trash/` | moves them back |
//! | `linking` | besides, files were created | removes those, renames to `removing`, goes on there |
//! | `committed` | all is done | empties the trash and removes emptied folders |
//!
//! Recovery itself may be killed anywhere and repeated, and needs no space on the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::TransactionError;
use crate::prefix::Prefix;
use crate::process::Process;

/// Raised when an older program could not take a transaction back.
const VERSION: u32 = 1;
const FOLDER: &str = "conda-meta/.transaction";

/// What a transaction does to the prefix; paths are relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) version: u32,
    /// Who is at work; asked only where there is no lock.
    #[serde(default)]
    pub(crate) process: Process,
    /// Distributions that go and come, for telling.
    pub(crate) remove: Vec<String>,
    pub(crate) install: Vec<String>,
    /// What is moved to the trash, each under its index as name; what is below a folder comes before it.
    pub(crate) moved: Vec<Moved>,
    /// Files and links that are created.
    pub(crate) created: Vec<String>,
    /// Folders that are created, parents first.
    pub(crate) folders: Vec<String>,
    /// Folders that may be empty afterwards, children first.
    pub(crate) emptied: Vec<String>,
    /// Bytes of the history before; none if there was no file.
    pub(crate) history: Option<u64>,
    /// Whether the transaction made `conda-meta`, and the prefix.
    pub(crate) made_meta: bool,
    pub(crate) made_prefix: bool,
}

/// A path on its way to the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) path: String,
    pub(crate) is_folder: bool,
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Removing,
    Linking,
    Committed,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Removing, Self::Linking, Self::Committed];

    fn name(self) -> &'static str {
        match self {
            Self::Removing => "removing",
            Self::Linking => "linking",
            Self::Committed => "committed",
        }
    }
}

/// The folder that a transaction keeps its things in.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn of(prefix: &Prefix) -> Self {
        Self(prefix.path().join(FOLDER))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it anew; call it under the lock, when nothing is left to recover.
    pub(crate) fn create(&self) -> Result<(), TransactionError> {
        let made = || {
            if self.0.exists() {
                fs::remove_dir_all(&self.0)?;
            }
            fs::create_dir_all(self.0.join("trash"))
        };
        made().map_err(TransactionError::io("make", &self.0))
    }

    /// Where the thing with this index in [`Journal::moved`] is kept.
    pub(crate) fn slot(&self, index: usize) -> PathBuf {
        self.0.join("trash").join(index.to_string())
    }

    pub(crate) fn trash(&self) -> PathBuf {
        self.0.join("trash")
    }

    pub(crate) fn journal(&self, phase: Phase) -> PathBuf {
        self.0.join(phase.name())
    }

    /// Writes the journal; from here on a transaction is known to recovery.
    pub(crate) fn begin(&self, journal: &Journal) -> Result<(), TransactionError> {
        let path = self.journal(Phase::Removing);
        let write = || {
            let bytes = serde_json::to_vec(&Journal {
                version: VERSION,
                process: Process::this(),
                ..journal.clone()
            })?;
            let beside = self.0.join("journal");
            let mut file = File::create(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(TransactionError::io("write", &path))
    }

    pub(crate) fn step(&self, from: Phase, to: Phase) -> Result<(), TransactionError> {
        let path = self.journal(from);
        fs::rename(&path, self.journal(to)).map_err(TransactionError::io("rename", &path))
    }

    /// The journal of a transaction that did not end.
    pub(crate) fn read(&self) -> Result<Option<(Phase, Journal)>, TransactionError> {
        for phase in Phase::ALL {
            let path = self.journal(phase);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(TransactionError::io("read", &path)(error)),
            };
            let not_understood = |why: String| TransactionError::Journal { path: path.clone(), why };
            let journal: Journal =
                serde_json::from_slice(&bytes).map_err(|error| not_understood(error.to_string()))?;
            if journal.version != VERSION {
                return Err(not_understood(format!("its version is {}", journal.version)));
            }
            return Ok(Some((phase, journal)));
        }
        Ok(None)
    }
}
