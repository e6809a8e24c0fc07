//! `conda-meta/NAME-VERSION-BUILD.json`: what was installed, for whoever changes the prefix next.

use std::path::PathBuf;

use rattler_conda_types::RepoDataRecord;
use rattler_conda_types::package::PathType as ListedType;
use rattler_conda_types::prefix_record::{Link, PathType, PathsEntry, PrefixRecord};
use sha2::{Digest, Sha256};

use crate::error::TransactionError;
use crate::file::{Origin, Patched};
use crate::placed::Placed;
use crate::redact::redact;

/// What was made of a package.
pub(crate) struct Installed<'a> {
    pub(crate) placed: &'a Placed<'a>,
    pub(crate) origin: &'a Origin<'a>,
    /// By index of file.
    pub(crate) patched: &'a dyn Fn(usize) -> Option<Patched>,
    /// Paths and texts of entry points.
    pub(crate) scripts: &'a [(String, String)],
    /// Paths of `.pyc` files.
    pub(crate) compiled: &'a [&'a str],
}

/// The record's text.
pub(crate) fn render(installed: &Installed<'_>) -> Result<Vec<u8>, TransactionError> {
    let package = installed.placed.source.package;
    let mut record =
        PrefixRecord::from_repodata_record(without_credentials(&package.record), paths(installed));
    record.extracted_package_dir = Some(package.folder.clone());
    record.package_tarball_full_path = package.archive.clone();
    record.link =
        Some(Link { source: package.folder.clone(), link_type: Some(installed.origin.link_type()) });
    let spec = package.requested_spec.as_deref().map(redact);
    record.requested_specs = spec.iter().cloned().collect();
    #[allow(deprecated)] // micromamba and older conda read this one.
    {
        record.requested_spec = spec;
    }
    let mut text = Vec::new();
    let written = record.write_to(&mut text, true);
    written.map_err(TransactionError::io("write", &installed.placed.record))?;
    Ok(text)
}

fn paths(installed: &Installed<'_>) -> Vec<PathsEntry> {
    let files = installed.placed.targets.files.iter().enumerate();
    let files = files.filter(|(_, target)| !target.masked).map(|(index, target)| {
        let entry = target.entry;
        let patched = (installed.patched)(index);
        let placeholder =
            entry.prefix_placeholder.as_ref().filter(|_| entry.path_type == ListedType::HardLink);
        PathsEntry {
            sha256: entry.sha256,
            // Only where it tells something new, as rattler's installer does.
            sha256_in_prefix: patched
                .map(|patched| patched.sha256.into())
                .filter(|hash| Some(*hash) != entry.sha256),
            size_in_bytes: patched.map(|patched| patched.size).or(entry.size_in_bytes),
            no_link: entry.no_link,
            file_mode: placeholder.map(|placeholder| placeholder.file_mode),
            prefix_placeholder: placeholder.map(|placeholder| placeholder.placeholder.clone()),
            ..path(&target.destination, entry.path_type.into())
        }
    });
    let scripts = installed.scripts.iter().map(|(destination, text)| PathsEntry {
        sha256: Some(<[u8; 32]>::from(Sha256::digest(text)).into()),
        size_in_bytes: Some(text.len() as u64),
        ..path(destination, PathType::UnixPythonEntryPoint)
    });
    // conda, too, tells neither digest nor size of what python makes.
    let compiled = installed.compiled.iter().map(|pyc| path(pyc, PathType::PycFile));
    let mut paths: Vec<PathsEntry> = files.chain(scripts).chain(compiled).collect();
    paths.sort_by(|a, b| a.relative_path.cmp(&b.relative_path));
    paths
}

fn path(path: &str, path_type: PathType) -> PathsEntry {
    PathsEntry {
        relative_path: PathBuf::from(path),
        original_path: None,
        path_type,
        no_link: false,
        sha256: None,
        sha256_in_prefix: None,
        size_in_bytes: None,
        file_mode: None,
        prefix_placeholder: None,
    }
}

fn without_credentials(record: &RepoDataRecord) -> RepoDataRecord {
    let mut record = record.clone();
    if let Ok(url) = redact(record.url.as_str()).parse() {
        record.url = url;
    }
    record.channel = record.channel.as_deref().map(redact);
    record
}
