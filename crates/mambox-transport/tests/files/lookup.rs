//! Files of an image, found without unpacking it.

use mambox_oci::{Compression, Image, Platform};
use mambox_progress::Silent;
use mambox_testkit::{RootFs, TarEntry};
use mambox_transport::{Wanted, facts, find_files};

use crate::common::{Place, layer};

fn base() -> Image {
    let upper = [
        TarEntry::file("etc/group", "changed\n"),
        TarEntry::file("etc/.wh.passwd", ""),
        TarEntry::symlink("etc/loop", "loop"),
        TarEntry::symlink("etc/up", "../../../../../etc/group"),
    ];
    Image::scratch(&Platform::linux("amd64"))
        .with_layers(&[
            layer(Compression::GZIP, RootFs::debian("2.36").entries()),
            layer(Compression::ZSTD, &upper),
        ])
        .unwrap()
}

#[tokio::test]
async fn links_patterns_and_whiteouts_are_followed() {
    let wanted = [
        "lib/*/libc.so.6",
        "etc/passwd",
        "etc/group",
        "etc/loop",
        "etc/up",
        "/usr/lib",
        "etc/os-release",
        "no*pe",
    ];
    let wanted: Vec<Wanted> = wanted.iter().map(|path| Wanted::new(*path, 200)).collect();
    let found = find_files(&base(), &wanted, &Silent).await.unwrap();
    let shown: Vec<String> = found
        .iter()
        .map(|(path, file)| {
            let content = file
                .content
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes).lines().next().unwrap_or("").to_owned());
            format!("{path} = {} {:o} {content:?}", file.real_path, file.mode)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    etc/group = etc/group 644 Some("changed")
    etc/os-release = etc/os-release 644 Some("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"")
    etc/up = etc/group 644 Some("changed")
    lib/x86_64-linux-gnu/libc.so.6 = usr/lib/x86_64-linux-gnu/libc.so.6 755 None
    usr/lib = usr/lib 755 None
    "#);
}

#[tokio::test]
async fn a_damaged_layer_is_named_by_its_digest_not_by_what_a_parser_made_of_it() {
    let place = Place::new();
    place.write(base(), "oci:{}layout", &[]).await.unwrap();
    let digest = base().layers()[0].descriptor().digest;
    let blob = place.path("layout/blobs/sha256").join(digest.hex());
    let mut bytes = std::fs::read(&blob).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&blob, bytes).unwrap();
    let image = place.read("oci:{}layout").await.unwrap();
    let error = find_files(&image, &[Wanted::new("etc/passwd", 9)], &Silent).await.unwrap_err();
    let message = std::error::Error::source(&error).map_or(error.to_string(), |e| format!("{error}: {e}"));
    assert!(message.contains(&format!("blob {digest} has the digest")), "{message}");
}

#[tokio::test]
async fn facts_are_remembered_by_the_layers() {
    let place = Place::new();
    let wanted = [Wanted::new("etc/group", 1000)];
    let ask = async |image: &Image, answer: usize| {
        facts(image, "test-1", &wanted, |found| found.len() + answer, &place.transport, &Silent)
            .await
            .unwrap()
    };
    assert_eq!(ask(&base(), 1).await, 2);
    assert_eq!(ask(&base(), 100).await, 2, "not derived again");
    assert_eq!(ask(&Image::scratch(&Platform::linux("amd64")), 5).await, 5);
}
