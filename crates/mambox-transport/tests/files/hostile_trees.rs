//! Root file systems and layers that try to get out, or that cannot be.

use mambox_oci::{Compression, Image, Platform};
use mambox_testkit::{TarEntry, TarKind, rootfs_tar};

use crate::common::{Place, layer};

#[tokio::test]
async fn a_layer_cannot_write_outside_of_the_folder() {
    let place = Place::new();
    let evil = [
        TarEntry::symlink("out", "/"),
        TarEntry::symlink("up", "../../../.."),
        TarEntry::file("out/through", "x"),
        TarEntry::file("up/etc/deep", "y"),
        TarEntry::file("/absolute", "z"),
    ];
    let image =
        Image::scratch(&Platform::linux("amd64")).with_layers(&[layer(Compression::None, &evil)]).unwrap();
    place.write(image, "rootfs:{}tree", &[]).await.unwrap();
    assert_eq!(
        crate::common::names(&place.path("tree")),
        ["absolute", "etc", "etc/deep", "out", "through", "up"],
        "links mean the tree's own root, as in a container"
    );
}

#[tokio::test]
async fn impossible_trees_are_refused_by_name() {
    let place = Place::new();
    let cases: [(&str, Vec<TarEntry>); 8] = [
        ("parent", vec![TarEntry::file("../x", "")]),
        ("below a file", vec![TarEntry::file("x", ""), TarEntry::file("x/y", "")]),
        ("loop", vec![TarEntry::symlink("a", "b"), TarEntry::symlink("b", "a"), TarEntry::file("a/x", "")]),
        ("hard link", vec![TarEntry::hard_link("x", "../../etc/passwd")]),
        ("hard link to nothing", vec![TarEntry::hard_link("x", "y")]),
        ("whiteout", vec![TarEntry::file("etc/.wh.passwd", "")]),
        ("size", vec![TarEntry::file("x", "abc").declared_size(1 << 50)]),
        ("nothing", vec![]),
    ];
    let mut shown = Vec::new();
    for (name, entries) in cases {
        place.file("x.tar", rootfs_tar(&entries));
        shown.push(format!("{name}: {}", place.read_error("rootfs:{}x.tar").await));
    }
    insta::assert_snapshot!(shown.join("\n"), @"
    parent: x.tar: the member '../x' leaves the archive
    below a file: x.tar: 'x/y' lies below what is no folder
    loop: x.tar: 'a/x' lies in a loop of links
    hard link: x.tar: the member '../../etc/passwd' leaves the archive
    hard link to nothing: x.tar: 'x' is a hard link to what is not there
    whiteout: x.tar: 'etc/.wh.passwd' is named like a whiteout, by which an engine would delete files
    size: x.tar: the tar ends within 'x'
    nothing: x.tar: it is an empty tar
    ");
}

#[tokio::test]
async fn devices_are_left_out() {
    let place = Place::new();
    let entries = [
        TarEntry::special("dev/null", TarKind::CharDevice(1, 3)),
        TarEntry::special("disk", TarKind::BlockDevice(8, 0)),
        TarEntry::special("pipe", TarKind::Fifo),
    ];
    place.file("x.tar", rootfs_tar(&entries));
    let recorder = mambox_progress::Recorder::default();
    let reference = format!("rootfs:{}", place.path("x.tar").display()).parse().unwrap();
    let platform = Platform::linux("amd64");
    let image = mambox_transport::read(&reference, &platform, &place.transport, &recorder).await.unwrap();
    place.write(image, "rootfs:{}t.tar", &[]).await.unwrap();
    let listed = mambox_testkit::listing(&std::fs::read(place.path("t.tar")).unwrap());
    insta::assert_snapshot!(listed, @"
    drwxr-xr-x 0:0 1970-01-01T00:00:00Z 0 dev/
    prw-r--r-- 0:0 2023-11-14T22:13:20Z 0 pipe
    ");
    let warned = |event: &mambox_progress::Event| matches!(event, mambox_progress::Event::Warning { text } if text.ends_with("such as disk"));
    assert!(recorder.events().iter().any(warned));
}
