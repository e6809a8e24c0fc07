//! Package archives that nobody should believe, each with a name for what is wrong with it.

use std::io::{Read, Write};
use std::sync::LazyLock;

use serde_json::json;

use crate::package::{ArchiveFormat, BuiltPackage, PackageBuilder, conda_metadata, conda_zip, zstd_bytes};
use crate::tar_writer::{TarEntry, TarKind, tar_bytes, tar_bytes_open};
use crate::zip_lies;

/// How many bytes a bomb unpacks to.
const BOMB: u64 = 64 << 20;

static ALL: LazyLock<Vec<HostileArchive>> = LazyLock::new(make_all);

/// An archive that must be refused. Its record (size, hashes) is that of the hostile bytes, so that nothing but
/// the content gives it away.
#[derive(Clone, Debug)]
pub struct HostileArchive {
    /// What is wrong, as a few words joined by hyphens; unique.
    pub name: &'static str,
    /// The archive: package `hostile`, version 1.
    pub package: BuiltPackage,
}

impl HostileArchive {
    /// Every hostile archive there is, payload attacks as `.conda` and `.tar.bz2`.
    pub fn all() -> Vec<Self> {
        ALL.clone()
    }

    /// The first archive of that name (the `.conda` one where there are two).
    pub fn named(name: &str) -> Self {
        let names: Vec<_> = ALL.iter().map(|archive| archive.name).collect();
        let message = format!("no hostile archive {name}; there are {names:?}");
        ALL.iter().find(|archive| archive.name == name).expect(&message).clone()
    }
}

fn make_all() -> Vec<HostileArchive> {
    let mut all = Vec::new();
    for format in [ArchiveFormat::Conda, ArchiveFormat::TarBz2] {
        all.extend(payload_attacks(format));
        all.extend(broken_streams(format));
        all.extend(info_attacks(format));
    }
    all.extend(conda_containers());
    all.extend([HostileArchive { name: "zstd-bomb", package: zstd_bomb(BOMB) }]);
    all
}

fn package(format: ArchiveFormat) -> PackageBuilder {
    PackageBuilder::new("hostile", "1").file("share/harmless", "harmless\n").format(format)
}

/// Entries that leave the prefix or are no files.
fn payload_attacks(format: ArchiveFormat) -> Vec<HostileArchive> {
    let escape = |path: &str| vec![TarEntry::file(path, "escaped\n")];
    let through =
        |target: &str| vec![TarEntry::symlink("lib", target), TarEntry::file("lib/escaped", "escaped\n")];
    let hard_link = |target: &str| vec![TarEntry::hard_link("share/stolen", target)];
    let special = |kind| vec![TarEntry::special("dev/special", kind)];
    let attacks = [
        ("parent-path", escape("../escaped")),
        ("inner-parent-path", escape("lib/../../escaped")),
        ("absolute-path", escape("/tmp/mambox-testkit-escaped")),
        ("dot-dot-alone", escape("..")),
        ("empty-path", escape("")),
        ("through-absolute-link", through("/tmp")),
        ("through-relative-link", through("../..")),
        ("hard-link-to-absolute", hard_link("/etc/passwd")),
        ("hard-link-to-parent", hard_link("../../etc/passwd")),
        ("hard-link-to-nothing", hard_link("share/nothing")),
        ("character-device", special(TarKind::CharDevice(1, 3))),
        ("block-device", special(TarKind::BlockDevice(8, 0))),
        ("fifo", special(TarKind::Fifo)),
        ("one-path-twice", vec![TarEntry::file("share/twice", "1"), TarEntry::file("share/twice", "2")]),
        ("file-below-file", escape("share/harmless/below")),
    ];
    attacks
        .map(|(name, entries)| HostileArchive { name, package: with_listed(package(format), entries) })
        .into()
}

/// The package with these entries at the end of its payload, and their paths in paths.json.
fn with_listed(mut builder: PackageBuilder, entries: Vec<TarEntry>) -> BuiltPackage {
    let mut listed: Vec<&str> = Vec::new();
    for entry in &entries {
        if listed.contains(&entry.path.as_str()) {
            continue;
        }
        listed.push(&entry.path);
        builder = match &entry.kind {
            TarKind::Symlink(target) => builder.symlink(&entry.path, target),
            TarKind::File(content) => builder.file(&entry.path, content),
            _ => builder.file(&entry.path, ""),
        };
        builder = builder.absent(&entry.path);
    }
    builder.build_with(|_, payload| payload.extend(entries))
}

/// Archives cut short, foreign files, sizes that lie inside the tar.
fn broken_streams(format: ArchiveFormat) -> Vec<HostileArchive> {
    let honest = package(format).file("share/more", noise(100_000)).build().bytes;
    let html = b"<!DOCTYPE html>\n<html><title>Sign in</title><body>Please sign in</body></html>\n";
    let oversized = |_: &mut Vec<TarEntry>, payload: &mut Vec<TarEntry>| {
        payload.push(TarEntry::file("share/oversized", "short").declared_size(1 << 40));
    };
    let archive =
        |name, bytes: &[u8]| HostileArchive { name, package: package(format).finish(bytes.to_vec()) };
    vec![
        archive("truncated-start", &honest[..20]),
        archive("truncated-middle", &honest[..honest.len() / 2]),
        archive("truncated-end", &honest[..honest.len() - 30]),
        archive("empty-file", b""),
        archive("html-file", html),
        archive("gzip-file", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"),
        HostileArchive { name: "tar-declares-a-terabyte", package: package(format).build_with(oversized) },
    ]
}

/// Metadata that is absent, no JSON, or points outside.
fn info_attacks(format: ArchiveFormat) -> Vec<HostileArchive> {
    let path =
        |path: &str| json!({ "paths": [{ "_path": path, "path_type": "hardlink" }], "paths_version": 1 });
    let link = json!({
        "noarch": { "type": "python", "entry_points": ["../../escaped = os:abort"] },
        "package_metadata_version": 1,
    });
    let other =
        json!({ "name": "other", "version": "2", "build": "0", "build_number": 0, "subdir": "linux-64" });
    let with = |file: &str, content: &str| package(format).info_file(file, content).build();
    let without = |file: &'static str| {
        package(format).build_with(move |info, _| info.retain(|entry| entry.path != file))
    };
    [
        ("paths-json-parent-path", with("paths.json", &path("../escaped").to_string())),
        ("paths-json-absolute-path", with("paths.json", &path("/tmp/escaped").to_string())),
        ("paths-json-no-json", with("paths.json", "<html>")),
        ("index-json-no-json", with("index.json", "<html>")),
        ("index-json-of-another-package", with("index.json", &other.to_string())),
        ("index-json-missing", without("info/index.json")),
        ("entry-point-parent-path", with("link.json", &link.to_string())),
        ("wrong-sha256", package(format).lie_sha256("share/harmless", &"0".repeat(64)).build()),
        ("wrong-size", package(format).lie_size("share/harmless", 10_000).build()),
        ("listed-but-absent", package(format).file("share/absent", "").absent("share/absent").build()),
    ]
    .map(|(name, package)| HostileArchive { name, package })
    .into()
}

/// What only a `.conda` archive's zip can be wrong about.
fn conda_containers() -> Vec<HostileArchive> {
    let builder = package(ArchiveFormat::Conda);
    let (info, payload) = builder.tar_entries();
    let pkg = || ("pkg-hostile-1-0.tar.zst".to_owned(), zstd_bytes(&tar_bytes(&payload)));
    let info = || ("info-hostile-1-0.tar.zst".to_owned(), zstd_bytes(&tar_bytes(&info)));
    let unclosed = || ("pkg-hostile-1-0.tar.zst".to_owned(), zstd_bytes(&tar_bytes_open(&payload)[..700]));
    let renamed = |name: &str| (name.to_owned(), pkg().1);
    let version_9 = ("metadata.json".to_owned(), br#"{"conda_pkg_format_version": 9}"#.to_vec());
    let zip = |name, members: &[(String, Vec<u8>)]| HostileArchive {
        name,
        package: builder.finish(conda_zip(members)),
    };
    let honest = builder.build().bytes;
    let lie = |name, bytes| HostileArchive { name, package: builder.finish(bytes) };
    vec![
        zip("zip-without-payload", &[conda_metadata(), info()]),
        zip("zip-without-info", &[conda_metadata(), pkg()]),
        zip("zip-without-metadata", &[pkg(), info()]),
        zip("zip-of-unknown-version", &[version_9, pkg(), info()]),
        zip("zip-with-two-payloads", &[conda_metadata(), pkg(), renamed("pkg-other-1-0.tar.zst"), info()]),
        zip("zip-with-nested-payload", &[conda_metadata(), renamed("inner/pkg-hostile-1-0.tar.zst"), info()]),
        zip("zip-with-parent-payload", &[conda_metadata(), renamed("../pkg-hostile-1-0.tar.zst"), info()]),
        zip("zip-payload-tar-cut", &[conda_metadata(), unclosed(), info()]),
        zip("zip-payload-no-zstd", &[conda_metadata(), (pkg().0, b"<html>".to_vec()), info()]),
        lie("zip-member-larger-than-said", zip_lies::resize_member(&honest, "pkg-", |size| size / 2)),
        lie("zip-member-smaller-than-said", zip_lies::resize_member(&honest, "pkg-", |size| size + 100_000)),
        lie("zip-member-wrong-crc", zip_lies::corrupt_crc(&honest, "pkg-")),
    ]
}

/// A `.conda` archive of a few kilobytes whose one file unpacks to `size` bytes of zeros, while paths.json claims
/// one byte. The tar is well-formed.
pub fn zstd_bomb(size: u64) -> BuiltPackage {
    let builder = package(ArchiveFormat::Conda).file("share/bomb", "0");
    let (info, _) = builder.tar_entries();
    let header = tar_bytes_open(&[TarEntry::file("share/bomb", "").declared_size(size)]);
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.write_all(&header).expect("memory takes it");
    let padded = size.next_multiple_of(512) + 1024;
    std::io::copy(&mut std::io::repeat(0).take(padded), &mut encoder).expect("memory takes it");
    let payload = encoder.finish().expect("the frame ends");
    builder.finish(conda_zip(&[
        conda_metadata(),
        ("pkg-hostile-1-0.tar.zst".into(), payload),
        ("info-hostile-1-0.tar.zst".into(), zstd_bytes(&tar_bytes(&info))),
    ]))
}

/// Bytes that do not compress, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
