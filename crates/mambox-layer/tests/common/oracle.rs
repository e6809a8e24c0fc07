//! What rattler's installer leaves, and how it compares with our layers.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use mambox_env::{LockedPackage, portable_channel, portable_url};
use mambox_testkit::{Entry, EntryKind, flatten, read_tree};
use rattler::install::Installer;
use rattler::package_cache::PackageCache;
use rattler_conda_types::{RepoDataRecord, Subdir};
use serde_json::Value;

use crate::common::{Built, PREFIX};

/// Installs records with rattler into `folder`, as if it were [`PREFIX`].
pub(crate) fn install(folder: &Path, records: Vec<RepoDataRecord>) -> BTreeMap<String, Entry> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let prefix = folder.join("prefix");
    // Rattler's default client wants a provider, although nothing is downloaded; a second one is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let installer = Installer::new()
        .with_package_cache(PackageCache::new(folder.join("cache")))
        .with_alternative_target_prefix(PREFIX)
        .with_target_platform(Subdir::Linux64);
    runtime.block_on(installer.install(&prefix, records)).unwrap();
    read_tree(&prefix)
}

/// The environment's part of the flattened layers.
pub(crate) fn environment(built: &Built) -> BTreeMap<String, Entry> {
    let below = format!("{}/", &PREFIX[1..]);
    let tree = flatten(&built.blobs);
    tree.into_iter()
        .filter_map(|(path, entry)| Some((path.strip_prefix(&below)?.to_owned(), entry)))
        .collect()
}

/// Every way in which the two trees differ, for people.
pub(crate) fn differences(ours: BTreeMap<String, Entry>, theirs: BTreeMap<String, Entry>) -> Vec<String> {
    let (ours, theirs) = (normalise(ours), normalise(theirs));
    let mut differences = Vec::new();
    for path in ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path))) {
        match (ours.get(path), theirs.get(path)) {
            (Some(a), Some(b)) if a == b => {}
            (ours, theirs) => differences.push(format!("{path}:\n  ours   {ours:?}\n  rattler {theirs:?}")),
        }
    }
    differences
}

/// Type, mode and content; without what is machine-dependent, by its nature or by design.
fn normalise(tree: BTreeMap<String, Entry>) -> BTreeMap<String, (EntryKind, u32)> {
    let is_ours_alone = |path: &str| {
        // A mark for backup programs; the history that mambox-build writes; files that lost a conflict.
        path == "CACHEDIR.TAG" || path == "conda-meta/history" || path.starts_with("__clobbers__")
    };
    tree.into_iter()
        .filter(|(path, _)| !is_ours_alone(path))
        .map(|(path, entry)| {
            let is_record = path.starts_with("conda-meta/") && path.ends_with(".json");
            let kind = match entry.kind {
                EntryKind::File(text) if is_record => EntryKind::File(portable_record(&text)),
                kind => kind,
            };
            // rattler's directories follow the umask and its records are 0600.
            let mode = if is_record || kind == EntryKind::Directory { 0 } else { entry.mode };
            (path, (kind, mode))
        })
        .collect()
}

/// A conda-meta record without the fields of one machine.
fn portable_record(text: &[u8]) -> Vec<u8> {
    let mut record: Value = serde_json::from_slice(text).unwrap();
    let fields = record.as_object_mut().unwrap();
    for machine in ["extracted_package_dir", "package_tarball_full_path", "link"] {
        fields.shift_remove(machine);
    }
    let url = fields["url"].as_str().unwrap().parse().unwrap();
    fields["url"] = portable_url(&url).as_str().into();
    if let Some(channel) = fields["channel"].as_str() {
        fields["channel"] = portable_channel(channel).into();
    }
    // Files that lost a conflict are left out of our records; one that lost at first and then won keeps its place
    // in the list and a trace of it.
    let name = |entry: &Value| entry.as_str().unwrap_or_default().to_owned();
    let files = fields["files"].as_array_mut().unwrap();
    files.retain(|path| !name(path).starts_with("__clobbers__"));
    files.sort_by_key(name);
    let paths = fields["paths_data"]["paths"].as_array_mut().unwrap();
    paths.retain(|entry| !name(&entry["_path"]).starts_with("__clobbers__"));
    paths.sort_by_key(|entry| name(&entry["_path"]));
    for entry in paths {
        entry.as_object_mut().unwrap().shift_remove("original_path");
    }
    serde_json::to_vec_pretty(&record).unwrap()
}

/// The records as the lock holds them, so that both sides start from the same.
pub(crate) fn locked(records: &[RepoDataRecord]) -> Vec<RepoDataRecord> {
    records
        .iter()
        .map(|record| LockedPackage::from_repodata(record.clone()).unwrap().to_repodata().unwrap())
        .collect()
}
