//! The `info/` files of a package, from what the builder was told.

use rattler_digest::{Sha256, compute_bytes_digest};
use serde_json::{Map, Value, json};

use super::PackageBuilder;
use super::blob::PLACEHOLDER;
use super::entry::{Node, PayloadEntry, PrefixMode, content_of};

/// All `info/` files (without the `info/` prefix), sorted by name.
pub(super) fn info_files(package: &PackageBuilder) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("about.json".to_owned(), pretty(&about_json(package))),
        (
            "files".to_owned(),
            listed(package).map(|entry| format!("{}\n", entry.path)).collect::<String>().into(),
        ),
        ("hash_input.json".to_owned(), pretty(&json!({}))),
        ("index.json".to_owned(), pretty(&index_json(package))),
    ];
    if package.legacy_metadata {
        files.extend(legacy_files(package));
    } else {
        files.push(("paths.json".to_owned(), pretty(&paths_json(package))));
    }
    if let Some(link) = link_json(package) {
        files.push(("link.json".to_owned(), pretty(&link)));
    }
    // A test's own info file wins over the generated one.
    files.retain(|(name, _)| !package.info.iter().any(|(own, _)| own == name));
    files.extend(package.info.iter().cloned());
    files.sort();
    files
}

fn pretty(value: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("JSON values serialise")
}

/// The content of `info/index.json`.
pub(super) fn index_json(package: &PackageBuilder) -> Value {
    let (arch, platform) = match package.subdir.as_str() {
        "noarch" => (None, None),
        "linux-64" => (Some("x86_64"), Some("linux")),
        subdir => match subdir.rsplit_once('-') {
            Some((platform, arch)) => (Some(arch), Some(platform)),
            None => (None, None),
        },
    };
    let mut index = Map::new();
    index.insert("arch".into(), json!(arch));
    index.insert("build".into(), json!(package.build));
    index.insert("build_number".into(), json!(package.build_number));
    if !package.constrains.is_empty() {
        index.insert("constrains".into(), json!(package.constrains));
    }
    index.insert("depends".into(), json!(package.depends));
    index.insert("license".into(), json!(package.license));
    index.insert("name".into(), json!(package.name));
    if let Some(noarch) = package.noarch {
        index.insert("noarch".into(), json!(noarch));
    }
    index.insert("platform".into(), json!(platform));
    if let Some(path) = &package.python_site_packages_path {
        index.insert("python_site_packages_path".into(), json!(path));
    }
    index.insert("subdir".into(), json!(package.subdir));
    if let Some(timestamp) = package.timestamp_ms {
        index.insert("timestamp".into(), json!(timestamp));
    }
    if !package.track_features.is_empty() {
        index.insert("track_features".into(), json!(package.track_features.join(" ")));
    }
    index.insert("version".into(), json!(package.version));
    Value::Object(index)
}

fn about_json(package: &PackageBuilder) -> Value {
    json!({
        "channels": ["https://conda.example.invalid/synthetic"],
        "home": format!("https://{}.example.invalid/", package.name),
        "license": package.license,
        "summary": format!("The synthetic package {}", package.name),
    })
}

fn link_json(package: &PackageBuilder) -> Option<Value> {
    let noarch = package.noarch?;
    let mut link = json!({ "noarch": { "type": noarch }, "package_metadata_version": 1 });
    if noarch == "python" && !package.entry_points.is_empty() {
        link["noarch"]["entry_points"] = json!(package.entry_points);
    }
    Some(link)
}

fn listed(package: &PackageBuilder) -> impl Iterator<Item = &PayloadEntry> {
    let mut entries: Vec<_> = package.entries.iter().filter(|entry| entry.in_paths_json).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries.into_iter()
}

fn paths_json(package: &PackageBuilder) -> Value {
    let paths: Vec<Value> = listed(package).map(|entry| paths_entry(package, entry)).collect();
    json!({ "paths": paths, "paths_version": 1 })
}

fn paths_entry(package: &PackageBuilder, entry: &PayloadEntry) -> Value {
    let content = content_of(&package.entries, &entry.path);
    let mut value = json!({ "_path": entry.path });
    let size = match &entry.node {
        Node::Directory => {
            value["path_type"] = json!("directory");
            return value;
        }
        Node::Symlink(target) => {
            value["path_type"] = json!("softlink");
            target.len()
        }
        Node::File { .. } | Node::HardLink(_) => {
            value["path_type"] = json!("hardlink");
            content.map_or(0, <[u8]>::len)
        }
    };
    if let Some(mode) = prefix_mode(package, entry) {
        value["file_mode"] = json!(mode.word());
        value["prefix_placeholder"] = json!(PLACEHOLDER);
    }
    if entry.no_link {
        value["no_link"] = json!(true);
    }
    let sha256 = hex::encode(compute_bytes_digest::<Sha256>(content.unwrap_or_default()));
    value["sha256"] = json!(entry.claimed_sha256.clone().unwrap_or(sha256));
    value["size_in_bytes"] = json!(entry.claimed_size.unwrap_or(size as u64));
    value
}

/// A hard link's placeholder is its target's.
fn prefix_mode(package: &PackageBuilder, entry: &PayloadEntry) -> Option<PrefixMode> {
    match &entry.node {
        Node::File { prefix, .. } => *prefix,
        Node::HardLink(target) => match &package.entries.iter().find(|other| other.path == *target)?.node {
            Node::File { prefix, .. } => *prefix,
            _ => None,
        },
        _ => None,
    }
}

/// `has_prefix` and `no_link`, which old packages have in place of paths.json.
fn legacy_files(package: &PackageBuilder) -> Vec<(String, Vec<u8>)> {
    let mut has_prefix = String::new();
    let mut no_link = String::new();
    for entry in listed(package) {
        if let Some(mode) = prefix_mode(package, entry) {
            has_prefix += &format!("\"{PLACEHOLDER}\" {} \"{}\"\n", mode.word(), entry.path);
        }
        if entry.no_link {
            no_link += &format!("{}\n", entry.path);
        }
    }
    let files = [("has_prefix", has_prefix), ("no_link", no_link)];
    files
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.into(), text.into()))
        .collect()
}
