//! Local channels are what rattler reads.

use mambox_testkit::{ArchiveFormat, LocalChannel, PackageBuilder};
use rattler_conda_types::{RepoData, Shard, ShardedRepodata};
use rattler_digest::{Sha256, compute_bytes_digest};

#[test]
fn repodata_lists_each_package_in_its_subdir() {
    let native = PackageBuilder::new("native", "1").build();
    let old = PackageBuilder::new("old", "1").format(ArchiveFormat::TarBz2).build();
    let pure = PackageBuilder::new("pure", "1").noarch_generic().build();
    let channel = LocalChannel::with([&native, &old, &pure]);

    let repodata = |subdir: &str| {
        RepoData::from_path(channel.path().join(subdir).join("repodata.json")).expect("repodata")
    };
    let linux = repodata("linux-64");
    let names = |keys: Vec<String>| keys;
    assert_eq!(names(linux.conda_packages.keys().map(ToString::to_string).collect()), ["native-1-0.conda"]);
    assert_eq!(names(linux.packages.keys().map(ToString::to_string).collect()), ["old-1-0.tar.bz2"]);
    let (_, record) = repodata("noarch").conda_packages.into_iter().next().expect("pure");
    assert_eq!(record, pure.record);
    assert_eq!(std::fs::read(channel.archive(&pure)).expect("the archive"), pure.bytes);

    let zst = std::fs::read(channel.path().join("linux-64/repodata.json.zst")).expect("repodata.json.zst");
    let plain = std::fs::read(channel.path().join("linux-64/repodata.json")).expect("repodata.json");
    assert_eq!(zstd::decode_all(zst.as_slice()).expect("zstd"), plain);
}

#[test]
fn record_names_the_archive_on_disk() {
    let package = PackageBuilder::new("pure", "1").noarch_generic().build();
    let channel = LocalChannel::with([&package]);
    let record = channel.record(&package);
    assert_eq!(record.url.to_file_path().expect("a file URL"), channel.archive(&package));
}

#[test]
fn shards_hold_what_repodata_holds() {
    let one = PackageBuilder::new("one", "1").build();
    let two = PackageBuilder::new("one", "2").format(ArchiveFormat::TarBz2).build();
    let other = PackageBuilder::new("other", "1").build();
    let channel = LocalChannel::with([&one, &two, &other]);
    channel.write_shards();

    let subdir = channel.path().join("linux-64");
    let unpack = |bytes: &[u8]| zstd::decode_all(bytes).expect("zstd");
    let index = std::fs::read(subdir.join("repodata_shards.msgpack.zst")).expect("the index");
    let index: ShardedRepodata = rmp_serde::from_slice(&unpack(&index)).expect("the index parses");
    assert_eq!(index.info.subdir, "linux-64");
    assert_eq!(index.shards.len(), 2);
    let sha256 = index.shards["one"];
    let shard =
        std::fs::read(subdir.join(format!("shards/{}.msgpack.zst", hex::encode(sha256)))).expect("a shard");
    assert_eq!(compute_bytes_digest::<Sha256>(&shard), sha256);
    let shard: Shard = rmp_serde::from_slice(&unpack(&shard)).expect("the shard parses");
    assert_eq!(shard.conda_packages.values().collect::<Vec<_>>(), [&one.record]);
    assert_eq!(shard.packages.values().collect::<Vec<_>>(), [&two.record]);
}
