//! Paths that more than one package claims.
//!
//! The winner is the one that rattler's clobber rule names: the last in the topological order of packages, so a
//! dependent wins over its dependency. Where one has a file and another a directory, whoever of all that have something
//! at or below the path comes last decides which it is. The losers' paths are left out of their layers, so that no
//! order of layers can change the outcome, and out of their conda-meta records.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use mambox_env::LockedPackage;
use mambox_link::Python;
use mambox_link::overlap::{self, Claim, Overlap, Overlaps};
use rattler_conda_types::{PackageRecord, package::PathType};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::build::require_python;
use crate::error::LayerError;
use crate::link::{record_path, targets};

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
        let targets = targets(&metadata, python, &BTreeSet::new());
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
        let ranked: Vec<Claim<'_>> = claims
            .iter()
            .map(|claim| Claim {
                rank: rank.get(claim.package.as_str()).copied().unwrap_or(usize::MAX),
                paths: &claim.paths,
                compiled: &claim.compiled,
            })
            .collect();
        let Overlaps { overlaps, masked, not_compiled } = overlap::resolve(&ranked);
        let name = |index: usize| claims[index].package.clone();
        let conflict = |overlap: Overlap| Conflict {
            path: overlap.path,
            winner: name(overlap.winner),
            losers: overlap.losers.into_iter().map(name).collect(),
        };
        let by_name = |paths: Vec<BTreeSet<String>>| {
            let named = paths.into_iter().enumerate().map(|(index, paths)| (name(index), paths));
            named.filter(|(_, paths)| !paths.is_empty()).collect()
        };
        Self {
            conflicts: overlaps.into_iter().map(conflict).collect(),
            masked: by_name(masked),
            not_compiled: by_name(not_compiled),
        }
    }
}
