//! Paths that more than one package claims.
//!
//! The winner is the one that rattler's clobber rule names: the last in the topological order of packages, so a
//! dependent wins over its dependency. Where one has a file and another a directory, whoever of all that have something
//! at or below the path comes last decides which it is. The losers' paths are left out of their layers, so that no
//! order of layers can change the outcome, and out of their conda-meta records.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use mambox_env::LockedPackage;
use rattler_conda_types::{PackageRecord, package::PathType};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::build::require_python;
use crate::error::LayerError;
use crate::link::{Python, Targets, record_path};

/// The paths that one package would install.
#[derive(Debug, Clone)]
pub struct Claims {
    package: String,
    /// Relative to the prefix; a directory's path ends in a slash.
    paths: Vec<String>,
    /// `.pyc` files that may be made.
    compiled: Vec<String>,
}

/// A path that several packages claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Relative to the prefix.
    pub path: String,
    /// Name of the package whose file is installed.
    pub winner: String,
    /// Names of the packages whose files are left out.
    pub losers: BTreeSet<String>,
}

/// All conflicts of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflicts {
    /// By path.
    pub conflicts: Vec<Conflict>,
    masked: BTreeMap<String, BTreeSet<String>>,
    /// `.pyc` files that are not made for a package, as another package has something in their place.
    not_compiled: BTreeMap<String, BTreeSet<String>>,
}

impl Claims {
    /// Reads what a package would install from its info part.
    ///
    /// # Errors
    /// When the archive is damaged or hostile.
    pub fn read(
        package: &LockedPackage,
        archive: &Archive,
        python: Option<&Python>,
    ) -> Result<Self, LayerError> {
        let metadata = archive.metadata()?;
        require_python(package, &metadata, python)?;
        let targets = Targets::new(&metadata, python, &BTreeSet::new());
        let targets = targets.map_err(|problem| problem.of(archive.file_name()))?;
        let files = targets.files.iter().filter(|target| !target.masked).map(|target| {
            let slash = if target.entry.path_type == PathType::Directory { "/" } else { "" };
            format!("{}{slash}", target.destination)
        });
        let scripts = targets.entry_points.iter().flatten().cloned();
        let paths = files.chain(scripts).chain([record_path(package)]).collect();
        let compiled = targets.files.iter().filter_map(|target| target.pyc.clone()).collect();
        Ok(Self { package: package.name().to_owned(), paths, compiled })
    }

    /// The package's name.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The paths, relative to the prefix; a directory's ends in a slash.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let losers: Vec<&str> = self.losers.iter().map(String::as_str).collect();
        write!(
            f,
            "{}: the file of {} is taken, that of {} left out",
            self.path,
            self.winner,
            losers.join(", ")
        )
    }
}

impl Conflicts {
    /// The paths to leave out of a package, by its name.
    pub fn masked(&self, package: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.masked.get(package).unwrap_or(&NONE)
    }

    /// The `.pyc` files not to make for a package, by its name.
    pub(crate) fn not_compiled(&self, package: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.not_compiled.get(package).unwrap_or(&NONE)
    }

    /// Leaves out whatever `unwanted` names, for a prefix that is not to hold everything.
    #[must_use]
    pub fn without(mut self, claims: &[Claims], unwanted: impl Fn(&str) -> bool) -> Self {
        for claim in claims {
            let paths =
                claim.paths().filter(|path| unwanted(path)).map(|path| path.trim_end_matches('/').to_owned());
            let paths: BTreeSet<String> = paths.collect();
            if !paths.is_empty() {
                self.masked.entry(claim.package.clone()).or_default().extend(paths);
            }
        }
        self
    }

    /// Compares the claims of an environment's packages.
    pub fn find<'a>(packages: impl IntoIterator<Item = &'a LockedPackage>, claims: &[Claims]) -> Self {
        let records: Vec<&PackageRecord> = packages.into_iter().map(|package| &package.record).collect();
        let order = PackageRecord::sort_topologically(records);
        let rank: HashMap<&str, usize> =
            order.iter().enumerate().map(|(rank, record)| (record.name.as_normalized(), rank)).collect();
        let mut arena =
            Arena { entries: Vec::new(), names: claims.iter().map(|c| c.package.as_str()).collect() };
        for (index, claim) in claims.iter().enumerate() {
            // Equal ranks cannot be: names are unique. The index keeps even then apart.
            let rank = (rank.get(claim.package.as_str()).copied().unwrap_or(usize::MAX), index);
            arena.entries.extend(claim.paths.iter().map(|path| Entry { path, rank, masked: false }));
        }
        arena.entries.sort_by(|a, b| (a.path, a.rank).cmp(&(b.path, b.rank)));
        arena.resolve(claims)
    }
}

struct Entry<'a> {
    path: &'a str,
    rank: (usize, usize),
    masked: bool,
}

/// All claims of all packages, by path and rank.
struct Arena<'a> {
    entries: Vec<Entry<'a>>,
    names: Vec<&'a str>,
}

impl Arena<'_> {
    fn resolve(mut self, claims: &[Claims]) -> Conflicts {
        let mut conflicts = Vec::new();
        let mut at = 0;
        while at < self.entries.len() {
            let path = self.entries[at].path;
            let end = at + self.entries[at..].partition_point(|entry| entry.path == path);
            // Directories may be claimed by many; only a file in their place is a conflict.
            if !path.ends_with('/') {
                conflicts.extend(self.decide(at, end));
            }
            at = end;
        }
        let mut masked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.masked) {
            let package = self.names[entry.rank.1].to_owned();
            masked.entry(package).or_default().insert(entry.path.trim_end_matches('/').to_owned());
        }
        let not_compiled = self.not_compiled(claims);
        Conflicts { conflicts, masked, not_compiled }
    }

    /// A `.pyc` that some package ships stays, whoever ships it: what is made here yields.
    fn not_compiled(&self, claims: &[Claims]) -> BTreeMap<String, BTreeSet<String>> {
        let mut not_compiled: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for claim in claims {
            let taken: BTreeSet<String> =
                claim.compiled.iter().filter(|pyc| self.is_taken(pyc)).cloned().collect();
            if !taken.is_empty() {
                not_compiled.insert(claim.package.clone(), taken);
            }
        }
        not_compiled
    }

    /// Whether a package has something at a path, below it, or a file in place of its folder.
    fn is_taken(&self, path: &str) -> bool {
        let has = |wanted: &str| {
            let at = self.entries.partition_point(|entry| entry.path < wanted);
            self.entries[at..].first().is_some_and(|entry| entry.path == wanted)
        };
        let below = format!("{path}/");
        let at = self.entries.partition_point(|entry| entry.path < below.as_str());
        let above = path.rsplit_once('/').is_some_and(|(folder, _)| has(folder));
        has(path) || above || self.entries[at..].first().is_some_and(|entry| entry.path.starts_with(&below))
    }

    /// Decides about one path, whose claims are `at..end`; what is claimed below it lies further on.
    fn decide(&mut self, at: usize, end: usize) -> Option<Conflict> {
        let path = self.entries[at].path;
        let below = format!("{path}/");
        let start = end + self.entries[end..].partition_point(|entry| entry.path < below.as_str());
        let stop = start + self.entries[start..].partition_point(|entry| entry.path.starts_with(&below));
        let claimed: Vec<usize> =
            (at..end).chain(start..stop).filter(|index| !self.entries[*index].masked).collect();
        let winner = claimed.iter().copied().max_by_key(|index| self.entries[*index].rank)?;
        let as_file = winner < end;
        let loses = |index: &usize| {
            let entry = &self.entries[*index];
            let other = entry.rank != self.entries[winner].rank;
            if as_file { other } else { *index < end }
        };
        let losing: Vec<usize> = claimed.into_iter().filter(loses).collect();
        let name = |index: usize| self.names[self.entries[index].rank.1].to_owned();
        let losers: BTreeSet<String> = losing.iter().map(|index| name(*index)).collect();
        let conflict = Conflict { path: path.to_owned(), winner: name(winner), losers };
        losing.iter().for_each(|index| self.entries[*index].masked = true);
        (!losing.is_empty()).then_some(conflict)
    }
}
