//! SIF files: what is in them, read back with `unsquashfs` where it is installed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use mambox_oci::{Compression, ConfigChange, Digest, Image};
use mambox_testkit::{Entry, EntryKind, TarEntry, TarKind};
use mambox_transport::SifSettings;

use crate::common::{Place, image, index, layer};

/// The data objects of a SIF file: type and name, and bytes.
fn objects(sif: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize| u64::from_le_bytes(sif[at..at + 8].try_into().unwrap()) as usize;
    let descriptors = (0..48).map(|n| 4096 + 585 * n).filter(|at| sif[at + 4] == 1);
    let object = |at: usize| {
        let kind = u16::from_le_bytes([sif[at], sif[at + 1]]);
        let name: String = sif[at + 73..at + 201].iter().map(|b| char::from(*b)).collect();
        let (offset, size) = (number(at + 17), number(at + 25));
        (format!("{kind:x} {}", name.trim_end_matches('\0')), sif[offset..offset + size].to_vec())
    };
    descriptors.map(object).collect()
}

/// The tree in a file's partition as `unsquashfs` unpacks it; `None`, with a line, where that is not installed.
fn unpacked(place: &Place, sif: &str) -> Option<(PathBuf, BTreeMap<String, Entry>)> {
    let (_, partition) = objects(&std::fs::read(place.path(sif)).unwrap()).pop().unwrap();
    let squashfs = place.file(&format!("{sif}.squashfs"), partition);
    let folder = place.path(&format!("{sif}.tree"));
    let _ = std::fs::remove_dir_all(&folder);
    let unsquashfs = Command::new("unsquashfs").arg("-d").arg(&folder).arg(squashfs).output();
    let Ok(output) = unsquashfs else {
        mambox_testkit::skip("SIF files", "unsquashfs is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
    let tree = mambox_testkit::read_tree(&folder);
    Some((folder, tree))
}

/// An image of everything that a layer may hold.
fn full_image() -> Image {
    let noise = |seed: u32, size: usize| -> Vec<u8> {
        let mut state = seed;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(size)
        .collect()
    };
    let mut holes = vec![0; 1 << 20];
    holes[500_000] = 1;
    let lower = [
        TarEntry::dir("data/").mode(0o700).owner(7, 8),
        TarEntry::file("data/noise", noise(1, 300_000)),
        TarEntry::file("data/holes", holes),
        TarEntry::file("data/zeros", vec![0; 262_144]),
        TarEntry::file("data/exact", noise(2, 131_072)),
        TarEntry::file("data/empty", ""),
        TarEntry::file("data/gone", "x"),
        TarEntry::hard_link("data/twice", "data/noise"),
        TarEntry::file("bin/tool", "#!/bin/sh\n").mode(0o4755).mtime(86_400),
        TarEntry::symlink("bin/link", "tool"),
        TarEntry::special("data/pipe", TarKind::Fifo),
        TarEntry::special("dev/null", TarKind::CharDevice(1, 3)),
        TarEntry::file("ünïcode ", "é"),
        TarEntry::file(format!("long/{}/x", vec!["deep"; 200].join("/")), "deep"),
    ];
    // A listing of more than 64 KiB.
    let many: Vec<TarEntry> = (0..1600)
        .map(|n| TarEntry::file(format!("many/{n:04}-{}", "n".repeat(30)), format!("file {n}")))
        .collect();
    let upper = [TarEntry::file("data/.wh.gone", ""), TarEntry::file("data/empty", "no more")];
    let change = ConfigChange {
        env: vec![("PATH".into(), "/bin".into()), ("NAME".into(), "it's $5".into())],
        entrypoint: Some(vec!["/bin/tool".into()]),
        cmd: Some(vec!["a b".into(), "'".into()]),
        created: Some("2024-01-02T03:04:05Z".into()),
        labels: BTreeMap::from([("who".into(), "me".into())]),
        ..ConfigChange::default()
    };
    image()
        .with_layers(&[
            layer(Compression::ZSTD, &lower),
            layer(Compression::GZIP, &many),
            layer(Compression::None, &upper),
        ])
        .unwrap()
        .with_config(&change)
}

#[tokio::test]
async fn every_kind_of_file_comes_through() {
    let mut place = Place::new();
    place.write(full_image(), "rootfs:{}rootfs", &[]).await.unwrap();
    for compression in [Compression::ZSTD, Compression::GZIP, Compression::Zstd(15), Compression::None] {
        place.transport.sif = SifSettings { compression, threads: 3 };
        place.write(full_image(), "{}x.sif", &[]).await.unwrap();
        let Some((folder, tree)) = unpacked(&place, "x.sif") else { return };
        let mut expected = mambox_testkit::read_tree(place.path("rootfs"));
        // What Apptainer adds is looked at below; owners are root's in a SIF file.
        let added: Vec<&String> = tree.keys().filter(|path| !expected.contains_key(*path)).collect();
        assert!(added.iter().all(|path| {
            let root = path.split('/').next().unwrap();
            [".singularity.d", "proc", "root", "var", "tmp", "sys", "home", "singularity", "environment"]
                .contains(&root)
                || ["dev", ".run", ".exec", ".test", ".shell", "etc/hosts", "etc/resolv.conf"]
                    .contains(&path.as_str())
        }));
        expected.values_mut().for_each(|entry| (entry.uid, entry.gid) = (0, 0));
        for (path, entry) in &expected {
            let mut found = tree.get(path).unwrap_or_else(|| panic!("{path} is missing")).clone();
            (found.uid, found.gid) = (0, 0);
            assert_eq!((path, &found), (path, entry), "{compression}");
        }
        let meta = |path: &str| std::fs::metadata(folder.join(path)).unwrap();
        assert_eq!(meta("data/noise").ino(), meta("data/twice").ino());
        assert_eq!(tree["bin/tool"].mode, 0o4755);
        assert!(!tree.contains_key("data/gone"));
    }
}

#[tokio::test]
async fn the_folder_that_apptainer_wants_is_there() {
    let place = Place::new();
    place.write(full_image(), "{}x.sif", &[]).await.unwrap();
    let Some((_, tree)) = unpacked(&place, "x.sif") else { return };
    let lines = tree.iter().filter(|(path, _)| path.starts_with('.')).map(|(path, entry)| {
        let kind = match &entry.kind {
            EntryKind::Directory => "/".into(),
            EntryKind::Symlink(target) => format!(" -> {target}"),
            _ => String::new(),
        };
        format!("{:o} {path}{kind}", entry.mode)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    777 .exec -> .singularity.d/actions/exec
    777 .run -> .singularity.d/actions/run
    777 .shell -> .singularity.d/actions/shell
    755 .singularity.d/
    644 .singularity.d/Singularity
    755 .singularity.d/actions/
    755 .singularity.d/actions/exec
    755 .singularity.d/actions/run
    755 .singularity.d/actions/shell
    755 .singularity.d/actions/start
    755 .singularity.d/actions/test
    755 .singularity.d/env/
    755 .singularity.d/env/01-base.sh
    755 .singularity.d/env/10-docker2singularity.sh
    755 .singularity.d/env/90-environment.sh
    755 .singularity.d/env/94-appsbase.sh
    755 .singularity.d/env/95-apps.sh
    755 .singularity.d/env/99-base.sh
    755 .singularity.d/env/99-runtimevars.sh
    644 .singularity.d/labels.json
    755 .singularity.d/libs/
    755 .singularity.d/runscript
    755 .singularity.d/startscript
    777 .test -> .singularity.d/actions/test
    ");
    let text = |name: &str| tree[&format!(".singularity.d/{name}")].text().to_owned();
    insta::assert_snapshot!(text("runscript"), @r#"
    #!/bin/sh
    # Runs the image's command.

    if [ -z "${SINGULARITY_NO_EVAL:-}" ]; then
        arguments=
        for argument in "$@"; do
            arguments="$arguments \"$argument\""
        done
        eval "set -- $arguments"
        unset arguments argument
    fi

    # CMD
    [ $# -gt 0 ] || set -- 'a b' ''\'''

    # ENTRYPOINT
    set -- '/bin/tool' "$@"

    exec "$@"
    "#);
    insta::assert_snapshot!(text("env/10-docker2singularity.sh"), @r#"
    #!/bin/sh
    # The image's variables.
    export PATH='/bin'
    [ -n "${NAME:-}" ] || NAME='it'\''s $5'
    export NAME
    "#);
    let labels = text("labels.json").replace(&full_image().digest().to_string(), "DIGEST");
    insta::assert_snapshot!(labels, @r#"
    {
      "org.label-schema.build-arch": "amd64",
      "org.label-schema.schema-version": "1.0",
      "org.label-schema.usage.singularity.deffile.bootstrap": "oci",
      "org.label-schema.usage.singularity.deffile.from": "DIGEST",
      "who": "me"
    }
    "#);
    assert_eq!(tree[".singularity.d/runscript"].mtime, 1_704_164_645, "the image's time");
    assert_eq!(tree["etc/hosts"].content(), b"");
}

#[tokio::test]
async fn data_objects_are_those_of_apptainer() {
    let place = Place::new();
    place.write(image(), "sif:{}x", &[]).await.unwrap();
    let objects = objects(&std::fs::read(place.path("x")).unwrap());
    let names: Vec<&str> = objects.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["4001 ", "4006 inspect-metadata.json", "4006 oci-config.json", "4004 "]);
    let text =
        |n: usize| String::from_utf8_lossy(&objects[n].1).replace(&image().digest().to_string(), "DIGEST");
    insta::assert_snapshot!(text(0), @"
    bootstrap: oci
    from: DIGEST
    ");
    insta::assert_snapshot!(text(1), @r##"{"data":{"attributes":{"environment":{"/.singularity.d/env/10-docker2singularity.sh":"#!/bin/sh\n# The image's variables.\nexport PATH='/bin'","/.singularity.d/env/90-environment.sh":"#!/bin/sh\n# Variables of one's own come here."},"labels":{"org.label-schema.build-arch":"amd64","org.label-schema.schema-version":"1.0","org.label-schema.usage.singularity.deffile.bootstrap":"oci","org.label-schema.usage.singularity.deffile.from":"DIGEST"},"runscript":"#!/bin/sh\n# Runs the image's command.\n\nif [ -z \"${SINGULARITY_NO_EVAL:-}\" ]; then\n    arguments=\n    for argument in \"$@\"; do\n        arguments=\"$arguments \\\"$argument\\\"\"\n    done\n    eval \"set -- $arguments\"\n    unset arguments argument\nfi\n\nif [ $# -eq 0 ]; then\n    echo \"This image has no command to run; name one, or use 'apptainer shell'.\" >&2\n    exit 0\nfi\n\nexec \"$@\"","deffile":"bootstrap: oci\nfrom: DIGEST","startscript":"#!/bin/sh"}},"type":"container"}"##);
    insta::assert_snapshot!(text(2), @r#"{"Env":["PATH=/bin"]}"#);
    assert!(objects[3].1.starts_with(b"hsqs"));
}

#[tokio::test]
async fn neither_threads_nor_place_nor_time_show() {
    let (mut one, mut two) = (Place::new(), Place::new());
    one.transport.sif.threads = 1;
    two.transport.sif.threads = 7;
    two.transport.cache_dir = None;
    one.write(full_image(), "{}x.sif", &[]).await.unwrap();
    two.write(full_image(), "sif:{}y.sif", &[]).await.unwrap();
    let (x, y) = (std::fs::read(one.path("x.sif")).unwrap(), std::fs::read(two.path("y.sif")).unwrap());
    assert!(x == y);
}

/// A change of this digest is told in CHANGELOG.md: files of the same image are no longer the same.
#[tokio::test]
async fn the_golden_file() {
    let mut place = Place::new();
    let mut digests = Vec::new();
    for compression in [Compression::ZSTD, Compression::GZIP] {
        place.transport.sif.compression = compression;
        place.write(image(), "{}x.sif", &[]).await.unwrap();
        digests.push(Digest::of(&std::fs::read(place.path("x.sif")).unwrap()).to_string());
    }
    insta::assert_snapshot!(digests.join("\n"), @"
    sha256:77c3b9cbcfef89d67080c69e96cdcbb366f8e70030c69b0fa4aa51ab5561c2bb
    sha256:6e4f61184454867a80b3f8d69ef670f8fe7532f51fa61403cb654473a009bfb6
    ");
}

#[tokio::test]
async fn several_platforms_are_several_files() {
    let place = Place::new();
    place.write(index(), "{}x.sif", &[]).await.unwrap();
    assert!(!place.path("x.sif").exists());
    for (name, number) in [("x-amd64.sif", b"02"), ("x-arm64.sif", b"04")] {
        let sif = std::fs::read(place.path(name)).unwrap();
        assert_eq!(&sif[45..47], number, "{name}");
    }
}

#[tokio::test]
async fn an_image_without_files_has_apptainers_own() {
    let place = Place::new();
    let scratch = place.read("scratch").await.unwrap();
    place.write(scratch, "{}x.sif", &[]).await.unwrap();
    let Some((_, tree)) = unpacked(&place, "x.sif") else { return };
    assert!(tree.contains_key(".singularity.d/runscript"));
}
