//! Images that cannot become SIF files, and disks that cannot take them.

use std::process::Command;

use mambox_oci::{Compression, Descriptor, History, Image, Layer, MemoryBlob, Platform};
use mambox_testkit::{TarEntry, TarKind, tar_bytes};

use crate::common::{Place, image, layer};

fn of(layers: &[Layer]) -> Image {
    Image::scratch(&Platform::linux("amd64")).with_layers(layers).unwrap()
}

/// The message of a failure; nothing must be left in the folder.
async fn refused(image: Image) -> String {
    let place = Place::new();
    let digests: Vec<String> = image.layers().iter().map(|l| l.descriptor().digest.to_string()).collect();
    let result = place.write(image.clone(), "{}out/x.sif", &[]).await;
    let mut message = place.message(result).replace(&image.digest().to_string(), "IMAGE");
    for digest in digests {
        message = message.replace(&digest, "LAYER");
    }
    let left = std::fs::read_dir(place.path("out")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "something was left behind");
    message
}

#[tokio::test]
async fn what_no_file_system_should_hold_is_refused() {
    let mut messages = Vec::new();
    for entry in [
        TarEntry::file("../x", "escape"),
        TarEntry::file("a/../../x", "escape"),
        TarEntry::special("opt/device", TarKind::BlockDevice(8, 0)),
        TarEntry::hard_link("x", "../../etc/shadow"),
        TarEntry::hard_link("x", "nowhere"),
        TarEntry::file(format!("d/{}", "n".repeat(300)), "x"),
        TarEntry::file(".singularity.d", "in the way"),
        TarEntry::dir("etc/hosts/"),
    ] {
        messages.push(refused(of(&[layer(Compression::GZIP, &[entry])])).await);
    }
    insta::assert_snapshot!(messages.join("\n").replace(&"n".repeat(300), "n{300}"), @"
    layer LAYER: the member '../x' leaves the archive
    layer LAYER: the member 'a/../../x' leaves the archive
    layer LAYER: 'opt/device' is a device node, which needs root to make; leave it out of the image
    layer LAYER: the member '../../etc/shadow' leaves the archive
    layer LAYER: 'x' is a hard link to what is not there
    out/x.sif: 'd/n{300}': the name is longer than any file system's
    the image IMAGE: '.singularity.d' of the image is in the way of a file or folder that Apptainer needs
    the image IMAGE: 'etc/hosts' of the image is in the way of a file or folder that Apptainer needs
    ");
}

/// A link cannot lead our own files, or anybody's, out of the image.
#[tokio::test]
async fn links_stay_in_the_image() {
    let place = Place::new();
    let entries = [
        TarEntry::symlink("etc", "/../../../usr/etc"),
        TarEntry::symlink(".singularity.d", "/elsewhere"),
        TarEntry::symlink("tmp", "var/tmp"),
    ];
    place.write(of(&[layer(Compression::GZIP, &entries)]), "{}x.sif", &[]).await.unwrap();
    let sif = std::fs::read(place.path("x.sif")).unwrap();
    let from = sif.windows(4).position(|bytes| bytes == b"hsqs").unwrap();
    let squashfs = place.file("x.squashfs", &sif[from..]);
    let Ok(output) = Command::new("unsquashfs").arg("-l").arg(squashfs).output() else {
        return mambox_testkit::skip("SIF files", "unsquashfs is not installed");
    };
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(list.contains("squashfs-root/usr/etc/hosts"), "{list}");
    assert!(list.contains("squashfs-root/elsewhere/runscript"), "{list}");
}

#[tokio::test]
async fn a_damaged_layer_is_named() {
    let good = layer(Compression::GZIP, &[TarEntry::file("x", vec![7; 100_000])]);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut good.open().unwrap(), &mut bytes).unwrap();
    let mut messages = Vec::new();
    let middle = bytes.len() / 2;
    for damaged in [bytes[..middle].to_vec(), {
        let mut flipped = bytes.clone();
        flipped[middle] ^= 1;
        flipped
    }] {
        let blob = MemoryBlob(damaged.into());
        let bad = Layer::new(good.descriptor().clone(), good.diff_id(), History::default(), blob);
        messages.push(refused(of(&[bad])).await);
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    layer LAYER: blob LAYER ends 96 bytes too early
    layer LAYER: blob LAYER has the digest sha256:2644fcd84235dc91010b864801aa50ad2c3009b4b1f1af856c584a6bc9f81c74 instead
    ");
}

/// The digest covers the whole blob, also what no tar reader would look at.
#[tokio::test]
async fn damage_behind_the_last_entry_is_found() {
    let mut tar = tar_bytes(&[TarEntry::file("x", "x")]);
    let size = tar.len() as u64;
    let digest = mambox_oci::Digest::of(&tar);
    *tar.last_mut().unwrap() = 1;
    let descriptor = Descriptor::new(mambox_oci::MediaType::OciLayer, digest, size);
    let bad = Layer::new(descriptor, mambox_oci::DiffId(digest), History::default(), MemoryBlob(tar.into()));
    let message = refused(of(&[bad])).await;
    assert!(message.starts_with("layer LAYER: "), "{message}");
}

#[tokio::test]
async fn an_architecture_that_sif_does_not_know_is_named() {
    let image = Image::scratch(&Platform::linux("loong64"));
    insta::assert_snapshot!(refused(image).await, @"out/x.sif: SIF files have no number for linux/loong64");
}

/// On a file system of 256 KiB; needs root to make one.
#[tokio::test]
async fn a_full_disk_leaves_nothing_behind() {
    let place = Place::new();
    let small = place.path("small");
    std::fs::create_dir(&small).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(&small).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        return mambox_testkit::skip("a full disk", "a small file system cannot be mounted");
    }
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let noise: Vec<u8> =
        std::iter::successors(Some(1), next).map(|state| (state >> 24) as u8).take(2_000_000).collect();
    let image = image().with_layers(&[layer(Compression::GZIP, &[TarEntry::file("noise", noise)])]).unwrap();
    let message = place.message(place.write(image, "{}small/x.sif", &[]).await);
    let left = std::fs::read_dir(&small).unwrap().count();
    let unmounted = Command::new("umount").arg(&small).status().unwrap();
    assert!(message.starts_with("no space left to write small/x.sif: about "), "{message}");
    assert_eq!(left, 0, "something was left behind");
    assert!(unmounted.success());
}
