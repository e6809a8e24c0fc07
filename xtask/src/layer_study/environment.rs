//! An environment of the study, and the lock that mambox would have of it.

use std::collections::{BTreeMap, BTreeSet};

use mambox_env::{Lock, LockedPackage};
use mambox_oci::Digest;
use rattler_conda_types::package::BuildStringError;
use rattler_conda_types::{NoArchType, PackageName, PackageRecord, Subdir, VersionWithSource};
use url::Url;

use super::catalog::{Catalog, Entry, Kind};

/// Which packages there are, and in which release.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    /// What a person asked for.
    pub(super) roots: BTreeSet<String>,
    /// How often a package was released since the catalogue was made.
    pub(super) releases: BTreeMap<String, u32>,
    /// Python's minor version.
    pub(super) python: u32,
    /// Packages that were taken out although something wants them.
    pub(super) without: BTreeSet<String>,
}

/// A lock with what makes its layers equal or different.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) lock: Lock,
    /// For each package of the lock, what its own layer is: equal numbers, equal bytes.
    pub(super) identities: Vec<u64>,
}

impl Environment {
    pub(super) fn new(roots: BTreeSet<String>) -> Self {
        Self { roots, releases: BTreeMap::new(), python: 11, without: BTreeSet::new() }
    }

    /// Names of all packages.
    pub(super) fn names<'a>(&'a self, catalog: &'a Catalog) -> BTreeSet<&'a str> {
        let mut names = catalog.closure(self.roots.iter().map(String::as_str));
        names.retain(|name| !self.without.contains(*name));
        names
    }

    pub(super) fn lock(&self, catalog: &Catalog) -> Result<Locked, String> {
        let entries = self.names(catalog).into_iter().filter_map(|name| catalog.get(name));
        let packages = entries.map(|entry| self.package(entry)).collect::<Result<Vec<_>, _>>()?;
        let channels: [&str; 0] = [];
        let lock = Lock::new(Subdir::Linux64, channels, packages).map_err(|error| error.to_string())?;
        let identity = |package: &LockedPackage| {
            let python = if package.record.noarch.is_python() { self.python } else { 0 };
            let archive = package.record.sha256.map(|hash| hash.to_vec()).unwrap_or_default();
            number(&format!("{python} {archive:?}"))
        };
        let identities = lock.packages().iter().map(identity).collect();
        Ok(Locked { lock, identities })
    }

    fn package(&self, entry: &Entry) -> Result<LockedPackage, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", entry.name);
        let release = self.releases.get(&entry.name).copied().unwrap_or(0);
        let bound = entry.kind == Kind::NativePython || entry.name == "python";
        let build = if bound { format!("py3{}_{release}", self.python) } else { release.to_string() };
        let version = match entry.name.as_str() {
            "python" => format!("3.{}.{release}", self.python),
            _ => entry.version.clone(),
        };
        let name = PackageName::try_from(entry.name.clone()).map_err(|error| failed(&error))?;
        let version: VersionWithSource = version.parse().map_err(|error| failed(&error))?;
        let mut record = PackageRecord::new(
            name,
            version,
            build.parse().map_err(|error: BuildStringError| failed(&error))?,
        );
        let is_noarch = matches!(entry.kind, Kind::NoarchPython | Kind::NoarchGeneric);
        record.subdir = if is_noarch { "noarch" } else { "linux-64" }.into();
        record.noarch = match entry.kind {
            Kind::NoarchPython => NoArchType::python(),
            Kind::NoarchGeneric => NoArchType::generic(),
            Kind::Native | Kind::NativePython => NoArchType::none(),
        };
        record.depends = entry.depends.iter().cloned().collect();
        let archive = format!("{}-{}-{build}.conda", entry.name, record.version);
        record.size = Some(size(entry, release));
        record.sha256 = Some((*Digest::of(archive.as_bytes()).as_bytes()).into());
        let url = format!("https://channel.invalid/{}/{archive}", record.subdir);
        let url = Url::parse(&url).map_err(|error| failed(&error))?;
        LockedPackage::new(record, &url, None).map_err(|error| failed(&error))
    }
}

/// A release is up to three percent larger or smaller than the package was.
fn size(entry: &Entry, release: u32) -> u64 {
    if release == 0 {
        return entry.size;
    }
    let thousandths = 970 + number(&format!("{} {release}", entry.name)) % 61;
    entry.size.saturating_mul(thousandths) / 1000
}

/// A number that depends on the text alone: the study's only chance.
pub(super) fn number(text: &str) -> u64 {
    let digest = Digest::of(text.as_bytes());
    digest.as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
