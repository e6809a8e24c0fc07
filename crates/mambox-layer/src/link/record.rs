//! `conda-meta/NAME-VERSION-BUILD.json`: the record that installers keep of a package.
//!
//! It is rattler's PrefixRecord without what belongs to one machine (cache paths, link types) or to one request
//! (requested specs). Paths that another package owns are left out, where rattler would list them below
//! `__clobbers__`: the layer does not hold them.

use std::path::PathBuf;

use mambox_env::LockedPackage;
use mambox_link::Target;
use rattler_conda_types::RepoDataRecord;
use rattler_conda_types::package::{FileMode, PathType as ListedType};
use rattler_conda_types::prefix_record::{PathType, PathsEntry, PrefixRecord};
use sha2::{Digest, Sha256};

use super::linker::Linked;
use crate::error::Problem;

/// An entry point that was written.
pub(super) struct Script {
    destination: String,
    sha256: [u8; 32],
    size: u64,
}

impl Script {
    pub(super) fn new(destination: &str, text: &str) -> Self {
        Self { destination: destination.into(), sha256: Sha256::digest(text).into(), size: text.len() as u64 }
    }
}

/// Relative to the prefix.
pub(crate) fn record_path(package: &LockedPackage) -> String {
    let record = &package.record;
    format!("conda-meta/{}-{}-{}.json", package.name(), record.version, record.build.as_str())
}

/// The repodata record as it stands in conda-meta: without credentials and paths of this machine.
pub(crate) fn canonical_record(package: &LockedPackage) -> Result<RepoDataRecord, Problem> {
    let record = package.portable().to_repodata();
    record.ok_or_else(|| Problem::NotConda(format!("'{}' is no name of a package file", package.file_name)))
}

/// The record's text.
pub(super) fn render(
    package: &LockedPackage,
    targets: &[Target<'_>],
    linked: &[Option<Linked>],
    scripts: &[Script],
    compiled: &[String],
) -> Result<Vec<u8>, Problem> {
    let files =
        targets.iter().zip(linked).filter_map(|(target, linked)| Some(file(target, linked.as_ref()?)));
    let mut paths: Vec<PathsEntry> =
        files.chain(scripts.iter().map(script)).chain(compiled.iter().map(pyc)).collect();
    paths.sort_by(|a, b| a.relative_path.cmp(&b.relative_path));
    let record = PrefixRecord::from_repodata_record(canonical_record(package)?, paths);
    let mut text = Vec::new();
    record.write_to(&mut text, true)?;
    Ok(text)
}

fn file(target: &Target<'_>, linked: &Linked) -> PathsEntry {
    let entry = target.entry;
    let is_file = entry.path_type == ListedType::HardLink;
    PathsEntry {
        relative_path: PathBuf::from(&target.destination),
        original_path: None,
        path_type: entry.path_type.into(),
        no_link: entry.no_link,
        sha256: entry.sha256,
        sha256_in_prefix: linked.sha256_in_prefix.filter(|_| is_file).map(Into::into),
        size_in_bytes: Some(linked.size),
        file_mode: if linked.patched { file_mode(target) } else { None },
        prefix_placeholder: entry.prefix_placeholder.as_ref().map(|prefix| prefix.placeholder.clone()),
    }
}

fn file_mode(target: &Target<'_>) -> Option<FileMode> {
    target.entry.prefix_placeholder.as_ref().map(|prefix| prefix.file_mode)
}

fn script(script: &Script) -> PathsEntry {
    PathsEntry {
        relative_path: PathBuf::from(&script.destination),
        original_path: None,
        path_type: PathType::UnixPythonEntryPoint,
        no_link: false,
        sha256: Some(script.sha256.into()),
        sha256_in_prefix: None,
        size_in_bytes: Some(script.size),
        file_mode: None,
        prefix_placeholder: None,
    }
}

/// A `.pyc` file, of which conda, too, tells neither digest nor size.
fn pyc(path: &String) -> PathsEntry {
    PathsEntry {
        relative_path: PathBuf::from(path),
        original_path: None,
        path_type: PathType::PycFile,
        no_link: false,
        sha256: None,
        sha256_in_prefix: None,
        size_in_bytes: None,
        file_mode: None,
        prefix_placeholder: None,
    }
}
