//! A channel in a temporary folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rattler_conda_types::RepoDataRecord;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use url::Url;

use crate::package::{BuiltPackage, zstd_bytes};
use crate::shards;

/// A channel on disk with `repodata.json` and `repodata.json.zst` in each subdir, kept up to date by
/// [`add`](Self::add). Removed when dropped.
#[derive(Debug)]
pub struct LocalChannel {
    path: PathBuf,
    subdirs: BTreeMap<String, Vec<BuiltPackage>>,
    _folder: TempDir,
}

/// The folder's name goes into locks and images, whose bytes must be the same in every run.
const NAME: &str = "channel";

impl Default for LocalChannel {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalChannel {
    /// An empty channel with the subdirs `noarch` and `linux-64`; its folder is called `channel`.
    pub fn new() -> Self {
        Self::named(NAME)
    }

    /// An empty channel whose folder has another name, for tests of several.
    pub fn named(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("channel-").tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(name)).expect("a folder in a temporary folder");
        let subdirs = ["noarch", "linux-64"].map(|subdir| (subdir.to_owned(), Vec::new()));
        let path = folder.path().join(name);
        let channel = Self { path, subdirs: BTreeMap::from(subdirs), _folder: folder };
        channel.subdirs.keys().for_each(|subdir| channel.write_repodata(subdir));
        channel
    }

    /// A channel with these packages.
    pub fn with<'a>(packages: impl IntoIterator<Item = &'a BuiltPackage>) -> Self {
        let mut channel = Self::new();
        for package in packages {
            channel.add(package);
        }
        channel
    }

    /// Publishes a package in its subdir (made where missing) and renews that subdir's repodata.
    pub fn add(&mut self, package: &BuiltPackage) -> &mut Self {
        let subdir = package.record.subdir.clone();
        package.write_to(self.path().join(&subdir));
        let packages = self.subdirs.entry(subdir.clone()).or_default();
        packages.retain(|other| other.file_name != package.file_name);
        packages.push(package.clone());
        self.write_repodata(&subdir);
        self
    }

    /// The channel's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The channel as a `file://` URL, without a slash at its end.
    pub fn url(&self) -> Url {
        Url::from_file_path(self.path()).expect("a temporary folder's path is absolute")
    }

    /// Path of a published archive.
    pub fn archive(&self, package: &BuiltPackage) -> PathBuf {
        self.path().join(&package.record.subdir).join(&package.file_name)
    }

    /// The record of a package as this channel's `file://` repodata gives it.
    pub fn record(&self, package: &BuiltPackage) -> RepoDataRecord {
        package.repo_data_record(self.url().as_str())
    }

    /// The subdirs with their packages.
    pub fn subdirs(&self) -> &BTreeMap<String, Vec<BuiltPackage>> {
        &self.subdirs
    }

    /// Writes sharded repodata (CEP 16) beside repodata.json, of the packages so far, in every subdir. Clients read
    /// it over HTTP only: see [`HttpServer::serve_dir`](crate::HttpServer::serve_dir).
    pub fn write_shards(&self) -> &Self {
        for (subdir, packages) in &self.subdirs {
            shards::write(&self.path().join(subdir), subdir, packages);
        }
        self
    }

    fn write_repodata(&self, subdir: &str) {
        let text =
            serde_json::to_vec_pretty(&repodata(subdir, &self.subdirs[subdir])).expect("JSON serialises");
        let folder = self.path().join(subdir);
        std::fs::create_dir_all(&folder).expect("a subdir can be made");
        std::fs::write(folder.join("repodata.json"), &text).expect("repodata.json can be written");
        std::fs::write(folder.join("repodata.json.zst"), zstd_bytes(&text))
            .expect("repodata.json.zst can be written");
    }
}

/// The content of a subdir's repodata.json.
fn repodata(subdir: &str, packages: &[BuiltPackage]) -> Value {
    let part = |extension: &str| -> Map<String, Value> {
        let mut records: Vec<_> =
            packages.iter().filter(|package| package.file_name.ends_with(extension)).collect();
        records.sort_by(|a, b| a.file_name.cmp(&b.file_name));
        let value =
            |package: &BuiltPackage| serde_json::to_value(&package.record).expect("a record serialises");
        records.into_iter().map(|package| (package.file_name.clone(), value(package))).collect()
    };
    json!({
        "info": { "subdir": subdir },
        "packages": part(".tar.bz2"),
        "packages.conda": part(".conda"),
        "removed": [],
        "repodata_version": 1,
    })
}
