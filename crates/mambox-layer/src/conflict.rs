//! Paths that more than one package claims.
//!
//! The winner is the one that rattler's clobber rule names: the last in the topological order of packages, so a
//! dependent wins over its dependency. Where one has a file and another a directory, whoever of all that have something
//! at or below the path comes last decides which it is. The losers' paths are left out of their layers, so that no
//! order of layers can change the outcome, and out of their conda-meta records. Wheels are installed after all packages,
//! so a wheel wins over every package, and among wheels the last by name.

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
use crate::wheel::distribution;

/// The paths that one package, or one wheel, would install.
#[derive(Debug, Clone)]
pub struct Claims {
    package: String,
    /// Relative to the prefix; a directory's path ends in a slash.
    paths: Vec<String>,
    /// `.pyc` files that may be made.
    compiled: Vec<String>,
    /// Paths that it is not to install, whoever else claims them.
    left_out: BTreeSet<String>,
    /// The environment's folder of distributions, with a slash at its end.
    site_packages: Option<String>,
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
        Ok(Self::new(package.name().to_owned(), paths, compiled, python))
    }

    /// How the names begin under which wheels claim paths.
    pub(crate) const WHEEL: &str = "pypi:";

    pub(crate) fn new(
        package: String,
        paths: Vec<String>,
        compiled: Vec<String>,
        python: Option<&Python>,
    ) -> Self {
        let site_packages = python.map(|python| format!("{}/", python.site_packages));
        Self { package, paths, compiled, left_out: BTreeSet::new(), site_packages }
    }

    /// The package's name, or `pypi:NAME` of a wheel.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Whether it is a wheel's.
    pub fn is_wheel(&self) -> bool {
        self.package.starts_with(Self::WHEEL)
    }

    /// The paths in site-packages, relative to the prefix.
    pub fn site_paths(&self) -> impl Iterator<Item = &str> {
        self.in_site_packages().map(|(path, _)| path)
    }

    /// The Python distributions that it holds, each once: name as PEP 503 normalises it, and version as the folder of the
    /// distribution's metadata tells it (empty where that tells none).
    pub fn distributions(&self) -> impl Iterator<Item = (String, String)> {
        let all = self.in_site_packages().filter_map(|(_, below)| distribution(below));
        all.collect::<BTreeSet<_>>().into_iter()
    }

    /// Takes back the claim to whatever `unwanted` names: [`Conflicts::find`] masks these paths and sees no conflict about
    /// them. For a package whose files somebody else replaces as a whole.
    pub fn leave_out(&mut self, unwanted: impl Fn(&str) -> bool) {
        let (out, kept) = std::mem::take(&mut self.paths).into_iter().partition(|path| unwanted(path));
        let out: Vec<String> = out;
        self.left_out.extend(out.iter().map(|path| path.trim_end_matches('/').to_owned()));
        self.paths = kept;
    }

    /// Paths in site-packages, relative to the prefix and relative to site-packages.
    fn in_site_packages(&self) -> impl Iterator<Item = (&str, &str)> {
        let folder = self.site_packages.as_deref();
        self.paths().filter_map(move |path| Some((path, path.strip_prefix(folder?)?)))
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

    /// Compares the claims of an environment's packages and wheels; `packages` are those of the lock.
    pub fn find<'a>(packages: impl IntoIterator<Item = &'a LockedPackage>, claims: &[Claims]) -> Self {
        let records: Vec<&PackageRecord> = packages.into_iter().map(|package| &package.record).collect();
        let order = PackageRecord::sort_topologically(records);
        let rank: HashMap<&str, usize> =
            order.iter().enumerate().map(|(rank, record)| (record.name.as_normalized(), rank)).collect();
        let wheels: BTreeSet<&str> =
            claims.iter().filter(|claim| claim.is_wheel()).map(Claims::package).collect();
        // Wheels come after whatever is no wheel.
        let wheels: HashMap<&str, usize> =
            wheels.into_iter().enumerate().map(|(place, name)| (name, order.len() + 1 + place)).collect();
        let rank_of = |name: &str| wheels.get(name).or_else(|| rank.get(name)).copied();
        let ranked: Vec<Claim<'_>> = claims
            .iter()
            .map(|claim| Claim {
                rank: rank_of(&claim.package).unwrap_or(order.len()),
                paths: &claim.paths,
                compiled: &claim.compiled,
            })
            .collect();
        let Overlaps { overlaps, mut masked, not_compiled } = overlap::resolve(&ranked);
        for (masked, claim) in masked.iter_mut().zip(claims) {
            masked.extend(claim.left_out.iter().cloned());
        }
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
