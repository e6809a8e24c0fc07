//! Locks as text: written, read back, and made fit for an image.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{MD5, in_channel, package, record};
use mambox_env::{Lock, LockError, LockFile, LockSelection, LockedPackage};
use proptest::prelude::*;
use rattler_conda_types::{NoArchType, PackageRecord, Subdir, utils::TimestampMs};
use rattler_digest::{Md5, parse_digest_from_hex};
use url::Url;

fn lock(platform: Subdir, packages: Vec<LockedPackage>) -> Lock {
    Lock::new(platform, ["https://host/chan"], packages).unwrap()
}

fn timestamp(millis: i64) -> Option<TimestampMs> {
    record_from_text(millis).timestamp
}

/// A record whose only interest is its timestamp, made by the parser that makes them from repodata.
fn record_from_text(millis: i64) -> PackageRecord {
    let text =
        format!("name: x\nversion: '1'\nbuild: '0'\nbuild_number: 0\nsubdir: noarch\ntimestamp: {millis}\n");
    serde_yaml::from_str(&text).unwrap()
}

fn two_platforms() -> LockFile {
    let mut python = record("python", "linux-64", &["zlib"]);
    python.build_number = 3;
    python.size = Some(1234);
    python.timestamp = timestamp(1_700_000_000_000);
    python.license = Some("PSF-2.0".to_owned());
    let mut six = record("six", "noarch", &["python"]);
    six.noarch = NoArchType::python();
    let six = in_channel(six, "https://host/chan");
    let arm = in_channel(record("python", "linux-aarch64", &[]), "https://host/chan");
    let linux = vec![six.clone(), in_channel(python, "https://host/chan"), package("zlib", &[])];
    LockFile::new("default", vec![lock(Subdir::LinuxAarch64, vec![arm, six]), lock(Subdir::Linux64, linux)])
        .unwrap()
}

fn read(text: &str) -> Result<LockFile, LockError> {
    LockFile::from_text(text, "mambox.lock", &LockSelection::default())
}

#[test]
fn the_text_of_a_lock_file() {
    let file = two_platforms();
    let text = file.to_yaml().unwrap();
    insta::assert_snapshot!(text, @r#"
version: 7
platforms:
- name: linux-64
- name: linux-aarch64
environments:
  default:
    channels:
    - url: https://host/chan
    packages:
      linux-64:
      - conda: https://host/chan/linux-64/python-1.0-0.conda
      - conda: https://host/chan/linux-64/zlib-1.0-0.conda
      - conda: https://host/chan/noarch/six-1.0-0.conda
      linux-aarch64:
      - conda: https://host/chan/linux-aarch64/python-1.0-0.conda
      - conda: https://host/chan/noarch/six-1.0-0.conda
packages:
- conda: https://host/chan/linux-64/python-1.0-0.conda
  build_number: 3
  sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  depends:
  - zlib
  license: PSF-2.0
  size: 1234
  timestamp: 1700000000000
- conda: https://host/chan/linux-64/zlib-1.0-0.conda
  sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
- conda: https://host/chan/linux-aarch64/python-1.0-0.conda
  sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
- conda: https://host/chan/noarch/six-1.0-0.conda
  noarch: python
  sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  depends:
  - python
"#);
    assert_eq!(read(&text).unwrap(), file);
}

#[test]
fn platforms_share_their_channels() {
    let of = |platform, channel| Lock::new(platform, ["https://host/chan", channel], vec![]).unwrap();
    let locks = vec![of(Subdir::LinuxAarch64, "https://host/arm"), of(Subdir::Linux64, "https://host/x86")];
    let file = LockFile::new("default", locks).unwrap();
    let shared = ["https://host/chan", "https://host/x86", "https://host/arm"];
    assert!(file.locks().iter().all(|lock| lock.channels() == shared), "{file:?}");
    assert_eq!(read(&file.to_yaml().unwrap()).unwrap(), file);
}

#[test]
fn an_explicit_file_lists_packages_in_canonical_order() {
    let mut old = record("old", "noarch", &[]);
    old.sha256 = None;
    old.md5 = parse_digest_from_hex::<Md5>(MD5);
    let old = LockedPackage::new(old, &Url::parse("https://host/c/noarch/old-1.0-0.tar.bz2").unwrap(), None)
        .unwrap();
    let text = lock(Subdir::Linux64, vec![package("b", &["a"]), old, package("a", &[])]).to_explicit();
    insta::assert_snapshot!(text, @r#"
# platform: linux-64
@EXPLICIT
https://host/chan/linux-64/a-1.0-0.conda#sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
https://host/c/noarch/old-1.0-0.tar.bz2#0123456789abcdef0123456789abcdef
https://host/chan/linux-64/b-1.0-0.conda#sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
"#);
    let back = mambox_env::ExplicitFile::from_text(&text, "explicit.txt", None).unwrap();
    assert_eq!(back.platform, Some(Subdir::Linux64));
    assert_eq!(back.check_hashes("explicit.txt"), Ok(()));
    assert_eq!(back.packages.len(), 3);
}

#[test]
fn a_local_channel_keeps_its_path_on_disk_and_loses_it_in_an_image() {
    let channel = "file:///home/me/my%20chan";
    let local = in_channel(record("a", "noarch", &[]), channel);
    let file =
        LockFile::new("default", vec![Lock::new(Subdir::Linux64, [channel], vec![local]).unwrap()]).unwrap();
    let text = file.to_yaml().unwrap();
    assert_eq!(read(&text).unwrap(), file, "a lock on disk can be built from\n{text}");
    assert_eq!(file.locks()[0].packages()[0].url.as_str(), "file:///home/me/my%20chan/noarch/a-1.0-0.conda");

    let portable = file.portable();
    let text = portable.to_yaml().unwrap();
    assert!(!text.contains("home") && !text.contains("me/"), "{text}");
    insta::assert_snapshot!(text, @r#"
version: 7
platforms:
- name: linux-64
environments:
  default:
    channels:
    - url: file:///my%20chan
    packages:
      linux-64:
      - conda: /my chan/noarch/a-1.0-0.conda
packages:
- conda: /my chan/noarch/a-1.0-0.conda
  subdir: noarch
  noarch: false
  sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  channel: file:///my%20chan
"#);
    assert_eq!(read(&text).unwrap(), portable);
    assert_eq!(portable.portable(), portable);
    assert!(!portable.locks()[0].to_explicit().contains("home"));
}

#[test]
fn credentials_never_reach_a_lock() {
    let url = Url::parse("https://me:s3cret@host/t/tk-s3cret/chan/noarch/a-1.0-0.conda?sig=s3cret").unwrap();
    let channel = "https://me:s3cret@host/t/tk-s3cret/chan";
    let package = LockedPackage::new(record("a", "noarch", &[]), &url, Some(channel)).unwrap();
    let lock = Lock::new(Subdir::Linux64, [channel], vec![package]).unwrap();
    let file = LockFile::new("default", vec![lock.clone()]).unwrap();
    for text in [file.to_yaml().unwrap(), lock.to_explicit(), format!("{lock:?}")] {
        assert!(text.contains("https://host/chan") && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn the_way_a_channel_was_named_does_not_change_a_lock() {
    let url = Url::parse("https://host/chan/noarch/a-1.0-0.conda").unwrap();
    let with = |channel| LockedPackage::new(record("a", "noarch", &[]), &url, channel).unwrap();
    assert_eq!(with(Some("https://host/chan/")), with(None));
    assert_eq!(with(Some("chan")), with(None));
    assert_eq!(with(None).channel.as_deref(), Some("https://host/chan"));
}

#[test]
fn what_a_lock_refuses() {
    let url = Url::parse("https://me:pw@host/chan/noarch/a-1.0-0.conda").unwrap();
    let refused = |record: PackageRecord| LockedPackage::new(record, &url, None).unwrap_err().to_string();
    let a = || record("a", "noarch", &[]);
    insta::assert_snapshot!(refused(PackageRecord { sha256: None, ..a() }), @"a-1.0-0 has neither a sha256 nor an md5 hash, so its archive could not be checked (https://host/chan/noarch/a-1.0-0.conda)");
    insta::assert_snapshot!(refused(record("../a", "noarch", &[])), @"the name '../a' of a package cannot be part of a file name (https://host/chan/noarch/a-1.0-0.conda)");
    insta::assert_snapshot!(refused(record("a\u{1b}[31m", "noarch", &[])), @"the name 'a\\u{1b}[31m' of a package cannot be part of a file name (https://host/chan/noarch/a-1.0-0.conda)");

    let named = |url: &str| {
        let url = Url::parse(url).unwrap();
        LockedPackage::new(a(), &url, None).unwrap_err().to_string()
    };
    insta::assert_snapshot!(named("https://host/chan/noarch/"), @"the package's file name '' cannot be used: it is no plain file name (https://host/chan/noarch/)");
    insta::assert_snapshot!(named("https://host/chan/noarch/..%2Fa-1-0.conda"), @"the package's file name '../a-1-0.conda' cannot be used: it is no plain file name (https://host/chan/noarch/..%2Fa-1-0.conda)");
    insta::assert_snapshot!(named("https://host/chan/noarch/a%00-1-0.conda"), @"the package's file name 'a\\0-1-0.conda' cannot be used: it is no plain file name (https://host/chan/noarch/a%00-1-0.conda)");
    insta::assert_snapshot!(named("https://host/chan/noarch/a-1-0.whl"), @"the package's file name 'a-1-0.whl' cannot be used: wheels are not supported, only conda packages are (https://host/chan/noarch/a-1-0.whl)");
    insta::assert_snapshot!(named("file://server/chan/noarch/a-1-0.conda"), @"'file://server/chan/noarch/a-1-0.conda' is no path on this machine; give the channel as a folder that is mounted here");
    insta::assert_snapshot!(named("https://host/chan/noarch/a.conda"), @"the package's file name 'a.conda' cannot be used: a conda package is named NAME-VERSION-BUILD.conda or .tar.bz2 (https://host/chan/noarch/a.conda)");

    let locked = |packages| Lock::new(Subdir::Linux64, ["chan"], packages).unwrap_err().to_string();
    insta::assert_snapshot!(locked(vec![package("a", &[]), package("a", &["b"])]), @"a occurs more than once for linux-64; an environment holds one package of a name");
    let arm = in_channel(record("a", "linux-aarch64", &[]), "https://host/chan");
    insta::assert_snapshot!(locked(vec![arm]), @"a-1.0-0 is for 'linux-aarch64', which is neither linux-64 nor noarch");
    let twice = LockFile::new("default", vec![lock(Subdir::Linux64, vec![]), lock(Subdir::Linux64, vec![])]);
    insta::assert_snapshot!(twice.unwrap_err(), @"there are two locks for linux-64");
}

#[test]
fn percent_signs_in_urls_are_decoded_in_file_names() {
    let url = Url::parse("https://host/chan/linux-64/x264-1%21164-h5_2.tar.bz2").unwrap();
    let package = LockedPackage::new(record("x264", "linux-64", &[]), &url, None).unwrap();
    assert_eq!(package.file_name, "x264-1!164-h5_2.tar.bz2");
    let file = LockFile::new("default", vec![lock(Subdir::Linux64, vec![package])]).unwrap();
    assert_eq!(read(&file.to_yaml().unwrap()).unwrap(), file);
}

#[test]
fn an_empty_lock_is_one() {
    let file = LockFile::new("default", vec![lock(Subdir::Linux64, vec![])]).unwrap();
    assert_eq!(read(&file.to_yaml().unwrap()).unwrap(), file);
}

prop_compose! {
    fn records()(
        name in "[a-z][a-z0-9_-]{0,8}",
        version in "[0-9]{1,3}(\\.[0-9]{1,3}){0,2}",
        build in "(py[0-9]{2})?h[0-9a-f]{4}_[0-9]{1,2}",
        noarch in 0..3_u8,
        build_number in 0..20_u64,
        size in prop::option::of(0..u64::from(u32::MAX)),
        timestamp_ms in prop::option::of(0..2_000_000_000_000_i64),
        depends in prop::collection::vec("[a-z]{1,5}( >=[0-9]{1,2})?", 0..3),
        constrains in prop::collection::vec("[a-z]{1,5} <[0-9]", 0..2),
        track_features in prop::collection::vec("[a-z]{1,5}", 0..2),
        with_md5 in any::<bool>(),
        license in prop::option::of("[A-Z]{0,4}"),
        site_packages in prop::option::of("lib/python3\\.[0-9]/site-packages"),
    ) -> PackageRecord {
        let mut record = record(&name, if noarch == 0 { "linux-64" } else { "noarch" }, &[]);
        record.version = version.parse().unwrap();
        record.build = build.parse().unwrap();
        record.noarch = [NoArchType::none(), NoArchType::generic(), NoArchType::python()][usize::from(noarch)];
        record.build_number = build_number;
        record.size = size;
        record.timestamp = timestamp_ms.and_then(timestamp);
        record.depends = depends;
        record.constrains = constrains;
        record.track_features = track_features;
        if with_md5 {
            record.md5 = parse_digest_from_hex::<Md5>(MD5);
        }
        record.license = license;
        record.python_site_packages_path = site_packages;
        // Repodata does not agree upon these.
        record.arch = with_md5.then(|| "x86_64".to_owned());
        record.platform = with_md5.then(|| "linux".to_owned());
        record
    }
}

proptest! {
    #[test]
    fn every_lock_survives_its_text(
        records in prop::collection::vec(records(), 0..8),
        channel in prop::sample::select(vec![
            "https://host/a/chan",
            "https://host",
            "file:///home/me/chan",
            "file:///a%20b/c%25d/e%23f",
            "file:///.hidden",
            "file:///%61",
        ]),
    ) {
        let mut packages: Vec<LockedPackage> =
            records.into_iter().map(|record| in_channel(record, channel)).collect();
        packages.sort_by(|a, b| a.name().cmp(b.name()));
        packages.dedup_by(|a, b| a.name() == b.name());
        let lock = Lock::new(Subdir::Linux64, [channel], packages).unwrap();
        let file = LockFile::new("default", vec![lock]).unwrap();
        let text = file.to_yaml().unwrap();
        let back = read(&text).unwrap();
        prop_assert_eq!(&back, &file);
        prop_assert_eq!(back.to_yaml().unwrap(), text);
        let portable = file.portable();
        prop_assert_eq!(read(&portable.to_yaml().unwrap()).unwrap(), portable);
    }
}
