//! Archives that nobody should believe, and those that one should.

use std::io::{Cursor, Write};
use std::path::Path;

use mambox_testkit::{TarEntry, TarKind, TarStyle, read_tree, tar_bytes, tar_bytes_in};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::machine::gzip;
use super::stage;
use crate::cancel::CancelOnDrop;

/// What becomes of an archive: its files, or the reason against it.
fn unpacked(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let (path, to) = (outside.join("archive"), outside.join("sources"));
    std::fs::write(&path, bytes).unwrap();
    let guard = CancelOnDrop::default();
    let told = match stage::archive(&path, &to, &guard.watch()) {
        Ok(()) => listed(&to),
        Err(problem) => problem.to_string(),
    };
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written elsewhere");
    told
}

fn listed(folder: &Path) -> String {
    let tree = read_tree(folder);
    tree.iter().map(|(path, entry)| format!("{path} {:o}", entry.mode & 0o777)).collect::<Vec<_>>().join(", ")
}

fn tar(entries: &[TarEntry]) -> String {
    unpacked(&gzip(&tar_bytes(entries)))
}

fn zip(members: &[(&str, u32)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode) in members {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .unix_permissions(*mode);
        if mode & 0o170_000 == 0o120_000 {
            zip.add_symlink(*name, "../../x", options).unwrap();
        } else {
            zip.start_file(*name, options).unwrap();
            zip.write_all(b"content").unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_one_folder_at_the_top_goes_and_modes_are_ours() {
    let entries = [
        TarEntry::dir("./"),
        TarEntry::file("x-1/setup.py", "").mode(0o600),
        TarEntry::file("x-1/run", "").mode(0o4710),
        TarEntry::file("x-1/run", "again").mode(0o777),
        TarEntry::symlink("x-1/in/link", "../setup.py"),
        TarEntry::hard_link("x-1/second", "x-1/run"),
        TarEntry::dir("x-1/empty").mode(0o700),
    ];
    insta::assert_snapshot!(tar(&entries), @"empty 755, in 755, in/link 777, run 755, second 755, setup.py 644");
    let long = format!("x-1/{}/f", "long".repeat(30));
    let pax = tar_bytes_in(TarStyle::Pax, &[TarEntry::file(&long, ""), TarEntry::file("x-1/ä", "")]);
    assert!(unpacked(&gzip(&pax)).contains("longlong"));
    insta::assert_snapshot!(unpacked(&zip(&[("x-1/setup.py", 0o644), ("x-1/./run", 0o755)])), @"run 755, setup.py 644");
}

#[test]
fn hostile_archives_are_refused() {
    let file = |path: &str| TarEntry::file(path, "");
    let top = || file("x/a");
    let cut = gzip(&tar_bytes(&[top()]));
    let mut lying = zip(&[("x/a", 0o644)]);
    let at = lying.windows(7).position(|window| window == b"content").unwrap();
    lying[at] = b'C';
    let told = [
        ("up", tar(&[file("x/../../a")])),
        ("absolute", tar(&[file("/x/a")])),
        ("link out", tar(&[top(), TarEntry::symlink("x/l", "../..")])),
        ("link to the root", tar(&[top(), TarEntry::symlink("x/l", "/etc")])),
        ("link at the top", tar(&[TarEntry::symlink("x", "y"), file("x/a")])),
        ("through a link", tar(&[TarEntry::symlink("x/l", "a"), file("x/l/b")])),
        ("onto a link", tar(&[TarEntry::symlink("x/l", "a"), file("x/l")])),
        ("folder and file", tar(&[file("x/a/b"), file("x/a")])),
        ("hard link out", tar(&[top(), TarEntry::hard_link("x/h", "../../etc/passwd")])),
        ("hard link to a link", tar(&[TarEntry::symlink("x/l", "a"), TarEntry::hard_link("x/h", "x/l")])),
        ("device", tar(&[top(), TarEntry::special("x/d", TarKind::CharDevice(1, 3))])),
        ("fifo", tar(&[top(), TarEntry::special("x/p", TarKind::Fifo)])),
        ("two tops", tar(&[top(), file("y/a")])),
        ("file at the top", tar(&[file("setup.py")])),
        ("empty", tar(&[])),
        ("huge", tar(&[top(), file("x/b").declared_size(1 << 40)])),
        ("cut", unpacked(&cut[..cut.len() - 12])),
        ("no archive", unpacked(b"<html>")),
        ("nothing", unpacked(b"")),
        ("zip up", unpacked(&zip(&[("x/../../a", 0o644)]))),
        ("zip absolute", unpacked(&zip(&[("/x/a", 0o644)]))),
        ("zip link", unpacked(&zip(&[("x/a", 0o644), ("x/l", 0o120_777)]))),
        ("zip lies", unpacked(&lying)),
        ("zip cut", unpacked(&zip(&[("x/a", 0o644)])[..40])),
    ];
    let told: Vec<String> = told.iter().map(|(name, told)| format!("{name}: {told}")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    up: the archive is refused: holds the path 'x/../../a', which leads out of the package; this package is not to be trusted
    absolute: the archive is refused: holds the path '/x/a', which is absolute; this package is not to be trusted
    link out: the archive has 'x/l', a link that leads out of it
    link to the root: the archive has 'x/l', a link that leads out of it
    link at the top: the archive has 'x', a link that leads out of it
    through a link: the archive has something below 'x/l', which is no folder
    onto a link: the archive has 'x/l' twice
    folder and file: the archive has 'x/a' twice
    hard link out: the archive is refused: holds the path '../../etc/passwd', which leads out of the package; this package is not to be trusted
    hard link to a link: the archive has 'x/h', a link to a file that it does not have
    device: the archive has 'x/d', a device
    fifo: the archive has 'x/p', a fifo
    two tops: the archive has more than one folder at its top, or files, so that it is no source distribution
    file at the top: the archive has more than one folder at its top, or files, so that it is no source distribution
    empty: the archive is empty
    huge: the archive has more than 200000 entries or 4 GiB
    cut: the archive is damaged or cut short (incomplete deflate stream)
    no archive: the archive is neither .tar.gz nor .zip, by its first bytes
    nothing: the archive is neither .tar.gz nor .zip, by its first bytes
    zip up: the archive has the path 'x/../../a', which leads out of it or is none
    zip absolute: the archive has the path '/x/a', which leads out of it or is none
    zip link: the archive has 'x/l', a link that leads out of it
    zip lies: the archive is damaged or cut short (Invalid checksum)
    zip cut: the archive is damaged, or has something that only odd zips have (invalid Zip archive: Could not find EOCD)
    ");
}
