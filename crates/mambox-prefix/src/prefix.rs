//! A prefix and what its `conda-meta` says.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rattler_conda_types::PrefixRecord;

use crate::error::PrefixError;
use crate::{history, parallel, state, tolerant};

/// Threads beyond this do not make reading records faster.
const MAX_READERS: usize = 8;

/// The folder of an environment; it need not be there yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prefix(PathBuf);

impl Prefix {
    /// Of an absolute path.
    ///
    /// # Errors
    /// When the path is relative, not UTF-8, or holds `..`: records and scripts name it.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, PrefixError> {
        let path = path.into();
        let reject = |why| PrefixError::Path { path: path.clone(), why };
        if !path.is_absolute() {
            return Err(reject("it is not absolute"));
        }
        let text = path.to_str().ok_or_else(|| reject("it is not UTF-8"))?;
        if text.split('/').any(|part| part == "..") {
            return Err(reject("it leads through '..'"));
        }
        if text.chars().any(char::is_control) {
            return Err(reject("it holds a control character"));
        }
        // Without `//`, `.` and a slash at the end, as it will stand in files.
        Ok(Self(path.components().collect()))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// As it stands in files.
    pub(crate) fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The folder of the records.
    pub(crate) fn meta(&self) -> PathBuf {
        self.0.join("conda-meta")
    }

    /// Makes the folder, and that of the records.
    pub(crate) fn make(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o775).create(self.meta())
    }

    /// Whether conda takes it for an environment: it has a history or a record.
    pub fn is_environment(&self) -> bool {
        let meta = self.meta();
        meta.join("history").is_file() || record_files(&meta).is_ok_and(|files| !files.is_empty())
    }

    /// What is installed, by name. Records of conda, mamba and micromamba are understood, also where they have empty or
    /// missing fields. A prefix that is not there has no records.
    ///
    /// # Errors
    /// When a record cannot be read or parsed; the error names its file.
    pub fn records(&self) -> Result<Vec<PrefixRecord>, PrefixError> {
        let files = self.record_files()?;
        let mut records = parallel::map(&files, MAX_READERS, |path| tolerant::read(path))?;
        records.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(records)
    }

    /// The files of the records, by name.
    pub(crate) fn record_files(&self) -> Result<Vec<PathBuf>, PrefixError> {
        let meta = self.meta();
        record_files(&meta).map_err(|error| PrefixError::Read { path: meta, error })
    }

    /// What was asked for by name, of what is installed: from the history, as conda reads it ("update specs", "install
    /// specs", "remove specs", "neutered specs"), and from the records where the history tells nothing.
    ///
    /// # Errors
    /// When the history or a record cannot be read.
    pub fn requested(&self) -> Result<BTreeMap<String, String>, PrefixError> {
        let path = self.meta().join("history");
        let text = read_if_there(&path)?.unwrap_or_default();
        let mut requested = history::requested(&text);
        let records = self.records()?;
        let names: BTreeMap<&str, &PrefixRecord> =
            records.iter().map(|record| (record.name().as_normalized(), record)).collect();
        requested.retain(|name, _| names.contains_key(name.as_str()));
        for (name, record) in names {
            if let Some(spec) = requested_spec(record) {
                requested.entry(name.to_owned()).or_insert(spec);
            }
        }
        Ok(requested)
    }

    /// The lines of `conda-meta/pinned`, without comments and blank lines.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub fn pinned(&self) -> Result<Vec<String>, PrefixError> {
        let text = read_if_there(&self.meta().join("pinned"))?.unwrap_or_default();
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// The environment's own variables, from `conda-meta/state`.
    ///
    /// # Errors
    /// When the file is there but cannot be read or parsed.
    pub fn variables(&self) -> Result<BTreeMap<String, String>, PrefixError> {
        state::variables(&self.meta())
    }

    /// Sets variables in `conda-meta/state`; others, and other keys of the file, stay as they are.
    ///
    /// # Errors
    /// When the file cannot be read, parsed or written.
    pub fn set_variables(&self, variables: &BTreeMap<String, String>) -> Result<(), PrefixError> {
        state::set(&self.meta(), variables)
    }
}

/// The text of a small file, if it is there.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, PrefixError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PrefixError::Read { path: path.to_owned(), error }),
    }
}

fn record_files(meta: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(meta) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        // Names that begin with a dot are those of files on their way.
        if name.to_str().is_some_and(|name| name.ends_with(".json") && !name.starts_with('.')) {
            files.push(meta.join(name));
        }
    }
    files.sort();
    Ok(files)
}

/// conda writes the text "None" where nothing was asked for.
#[allow(deprecated)]
fn requested_spec(record: &PrefixRecord) -> Option<String> {
    let all = record.requested_specs.iter().chain(&record.requested_spec);
    all.map(|spec| spec.trim()).find(|spec| !spec.is_empty() && *spec != "None").map(str::to_owned)
}
