//! Prefixes as they can be compared: without times, cache paths and what belongs to one run.

use std::collections::BTreeMap;
use std::path::Path;

use mambox_testkit::{EntryKind, read_tree};
use serde_json::Value;

/// Paths with their type, mode and content.
pub(crate) type Tree = BTreeMap<String, (EntryKind, u32)>;

/// All of a prefix but the package cache, environments in it, and the history.
pub(crate) fn tree(prefix: &Path) -> Tree {
    let of_this_run = |path: &str| {
        path.starts_with("pkgs")
            || path.starts_with("envs")
            || path == "CACHEDIR.TAG"
            || path == "conda-meta/history"
            || path.starts_with("__clobbers__")
    };
    let entries = read_tree(prefix).into_iter().filter(|(path, _)| !of_this_run(path));
    entries
        .map(|(path, entry)| {
            let is_record = path.starts_with("conda-meta/") && path.ends_with(".json");
            let kind = match entry.kind {
                EntryKind::File(text) if is_record => EntryKind::File(portable_record(&text)),
                kind => kind,
            };
            // Directories follow the umask, and records need not be for everybody.
            let mode = if is_record || kind == EntryKind::Directory { 0 } else { entry.mode };
            (path, (kind, mode))
        })
        .collect()
}

/// A record without the fields of one machine, and without what only one of the two installers writes.
fn portable_record(text: &[u8]) -> Vec<u8> {
    let mut record: Value = serde_json::from_slice(text).unwrap();
    let fields = record.as_object_mut().unwrap();
    let of_one_machine =
        ["extracted_package_dir", "package_tarball_full_path", "link", "requested_spec", "requested_specs"];
    fields.retain(|key, _| !of_one_machine.contains(&key.as_str()));
    if let Some(channel) =
        fields.get("channel").and_then(Value::as_str).map(|url| url.trim_end_matches('/').to_owned())
    {
        fields.insert("channel".to_owned(), channel.into());
    }
    let name = |entry: &Value| entry.as_str().unwrap_or_default().to_owned();
    if let Some(files) = fields.get_mut("files").and_then(Value::as_array_mut) {
        files.retain(|path| !name(path).starts_with("__clobbers__"));
        files.sort_by_key(name);
    }
    if let Some(paths) = record.pointer_mut("/paths_data/paths").and_then(Value::as_array_mut) {
        paths.retain(|entry| !name(&entry["_path"]).starts_with("__clobbers__"));
        paths.sort_by_key(|entry| name(&entry["_path"]));
        for entry in paths {
            let entry = entry.as_object_mut().unwrap();
            entry.remove("original_path");
            // Old packages name no hashes; rattler adds those of what it links, ours those of what it changes.
            if !entry.contains_key("sha256") {
                entry.remove("sha256_in_prefix");
                entry.remove("size_in_bytes");
            }
        }
    }
    serde_json::to_vec_pretty(&record).unwrap()
}

/// Every way in which two trees differ, for people.
pub(crate) fn differences(ours: &Tree, theirs: &Tree) -> Vec<String> {
    let paths = ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path)));
    let different = paths.filter(|path| ours.get(*path) != theirs.get(*path));
    different.map(|path| format!("{path}:\n{}", show(ours.get(path), theirs.get(path)))).collect()
}

/// Lines that only one of two texts has; all, where one is no text.
fn show(ours: Option<&(EntryKind, u32)>, theirs: Option<&(EntryKind, u32)>) -> String {
    let (Some((EntryKind::File(one), _)), Some((EntryKind::File(two), _))) = (ours, theirs) else {
        return format!("  {ours:?}\n  {theirs:?}");
    };
    let (one, two) = (String::from_utf8_lossy(one), String::from_utf8_lossy(two));
    let lacking = |text: &str, other: &str, sign: &str| -> String {
        text.lines()
            .filter(|line| !other.lines().any(|known| known == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    lacking(&one, &two, "ours  ") + &lacking(&two, &one, "theirs")
}
