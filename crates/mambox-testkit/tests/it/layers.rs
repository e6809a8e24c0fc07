//! Listings of tar streams, and stacks of layers flattened.

use insta::assert_snapshot;
use mambox_testkit::{
    EntryKind, TarEntry, TarKind, TarStyle, flatten, listing, read_tree, tar_bytes, tar_bytes_in,
};

#[test]
fn listing_shows_every_kind_of_entry() {
    let tar = tar_bytes(&[
        TarEntry::dir("opt/").owner(7, 8),
        TarEntry::file("opt/setuid", "abc").mode(0o4755).mtime(0),
        TarEntry::file("opt/no\nnewline", "").mode(0o1644),
        TarEntry::symlink("opt/link", "../etc"),
        TarEntry::hard_link("opt/hard", "opt/setuid"),
        TarEntry::special("dev/null", TarKind::CharDevice(1, 3)),
        TarEntry::special("run/pipe", TarKind::Fifo),
        TarEntry::file("a/".repeat(70) + "long", "x"),
        TarEntry::symlink("long", "b/".repeat(70)),
    ]);
    assert_snapshot!(listing(&tar), @r"
    drwxr-xr-x 7:8 2023-11-14T22:13:20Z 0 opt/
    -rwsr-xr-x 0:0 1970-01-01T00:00:00Z 3 opt/setuid
    -rw-r--r-T 0:0 2023-11-14T22:13:20Z 0 opt/no\nnewline
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 opt/link -> ../etc
    hrw-r--r-- 0:0 2023-11-14T22:13:20Z 0 opt/hard => opt/setuid
    crw-r--r-- 0:0 2023-11-14T22:13:20Z 0 dev/null 1,3
    prw-r--r-- 0:0 2023-11-14T22:13:20Z 0 run/pipe
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/long
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 long -> b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/b/
    ");
}

#[test]
fn both_styles_say_the_same() {
    // Lengths around which the decimal length of a PAX record grows.
    let mut entries: Vec<_> =
        (85..=105).map(|length| TarEntry::file("é".repeat(length / 2) + "x", "1")).collect();
    entries.push(TarEntry::symlink("long", "b/".repeat(500)));
    entries.push(TarEntry::hard_link("hard/".repeat(30), "é".repeat(42) + "x"));
    let (gnu, pax) = (tar_bytes_in(TarStyle::Gnu, &entries), tar_bytes_in(TarStyle::Pax, &entries));
    assert_ne!(gnu, pax);
    assert_eq!(listing(&gnu), listing(&pax));
}

#[test]
fn later_layers_replace_and_remove() {
    let lower = tar_bytes(&[
        TarEntry::dir("a/"),
        TarEntry::file("a/one", "1"),
        TarEntry::file("a/two", "2"),
        TarEntry::hard_link("a/again", "a/two"),
        TarEntry::dir("b/"),
        TarEntry::file("b/old", "old"),
        TarEntry::dir("c/"),
        TarEntry::file("c/below", ""),
    ]);
    let upper = tar_bytes(&[
        TarEntry::file("a/.wh.one", ""),
        TarEntry::file("a/two", "II").mode(0o600),
        TarEntry::file("b/.wh..wh..opq", ""),
        TarEntry::file("b/new", "new"),
        TarEntry::symlink("c", "a"),
    ]);
    let tree = flatten(&[lower, upper]);
    assert_eq!(tree.keys().collect::<Vec<_>>(), ["a", "a/again", "a/two", "b", "b/new", "c"]);
    assert_eq!(tree["a/two"].text(), "II");
    assert_eq!(tree["a/two"].mode, 0o600);
    assert_eq!(tree["a/again"].text(), "2");
    assert_eq!(tree["c"].kind, EntryKind::Symlink("a".into()));
}

#[test]
fn compressed_layers_flatten_too() {
    let tar = tar_bytes(&[TarEntry::file("a", "1")]);
    let zst = zstd::encode_all(tar.as_slice(), 1).expect("zstd");
    assert_eq!(flatten(&[zst]), flatten(&[tar]));
}

#[test]
fn folder_on_disk_reads_as_a_tree() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("d")).expect("a folder");
    std::fs::write(folder.path().join("d/f"), "x").expect("a file");
    std::os::unix::fs::symlink("f", folder.path().join("d/l")).expect("a link");
    let tree = read_tree(folder.path());
    assert_eq!(tree.keys().collect::<Vec<_>>(), ["d", "d/f", "d/l"]);
    assert_eq!(tree["d/f"].text(), "x");
    assert_eq!(tree["d/l"].kind, EntryKind::Symlink("f".into()));
}
