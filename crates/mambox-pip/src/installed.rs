//! What conda packages are to pip.

use std::collections::BTreeMap;

use mambox_env::{Lock, LockedPackage, normalize_pip_name};

use crate::{names::pypi_names, version::pep440};

/// A distribution that a conda package of the environment brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Normalised.
    pub name: String,
    /// As PEP 440 has it, in its canonical spelling.
    pub version: String,
    /// `name-version-build` of the conda package.
    pub package: String,
}

/// How a name was found; the smaller, the surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// The record names it itself.
    Purl,
    /// It is the package's own name.
    Own,
    /// The table has it.
    Table,
}

/// The distributions that the conda packages of a lock bring, by name. A record's own purls tell
/// (`pkg:pypi/name@version`); where it has none, a table of names that differ; and otherwise a package that needs python
/// bears its own name. A version that PEP 440 does not know becomes the nearest one, and a package without any is left
/// out.
pub fn installed(lock: &Lock) -> Vec<Installed> {
    let mut found: BTreeMap<String, (Source, Installed)> = BTreeMap::new();
    for package in lock.packages() {
        let record = &package.record;
        let label = format!("{}-{}-{}", package.name(), record.version, record.build.as_str());
        for (source, name, version) in names(package) {
            let version = version.unwrap_or_else(|| record.version.to_string());
            let (Ok(name), Some(version)) = (normalize_pip_name(&name), pep440(&version)) else { continue };
            if found.get(&name).is_some_and(|(known, _)| *known <= source) {
                continue;
            }
            found.insert(name.clone(), (source, Installed { name, version, package: label.clone() }));
        }
    }
    found.into_values().map(|(_, installed)| installed).collect()
}

/// Names, and versions where these are others than the package's.
fn names(package: &LockedPackage) -> Vec<(Source, String, Option<String>)> {
    if let Some(purls) = &package.record.purls {
        let pypi = purls.iter().filter(|purl| purl.package_type() == "pypi");
        return pypi
            .map(|purl| (Source::Purl, purl.name().to_owned(), purl.version().map(str::to_owned)))
            .collect();
    }
    match pypi_names(package.name()) {
        Some(names) => names.iter().map(|name| (Source::Table, (*name).to_owned(), None)).collect(),
        None if needs_python(package) => vec![(Source::Own, package.name().to_owned(), None)],
        None => Vec::new(),
    }
}

fn needs_python(package: &LockedPackage) -> bool {
    let is_python = |spec: &String| {
        spec.split([' ', '=', '<', '>', '!', '~']).next().is_some_and(|name| name == "python")
    };
    package.record.noarch.is_python() || package.record.depends.iter().any(is_python)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use rattler_conda_types::{
        NoArchType, PackageName, PackageRecord, PackageUrl, Subdir, VersionWithSource,
    };
    use url::Url;

    use super::*;

    fn package(name: &str, version: &str, depends: &[&str], purls: Option<&[&str]>) -> LockedPackage {
        let mut record = PackageRecord::new(
            PackageName::try_from(name).expect("a name"),
            VersionWithSource::from_str(version).expect("a version"),
            "h0_0".parse().expect("a build"),
        );
        record.subdir = Subdir::Linux64.to_string();
        record.sha256 = Some([7; 32].into());
        record.depends = depends.iter().map(|&spec| spec.to_owned()).collect();
        record.purls =
            purls.map(|purls| purls.iter().map(|purl| PackageUrl::from_str(purl).expect("a purl")).collect());
        let url = format!("https://conda.example.invalid/main/linux-64/{name}-{version}-h0_0.conda");
        LockedPackage::new(record, &Url::parse(&url).expect("a URL"), None).expect("a package")
    }

    fn shown(packages: Vec<LockedPackage>) -> String {
        let lock =
            Lock::new(Subdir::Linux64, ["https://conda.example.invalid/main"], packages).expect("a lock");
        let lines = installed(&lock)
            .into_iter()
            .map(|one| format!("{}=={} from {}", one.name, one.version, one.package));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn purls_go_before_the_table_and_the_table_before_the_own_name() {
        let python = ["python >=3.13,<3.14.0a0"];
        let mut noarch = package("typing_extensions", "4.15.0", &[], None);
        noarch.record.noarch = NoArchType::python();
        let told = shown(vec![
            package("numpy", "2.1.0", &python, None),
            package("pytorch", "2.4.0", &python, None),
            package("opencv", "4.10.0", &["py-opencv"], None),
            package("odd", "1.0", &[], Some(&["pkg:pypi/Even@1.0.post2?arch=any"])),
            package("mine", "1.0", &python, Some(&[])),
            package("zlib", "1.3", &[], None),
            package("tzdata", "2025b", &[], None),
            package("python", "3.13.1", &["tzdata"], None),
            package("pythonic", "1.0", &["python_abi 3.13.*"], None),
            noarch,
        ]);
        insta::assert_snapshot!(told, @"
        even==1.0.post2 from odd-1.0-h0_0
        numpy==2.1.0 from numpy-2.1.0-h0_0
        opencv-python==4.10.0 from opencv-4.10.0-h0_0
        opencv-python-headless==4.10.0 from opencv-4.10.0-h0_0
        torch==2.4.0 from pytorch-2.4.0-h0_0
        typing-extensions==4.15.0 from typing_extensions-4.15.0-h0_0
        ");
    }

    #[test]
    fn of_two_packages_the_surer_one_counts() {
        let told = shown(vec![
            package("matplotlib-base", "3.9.0", &["python"], None),
            package("matplotlib", "3.9.1", &["python"], None),
            package("strange", "3.9.2", &[], Some(&["pkg:pypi/matplotlib"])),
        ]);
        assert_eq!(told, "matplotlib==3.9.2 from strange-3.9.2-h0_0");
    }

    #[test]
    fn a_version_without_a_number_is_left_out() {
        assert_eq!(shown(vec![package("tip", "main", &["python"], None)]), "");
    }
}
