//! Synthetic packages.
#![allow(dead_code)]

use std::str::FromStr;

use mambox_env::LockedPackage;
use rattler_conda_types::{PackageName, PackageRecord, VersionWithSource, package::BuildString};
use url::Url;

pub(crate) const MD5: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const SHA256: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// `name` 1.0 build 0 with a sha256, of a subdir, with dependencies.
pub(crate) fn record(name: &str, subdir: &str, depends: &[&str]) -> PackageRecord {
    let mut record = PackageRecord::new(
        PackageName::new_unchecked(name),
        VersionWithSource::from_str("1.0").unwrap(),
        BuildString::new_unchecked("0"),
    );
    record.subdir = subdir.to_owned();
    record.depends = depends.iter().map(ToString::to_string).collect();
    record.sha256 = rattler_digest::parse_digest_from_hex::<rattler_digest::Sha256>(SHA256);
    record
}

pub(crate) fn in_channel(record: PackageRecord, channel: &str) -> LockedPackage {
    let name = record.name.as_source();
    let url =
        format!("{channel}/{}/{name}-{}-{}.conda", record.subdir, record.version, record.build.as_str());
    LockedPackage::new(record, &Url::parse(&url).unwrap(), Some(channel)).unwrap()
}

/// A package of linux-64 in `https://host/chan`.
pub(crate) fn package(name: &str, depends: &[&str]) -> LockedPackage {
    in_channel(record(name, "linux-64", depends), "https://host/chan")
}
