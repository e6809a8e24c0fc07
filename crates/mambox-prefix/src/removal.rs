//! What goes with the packages of a plan that are removed, and what stays because others own it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use mambox_link::{Python, ancestors};
use rattler_conda_types::PrefixRecord;
use serde::Deserialize;

use crate::error::{PrefixError, TransactionError};
use crate::history::dist;
use crate::journal::Moved;
use crate::placed::is_reserved;
use crate::prefix::Prefix;
use crate::{parallel, tolerant};

/// Of a record, what removal has to know of packages that stay.
#[derive(Debug, Deserialize)]
struct Light {
    name: String,
    files: Option<Vec<String>>,
    paths_data: Option<LightPaths>,
}

#[derive(Debug, Deserialize)]
struct LightPaths {
    paths: Option<Vec<LightPath>>,
}

#[derive(Debug, Deserialize)]
struct LightPath {
    _path: Option<String>,
}

/// The packages that stay, and those that go.
#[derive(Debug, Default)]
pub(crate) struct Installed {
    /// Distribution by path.
    owners: HashMap<String, usize>,
    /// `NAME-VERSION-BUILD` of the packages that stay.
    kept: Vec<String>,
    names: HashMap<String, usize>,
    /// Record files of packages that go.
    leaving: Vec<PathBuf>,
    /// The record of a python that stays.
    python: Option<PathBuf>,
}

impl Installed {
    /// Reads the records of a prefix.
    pub(crate) fn read(
        prefix: &Prefix,
        remove: &[PrefixRecord],
        threads: usize,
    ) -> Result<Self, TransactionError> {
        let leaving: HashSet<&str> = remove.iter().map(|record| record.name().as_normalized()).collect();
        let files = prefix.record_files()?;
        let records = parallel::map(&files, threads, |path| light(path))?;
        let mut installed = Self::default();
        for (path, record) in files.into_iter().zip(records) {
            if leaving.contains(record.name.as_str()) {
                installed.leaving.push(path);
                continue;
            }
            if record.name == "python" {
                installed.python = Some(path.clone());
            }
            let index = installed.kept.len();
            installed.kept.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
            installed.names.insert(record.name, index);
            let listed = record.paths_data.and_then(|data| data.paths).into_iter().flatten();
            let listed = listed.filter_map(|path| path._path);
            installed
                .owners
                .extend(record.files.into_iter().flatten().chain(listed).map(|path| (path, index)));
        }
        Ok(installed)
    }

    /// The package that stays and has this path.
    pub(crate) fn owner(&self, path: &str) -> Option<&str> {
        self.owners.get(path).map(|index| self.kept[*index].as_str())
    }

    /// The package of this name that stays.
    pub(crate) fn kept(&self, name: &str) -> Option<&str> {
        self.names.get(name).map(|index| self.kept[*index].as_str())
    }

    /// The python that stays.
    pub(crate) fn python(&self) -> Result<Option<Python>, TransactionError> {
        let Some(path) = &self.python else { return Ok(None) };
        let record = tolerant::read(path)?;
        let python = Python::of(&record.repodata_record.package_record);
        python
            .map(Some)
            .map_err(|problem| TransactionError::Python { dist: dist(&record.repodata_record), problem })
    }
}

fn light(path: &Path) -> Result<Light, PrefixError> {
    let bytes = fs::read(path).map_err(|error| PrefixError::Read { path: path.to_owned(), error })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| PrefixError::Damaged { path: path.to_owned(), why: error.to_string() })
}

/// What a folder of the prefix is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Missing,
    /// A folder, or a link to one within the prefix.
    Inside,
    /// A link to a folder elsewhere.
    Outside,
}

/// Remembers what folders are.
#[derive(Debug)]
pub(crate) struct Folders<'a> {
    prefix: &'a Path,
    real: PathBuf,
    known: HashMap<String, Found>,
}

impl<'a> Folders<'a> {
    pub(crate) fn new(prefix: &'a Prefix) -> Self {
        let prefix = prefix.path();
        let real = fs::canonicalize(prefix).unwrap_or_else(|_| prefix.to_owned());
        Self { prefix, real, known: HashMap::new() }
    }

    pub(crate) fn find(&mut self, folder: &str) -> Found {
        if folder.is_empty() {
            return Found::Inside;
        }
        if let Some(found) = self.known.get(folder) {
            return *found;
        }
        let found = match self.find(folder.rsplit_once('/').map_or("", |(above, _)| above)) {
            Found::Inside => self.look(folder),
            other => other,
        };
        self.known.insert(folder.to_owned(), found);
        found
    }

    fn look(&self, folder: &str) -> Found {
        let path = self.prefix.join(folder);
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_dir() => Found::Inside,
            Ok(there) if there.is_symlink() => match fs::canonicalize(&path) {
                Ok(real) if !real.is_dir() => Found::Missing,
                Ok(real) if real.starts_with(&self.real) => Found::Inside,
                Ok(_) => Found::Outside,
                Err(_) => Found::Missing,
            },
            _ => Found::Missing,
        }
    }
}

/// What goes, in the order of the plan.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    pub(crate) moved: Vec<Moved>,
    /// The same paths.
    pub(crate) paths: HashSet<String>,
    /// Folders that may be empty afterwards.
    pub(crate) emptied: BTreeSet<String>,
    /// For each removed package, where its paths begin in `moved`.
    pub(crate) starts: Vec<usize>,
    pub(crate) warnings: Vec<String>,
}

impl Leaving {
    pub(crate) fn find(
        prefix: &Prefix,
        remove: &[PrefixRecord],
        installed: &Installed,
        folders: &mut Folders<'_>,
    ) -> Self {
        let mut leaving = Self::default();
        for record in remove {
            leaving.starts.push(leaving.moved.len());
            let mut sources: HashMap<&str, HashSet<&str>> = HashMap::new();
            let listed = record.paths_data.paths.iter().map(|entry| &entry.relative_path);
            let all: BTreeSet<&str> =
                record.files.iter().chain(listed).filter_map(|path| path.to_str()).collect();
            for path in all {
                let path = path.trim_end_matches('/');
                if leaving.take(prefix, path, record, installed, folders)
                    && let Some((folder, stem)) =
                        path.strip_suffix(".py").and_then(|path| path.rsplit_once('/'))
                {
                    sources.entry(folder).or_default().insert(stem);
                }
            }
            for (folder, stems) in sources {
                leaving.compiled(prefix, folder, &stems, installed);
            }
        }
        let meta = prefix.meta();
        for path in &installed.leaving {
            if let Some(name) = path.strip_prefix(&meta).ok().and_then(Path::to_str) {
                leaving.push(format!("conda-meta/{name}"));
            }
        }
        leaving.emptied.remove("conda-meta");
        leaving
    }

    /// Takes a path that a record lists; tells whether it is a file that goes.
    fn take(
        &mut self,
        prefix: &Prefix,
        path: &str,
        record: &PrefixRecord,
        installed: &Installed,
        folders: &mut Folders<'_>,
    ) -> bool {
        if installed.owner(path).is_some() || self.paths.contains(path) {
            return false;
        }
        let parent = path.rsplit_once('/').map_or("", |(above, _)| above);
        let odd = mambox_link::check(path).is_err() || is_reserved(path);
        if odd || folders.find(parent) == Found::Outside {
            let dist = dist(&record.repodata_record);
            let path = mambox_link::printable(path);
            self.warnings.push(format!(
                "the record of {dist} lists '{path}', which is not in the environment; left alone"
            ));
            return false;
        }
        let there = match folders.find(parent) {
            Found::Inside => fs::symlink_metadata(prefix.path().join(path)).ok(),
            _ => None,
        };
        self.emptied.extend(ancestors(path).map(str::to_owned));
        match there {
            Some(there) if there.is_dir() => {
                self.emptied.insert(path.to_owned());
                false
            }
            Some(_) => {
                self.push(path.to_owned());
                true
            }
            // Its `.pyc` may still be there.
            None => true,
        }
    }

    fn push(&mut self, path: String) {
        if self.paths.insert(path.clone()) {
            self.moved.push(Moved { path, is_folder: false });
        }
    }

    /// What python made of sources that go: of no use without them, and wrong where only the hash is looked at.
    fn compiled(&mut self, prefix: &Prefix, folder: &str, stems: &HashSet<&str>, installed: &Installed) {
        let cache = format!("{folder}/__pycache__");
        let Ok(entries) = fs::read_dir(prefix.path().join(&cache)) else { return };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut stale: Vec<String> = names
            .filter(|name| name.ends_with(".pyc"))
            .filter(|name| name.split_once('.').is_some_and(|(stem, _)| stems.contains(stem)))
            .map(|name| format!("{cache}/{name}"))
            .filter(|path| installed.owner(path).is_none())
            .collect();
        stale.sort();
        stale.into_iter().for_each(|path| self.push(path));
        self.emptied.insert(cache);
    }
}
