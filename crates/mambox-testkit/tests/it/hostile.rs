//! Hostile archives are hostile in the way their names say.

use std::collections::BTreeSet;
use std::io::Read;

use insta::assert_snapshot;
use mambox_testkit::{ArchiveFormat, HostileArchive, PackageBuilder, listing, zstd_bomb};

fn payload(archive: &HostileArchive) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&archive.package.bytes)).expect("a zip");
    let member = zip.by_name("pkg-hostile-1-0.tar.zst").expect("the payload");
    zstd::decode_all(member).expect("zstd")
}

#[test]
fn names_are_unique_within_a_format() {
    let all = HostileArchive::all();
    let unique: BTreeSet<_> = all.iter().map(|archive| (archive.name, &archive.package.file_name)).collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn escapes_are_written_verbatim() {
    assert_snapshot!(listing(&payload(&HostileArchive::named("inner-parent-path"))), @r"
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 9 share/harmless
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 8 lib/../../escaped
    ");
    assert_snapshot!(listing(&payload(&HostileArchive::named("through-absolute-link"))), @r"
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 9 share/harmless
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib -> /tmp
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 8 lib/escaped
    ");
}

#[test]
fn bomb_is_small_and_unpacks_to_its_size() {
    let bomb = zstd_bomb(10 << 20);
    assert!(bomb.bytes.len() < 10_000);
    let tar = payload(&HostileArchive { name: "bomb", package: bomb });
    assert_snapshot!(listing(&tar), @"-rw-r--r-- 0:0 2023-11-14T22:13:20Z 10485760 share/bomb");
}

#[test]
fn zip_sizes_and_checksum_lie() {
    let read = |name: &str| {
        let archive = HostileArchive::named(name);
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive.package.bytes)).expect("a zip");
        let mut member = zip.by_name("pkg-hostile-1-0.tar.zst").expect("the payload");
        let said = member.size();
        let outcome = member.read_to_end(&mut Vec::new()).map_err(|error| error.to_string());
        (said, outcome)
    };
    let honest = PackageBuilder::new("hostile", "1").file("share/harmless", "harmless\n").build();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(honest.bytes)).expect("a zip");
    let size = zip.by_name("pkg-hostile-1-0.tar.zst").expect("the payload").size();
    assert_eq!(read("zip-member-larger-than-said").0, size / 2);
    assert_eq!(read("zip-member-smaller-than-said").0, size + 100_000);
    assert!(read("zip-member-wrong-crc").1.is_err());
}

#[test]
fn payload_attacks_come_in_both_formats() {
    let formats = |name| {
        let all = HostileArchive::all();
        all.iter()
            .filter(|archive| archive.name == name)
            .map(|archive| archive.package.file_name.clone())
            .collect::<Vec<_>>()
    };
    let extensions = [ArchiveFormat::Conda, ArchiveFormat::TarBz2]
        .map(|format| format!("hostile-1-0{}", format.extension()));
    assert_eq!(formats("parent-path"), extensions);
}
