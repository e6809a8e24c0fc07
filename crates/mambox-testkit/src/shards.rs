//! Sharded repodata (CEP 16): an index of package names, and one file a name.

use std::collections::BTreeMap;
use std::path::Path;

use rattler_conda_types::PackageRecord;
use rattler_digest::serde::SerializableHash;
use rattler_digest::{Sha256, compute_bytes_digest};
use serde::Serialize;

use crate::package::{BuiltPackage, zstd_bytes};

/// `repodata_shards.msgpack.zst`
#[derive(Serialize)]
struct Index<'a> {
    info: Info<'a>,
    /// SHA-256 of each name's compressed shard.
    shards: BTreeMap<&'a str, SerializableHash<Sha256>>,
}

#[derive(Serialize)]
struct Info<'a> {
    subdir: &'a str,
    /// Where packages are, relative to the index.
    base_url: &'a str,
    /// Where shards are, relative to the index.
    shards_base_url: &'a str,
}

/// One package name's records, by file name.
#[derive(Default, Serialize)]
struct Shard<'a> {
    packages: BTreeMap<&'a str, &'a PackageRecord>,
    #[serde(rename = "packages.conda")]
    conda_packages: BTreeMap<&'a str, &'a PackageRecord>,
    removed: Vec<&'a str>,
}

/// Writes index and shards of one subdir into its folder; shards go to `shards/`.
pub(crate) fn write(folder: &Path, subdir: &str, packages: &[BuiltPackage]) {
    let mut by_name: BTreeMap<&str, Shard<'_>> = BTreeMap::new();
    for package in packages {
        let shard = by_name.entry(package.record.name.as_normalized()).or_default();
        let conda = package.file_name.ends_with(".conda");
        let part = if conda { &mut shard.conda_packages } else { &mut shard.packages };
        part.insert(&package.file_name, &package.record);
    }
    std::fs::create_dir_all(folder.join("shards")).expect("the folder of shards");
    let mut shards = BTreeMap::new();
    for (name, shard) in by_name {
        let bytes = message_pack(&shard);
        let sha256 = compute_bytes_digest::<Sha256>(&bytes);
        let path = folder.join(format!("shards/{}.msgpack.zst", hex::encode(sha256)));
        std::fs::write(path, bytes).expect("a shard can be written");
        shards.insert(name, SerializableHash(sha256));
    }
    let info = Info { subdir, base_url: "./", shards_base_url: "./shards/" };
    let index = message_pack(&Index { info, shards });
    std::fs::write(folder.join("repodata_shards.msgpack.zst"), index).expect("the index can be written");
}

fn message_pack(value: &impl Serialize) -> Vec<u8> {
    zstd_bytes(&rmp_serde::to_vec_named(value).expect("MessagePack takes it"))
}
