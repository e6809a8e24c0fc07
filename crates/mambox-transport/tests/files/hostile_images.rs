//! Layouts and archives that lie.

use std::os::unix::fs::symlink;

use mambox_oci::validate;
use mambox_testkit::{TarEntry, TarKind, tar_bytes};

use crate::common::{Place, image};

/// The members of an archive of the usual image.
async fn members(place: &Place, output: &str) -> Vec<TarEntry> {
    place.write(image(), output, &[]).await.unwrap();
    let path = output.trim_start_matches("docker-archive:").trim_start_matches("{}");
    let tar = std::fs::read(place.path(path)).unwrap();
    let files = mambox_testkit::extract_map(&tar);
    let file =
        |(name, entry): (&String, &mambox_testkit::Entry)| TarEntry::file(name.clone(), entry.content());
    files.iter().filter(|(name, _)| !name.ends_with("blobs") && !name.ends_with("sha256")).map(file).collect()
}

async fn tampered(change: impl FnOnce(&mut Vec<TarEntry>)) -> String {
    let place = Place::new();
    let mut entries = members(&place, "{}good.tar").await;
    change(&mut entries);
    place.file("x.tar", tar_bytes(&entries));
    let hex = |message: String| {
        let image = image();
        let mut message = message.replace(&image.digest().hex(), "MANIFEST");
        message = message.replace(&image.manifest().config.digest.hex(), "CONFIG");
        message.replace(&image.layers()[0].descriptor().digest.hex(), "LAYER")
    };
    match place.read("oci-archive:{}x.tar").await {
        Ok(image) => validate(&image).iter().map(|flaw| hex(flaw.to_string())).collect::<Vec<_>>().join("\n"),
        Err(error) => hex(place.message::<()>(Err(error))),
    }
}

fn at<'a>(entries: &'a mut [TarEntry], hex: &str) -> &'a mut TarEntry {
    entries.iter_mut().find(|entry| entry.path.ends_with(hex)).unwrap()
}

#[tokio::test]
async fn a_lie_in_an_archive_is_named() {
    let (manifest, config) = (image().digest().hex(), image().manifest().config.digest.hex());
    let layer = image().layers()[0].descriptor().clone();
    let zeros = |size: u64| TarKind::File(vec![0; size as usize]);
    let size = layer.size;
    let longer = move |entries: &mut Vec<TarEntry>| at(entries, &layer.digest.hex()).kind = zeros(size + 1);
    let layer = image().layers()[0].descriptor().digest.hex();
    let wrong = {
        let layer = layer.clone();
        move |entries: &mut Vec<TarEntry>| at(entries, &layer).kind = TarKind::File(vec![0; size as usize])
    };
    let lost = {
        let layer = layer.clone();
        move |entries: &mut Vec<TarEntry>| entries.retain(|e| !e.path.ends_with(&layer))
    };
    let size_lie = {
        let layer = layer.clone();
        move |entries: &mut Vec<TarEntry>| at(entries, &layer).declared_size = Some(1 << 40)
    };
    let html = |entries: &mut Vec<TarEntry>| at(entries, "index.json").kind = TarKind::File(b"<html>".into());
    let escape = |entries: &mut Vec<TarEntry>| entries.push(TarEntry::file("../../etc/passwd", "x"));
    let link = {
        let layer = layer.clone();
        move |entries: &mut Vec<TarEntry>| at(entries, &layer).kind = TarKind::Symlink("/etc/passwd".into())
    };
    let swapped = move |entries: &mut Vec<TarEntry>| {
        let other = at(entries, &config).kind.clone();
        at(entries, &manifest).kind = other;
    };
    let shown = [
        tampered(longer).await,
        tampered(wrong).await,
        tampered(lost).await,
        tampered(size_lie).await,
        tampered(html).await,
        tampered(escape).await,
        tampered(link).await,
        tampered(swapped).await,
    ];
    insta::assert_snapshot!(shown.join("\n"), @"
    x.tar: 'blobs/sha256/LAYER' has 142 bytes, its descriptor says 141
    layer 0 (sha256:LAYER): blob sha256:LAYER has the digest sha256:dc2021c180e2d8367d094b4c07d11bd556d64b33d1fe8bf58e208e8da8f5dd55 instead
    x.tar: 'blobs/sha256/LAYER' is missing
    x.tar: the archive ends within the member 'blobs/sha256/LAYER'
    x.tar: the image manifest cannot be read: expected value at line 1 column 1
    x.tar: the member '../../etc/passwd' leaves the archive
    x.tar: the link 'blobs/sha256/LAYER' leaves the archive
    x.tar: 'blobs/sha256/MANIFEST' has 312 bytes, its descriptor says 555
    ");
}

#[tokio::test]
async fn a_layouts_links_stay_in_the_layout() {
    let place = Place::new();
    place.write(image(), "oci:{}l", &[]).await.unwrap();
    let blob = place.path("l/blobs/sha256").join(image().layers()[0].descriptor().digest.hex());
    let inside = place.path("l/layer");
    std::fs::rename(&blob, &inside).unwrap();
    symlink("../../layer", &blob).unwrap();
    assert_eq!(place.read("oci:{}l").await.unwrap().digest(), image().digest());
    let outside = place.path("outside");
    std::fs::rename(&inside, &outside).unwrap();
    std::fs::remove_file(&blob).unwrap();
    symlink(&outside, &blob).unwrap();
    let message = place.read_error("oci:{}l").await;
    assert!(message.ends_with("is a link that leaves the folder"), "{message}");
}

#[tokio::test]
async fn what_is_no_archive_is_named() {
    let place = Place::new();
    let files: [(&str, &[u8]); 5] = [
        ("empty.tar", b""),
        ("page.tar", b"<!DOCTYPE html><html>404"),
        ("zip.tar", b"PK\x03\x04abc"),
        ("noise.tar", &[7; 2000]),
        ("half.tar.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    ];
    let mut shown = Vec::new();
    for (name, bytes) in files {
        place.file(name, bytes);
        shown.push(place.read_error(&format!("{{}}{name}")).await);
    }
    shown.push(place.read_error("{}missing.tar").await);
    shown.push(place.read_error("oci:{}missing").await);
    place.write(image(), "{}x.tar", &[]).await.unwrap();
    let tar = std::fs::read(place.path("x.tar")).unwrap();
    place.file("cut.tar", &tar[..tar.len() / 4]);
    shown.push(place.read_error("oci-archive:{}cut.tar").await);
    insta::assert_snapshot!(shown.join("\n"), @"
    empty.tar is an empty file; an image or a root file system is a tar, plain or compressed with gzip or zstd, or a folder
    page.tar is an HTML page, perhaps an error message of a download; an image or a root file system is a tar, plain or compressed with gzip or zstd, or a folder
    zip.tar is a zip archive; an image or a root file system is a tar, plain or compressed with gzip or zstd, or a folder
    noise.tar: this is no tar, or a damaged one: numeric field was not a number:  when getting cksum for 
    half.tar.gz: unexpected end of file
    cannot read missing.tar: No such file or directory (os error 2)
    cannot read missing: No such file or directory (os error 2)
    cut.tar: this is no tar, or a damaged one: failed to read entire block
    ");
}

#[tokio::test]
async fn docker_archives_with_links_and_lies() {
    let place = Place::new();
    let mut entries = members(&place, "docker-archive:{}d.tar").await;
    // `docker save` of old links equal layers to each other.
    let layer = entries.iter().position(|entry| entry.path.ends_with(".tar.gz")).unwrap();
    let name = entries[layer].path.clone();
    entries[layer].path = "abc/layer.tar".into();
    entries.push(TarEntry::symlink(name.clone(), "./abc/layer.tar"));
    place.file("linked.tar", tar_bytes(&entries));
    let back = place.read("docker-archive:{}linked.tar").await.unwrap();
    assert_eq!(back.manifest().layers, image().manifest().layers);
    // A layer that is not the configuration's.
    entries[layer].kind = TarKind::File(zstd::encode_all(&b"other"[..], 1).unwrap());
    place.file("lie.tar", tar_bytes(&entries));
    let message = place.read_error("docker-archive:{}lie.tar").await;
    assert!(message.contains("of the configuration"), "{message}");
}
