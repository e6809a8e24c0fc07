//! Root file systems as bases and as outputs.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use mambox_oci::{Compression, Image, Platform, validate};
use mambox_testkit::{RootFs, TarEntry, listing, rootfs_tar};

use crate::common::{Place, image, layer};

/// Whether the tests run as root, who alone sees and sets owners.
fn is_root(place: &Place) -> bool {
    place.file("owner", "");
    std::fs::metadata(place.path("owner")).unwrap().uid() == 0
}

#[tokio::test]
async fn order_and_packing_of_a_tar_do_not_show() {
    let place = Place::new();
    let tree = RootFs::debian("2.36").entry(TarEntry::file("usr/bin/tool", "#!").mode(0o4755).owner(7, 8));
    let mut entries = tree.entries().to_vec();
    place.file("a.tar", rootfs_tar(&entries));
    entries.reverse();
    place.file("b.tar", rootfs_tar(&entries));
    place.file("c.tar.zst", zstd::encode_all(rootfs_tar(&entries).as_slice(), 1).unwrap());
    let image = place.read("rootfs:{}a.tar").await.unwrap();
    assert_eq!(validate(&image), []);
    for other in ["{}a.tar", "{}b.tar", "rootfs:{}c.tar.zst", "{}c.tar.zst"] {
        assert_eq!(place.read(other).await.unwrap().digest(), image.digest(), "{other}");
    }
    place.write(image, "rootfs:{}out.tar", &[]).await.unwrap();
    insta::assert_snapshot!(listing(&std::fs::read(place.path("out.tar")).unwrap()), @"
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 bin -> usr/bin
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 etc/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 27 etc/group
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 71 etc/os-release
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 89 etc/passwd
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib -> usr/lib
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib64 -> usr/lib64
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 root/
    drwxrwxrwt 0:0 2023-11-14T22:13:20Z 0 tmp/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/bin/
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 177 usr/bin/sh
    -rwsr-xr-x 7:8 2023-11-14T22:13:20Z 2 usr/bin/tool
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib/x86_64-linux-gnu/
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 320 usr/lib/x86_64-linux-gnu/libc.so.6
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib64/
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 usr/lib64/ld-linux-x86-64.so.2 -> ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
    ");
}

#[tokio::test]
async fn a_folder_is_read_like_its_tar() {
    let place = Place::new();
    if !is_root(&place) {
        return;
    }
    let tree = RootFs::alpine().entry(TarEntry::hard_link("lib/second", "lib/ld-musl-x86_64.so.1"));
    place.file("a.tar", tree.tar());
    let from_tar = place.read("{}a.tar").await.unwrap();
    place.write(from_tar.clone(), "rootfs:{}folder", &[]).await.unwrap();
    let from_folder = place.read("rootfs:{}folder").await.unwrap();
    assert_eq!(from_folder.digest(), from_tar.digest());
    assert_eq!(place.read("{}folder").await.unwrap().digest(), from_tar.digest());
}

#[tokio::test]
async fn a_changed_file_makes_another_layer() {
    let place = Place::new();
    RootFs::alpine().write_to(place.path("folder"));
    let before = place.read("{}folder").await.unwrap();
    place.file("folder/etc/new", "new");
    assert_ne!(place.read("{}folder").await.unwrap().digest(), before.digest());
    place.file("a.tar", RootFs::alpine().tar());
    let before = place.read("{}a.tar").await.unwrap();
    place.file("a.tar", RootFs::debian("2.36").tar());
    assert_ne!(place.read("{}a.tar").await.unwrap().digest(), before.digest());
}

#[tokio::test]
async fn without_a_cache_a_temporary_layer_serves() {
    let mut place = Place::new();
    place.transport.cache_dir = None;
    place.file("a.tar", RootFs::alpine().tar());
    assert_eq!(validate(&place.read("{}a.tar").await.unwrap()), []);
}

#[tokio::test]
async fn the_flattened_tree_has_whiteouts_applied() {
    let place = Place::new();
    let upper = [
        TarEntry::dir("data/"),
        TarEntry::file("data/new", "n"),
        TarEntry::file("data/.wh..wh..opq", ""),
        TarEntry::file("hello", "again\n").mode(0o640),
        TarEntry::hard_link("hello2", "hello"),
    ];
    let middle = [TarEntry::dir("data/"), TarEntry::file("data/old", "o")];
    let image =
        image().with_layers(&[layer(Compression::ZSTD, &middle), layer(Compression::None, &upper)]).unwrap();
    place.write(image.clone(), "rootfs:{}tree", &[]).await.unwrap();
    place.write(image, "rootfs:{}tree.tar.gz", &[]).await.unwrap();
    let tree = mambox_testkit::read_tree(place.path("tree"));
    let paths: Vec<&String> = tree.keys().collect();
    assert_eq!(paths, ["data", "data/new", "etc", "etc/name", "hello", "hello2"]);
    let meta = |name: &str| std::fs::metadata(place.path("tree").join(name)).unwrap();
    assert_eq!(meta("hello").permissions().mode() & 0o7777, 0o640);
    assert_eq!(meta("hello").ino(), meta("hello2").ino());
    assert_eq!(meta("data").mtime(), mambox_testkit::DEFAULT_MTIME as i64);
    let tar = mambox_testkit::decompress(&std::fs::read(place.path("tree.tar.gz")).unwrap());
    insta::assert_snapshot!(listing(&tar), @"
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 data/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 data/new
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 etc/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 5 etc/name
    -rw-r----- 0:0 2023-11-14T22:13:20Z 6 hello
    hrw-r----- 0:0 2023-11-14T22:13:20Z 0 hello2 => hello
    ");
}

#[tokio::test]
async fn long_names_and_attributes_survive() {
    let place = Place::new();
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let link = "l".repeat(150);
    let entries = [
        TarEntry::file(long.clone(), "x"),
        TarEntry::symlink("link", link.clone()),
        TarEntry::file("ünïcode ", ""),
    ];
    place.file("a.tar", rootfs_tar(&entries));
    let image = place.read("{}a.tar").await.unwrap();
    place.write(image.clone(), "rootfs:{}b.tar", &[]).await.unwrap();
    let tree = mambox_testkit::extract_map(&std::fs::read(place.path("b.tar")).unwrap());
    assert!(tree.contains_key(&long) && tree.contains_key("ünïcode "));
    assert_eq!(place.read("rootfs:{}b.tar").await.unwrap().digest(), image.digest(), "canonical already");
}

#[tokio::test]
async fn scratch_is_nothing() {
    let place = Place::new();
    let scratch = place.read("scratch").await.unwrap();
    assert_eq!(scratch.digest(), Image::scratch(&Platform::linux("amd64")).digest());
}
