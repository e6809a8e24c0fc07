//! Records for unit tests.

use rattler_conda_types::package::{CondaArchiveIdentifier, DistArchiveIdentifier};
use rattler_conda_types::{NoArchType, PackageRecord, PrefixRecord, RepoDataRecord};

use crate::solve::Installed;

/// A record of the channel `c`.
pub(crate) fn record(name: &str, version: &str) -> RepoDataRecord {
    let text = serde_json::json!({
        "name": name, "version": version, "build": "0", "build_number": 0, "subdir": "linux-64", "depends": []
    });
    let package_record: PackageRecord = serde_json::from_value(text).unwrap();
    let file = format!("{name}-{version}-0.conda");
    let identifier: DistArchiveIdentifier = CondaArchiveIdentifier::try_from_filename(&file).unwrap().into();
    let url = format!("https://h/c/linux-64/{file}").parse().unwrap();
    RepoDataRecord { package_record, identifier, url, channel: Some("https://h/c/".into()) }
}

/// Of version 1, with dependencies.
pub(crate) fn depending(name: &str, on: &[&str]) -> RepoDataRecord {
    let mut record = record(name, "1");
    record.package_record.depends = on.iter().map(|spec| (*spec).to_owned()).collect();
    record
}

/// A Python package for all platforms.
pub(crate) fn noarch_python(name: &str, version: &str) -> RepoDataRecord {
    let mut record = record(name, version);
    record.package_record.noarch = NoArchType::python();
    record
}

/// As installed.
pub(crate) fn prefix_record(record: RepoDataRecord) -> PrefixRecord {
    PrefixRecord::from_repodata_record(record, Vec::new())
}

/// An environment in which somebody asked for `requested`.
pub(crate) fn installed(records: &[RepoDataRecord], requested: &[&str]) -> Installed {
    let name = |spec: &str| spec.split(['=', '<', '>', ' ']).next().unwrap_or(spec).to_owned();
    Installed {
        records: records.iter().cloned().map(prefix_record).collect(),
        pins: Vec::new(),
        requested: requested.iter().map(|spec| (name(spec), (*spec).to_owned())).collect(),
    }
}
