//! Exact lists: packages by address or with records from a lock file, installed without solving.

use std::collections::BTreeSet;

use mambox_env::{ExplicitPackage, strip_credentials};
use rattler_conda_types::package::CondaArchiveIdentifier;
use rattler_conda_types::{PackageName, PackageRecord, RepoDataRecord};

use crate::failure::{Failure, Outcome};
use crate::request::Exact;
use crate::solve::{Changes, Installed};
use crate::transaction::Wish;

/// What has to change so that the listed packages are there; what is not listed stays.
pub(crate) fn changes(exact: Exact, installed: &Installed, reinstall: bool) -> Outcome<(Changes, Wish)> {
    let incomplete = !exact.addresses.is_empty();
    let by_address = exact.addresses.iter().map(stub);
    let packages = exact.locks.iter().flat_map(|lock| lock.packages());
    let locked = packages.map(|package| {
        package
            .to_repodata()
            .ok_or_else(|| Failure::Message(format!("'{}' is no conda package", package.file_name)))
    });
    let mut wanted = by_address.chain(locked).collect::<Outcome<Vec<_>>>()?;
    let mut names = BTreeSet::new();
    for record in &wanted {
        let name = record.package_record.name.as_normalized();
        if !names.insert(name.to_owned()) {
            return Err(Failure::Message(format!(
                "the package '{name}' is listed twice, which no environment can hold"
            )));
        }
    }
    let others =
        installed.repodata().filter(|record| !names.contains(record.package_record.name.as_normalized()));
    let others: Vec<RepoDataRecord> = others.cloned().collect();
    wanted.extend(others);
    let changes = Changes::between(&installed.records, wanted, &|name| reinstall && names.contains(name));
    let wish = Wish { pip: exact.pip, variables: exact.variables, incomplete, ..Wish::default() };
    Ok((changes, wish))
}

/// What an address tells: name, version and build from the file's name, and hashes. The rest is in the archive.
fn stub(package: &ExplicitPackage) -> Outcome<RepoDataRecord> {
    let file = package.url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let shown = strip_credentials(&package.url);
    let refuse = || {
        Failure::Message(format!("'{shown}' names no conda package (NAME-VERSION-BUILD.conda or .tar.bz2)"))
    };
    let identifier = CondaArchiveIdentifier::try_from_filename(file).ok_or_else(refuse)?;
    let parts = &identifier.identifier;
    let name = PackageName::try_from(parts.name.clone()).map_err(|_| refuse())?;
    let version: rattler_conda_types::VersionWithSource = parts.version.parse().map_err(|_| refuse())?;
    let mut record = PackageRecord::new(name, version, parts.build_string.parse().map_err(|_| refuse())?);
    record.sha256 = package.sha256;
    record.md5 = package.md5;
    let segments: Vec<&str> = package.url.path_segments().map(Iterator::collect).unwrap_or_default();
    record.subdir = segments.iter().rev().nth(1).copied().unwrap_or("noarch").to_owned();
    Ok(RepoDataRecord {
        package_record: record,
        identifier: identifier.into(),
        url: package.url.clone(),
        channel: None,
    })
}
