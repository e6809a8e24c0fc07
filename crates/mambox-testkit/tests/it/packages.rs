//! Built packages hold what the builder was told, and parse with rattler's types.

use std::io::Read;

use insta::assert_snapshot;
use mambox_testkit::{
    ArchiveFormat, BuiltPackage, PLACEHOLDER, PackageBuilder, binary_blob, extract_map, listing,
};
use rattler_conda_types::NoArchType;
use rattler_conda_types::package::{
    FileMode, Files, HasPrefix, IndexJson, LinkJson, NoArchLinks, NoLink, PackageFile, PathType, PathsJson,
};

fn member(package: &BuiltPackage, part: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&package.bytes)).expect("a zip");
    let stem = package.file_name.trim_end_matches(".conda");
    let mut bytes = Vec::new();
    zip.by_name(&format!("{part}-{stem}.tar.zst"))
        .expect("the part")
        .read_to_end(&mut bytes)
        .expect("readable");
    zstd::decode_all(bytes.as_slice()).expect("zstd")
}

fn info<T: PackageFile>(package: &BuiltPackage) -> T {
    let files = extract_map(&member(package, "info"));
    T::from_slice(files[T::package_path().to_str().expect("UTF-8")].content()).expect("the info file parses")
}

fn everything() -> PackageBuilder {
    PackageBuilder::new("edge", "1.2")
        .build_string("h1_3")
        .build_number(3)
        .depends("libgcc >=12")
        .constrains("other <2")
        .executable("bin/tool", "#!/bin/sh\n")
        .text_with_prefix("bin/script", "#!{prefix}/bin/python\n")
        .mode(0o755)
        .binary_with_prefix("lib/libedge.so.1", binary_blob(&["{prefix}/lib:{prefix}/share", "plain"]))
        .symlink("lib/libedge.so", "libedge.so.1")
        .symlink("lib/absolute", "/usr/lib/nothing")
        .symlink("lib/dangling", "nowhere")
        .hard_link("bin/tool2", "bin/tool")
        .empty_dir("share/empty")
        .read_only("share/read-only", "")
        .file("share/grüße an alle.txt", "hallo")
        .mtime(1_600_000_000)
        .file("share/Case", "A")
        .file("share/case", "B")
        .file(&format!("share/{}/leaf", "deep/".repeat(30).trim_end_matches('/')), "x")
        .env_vars(&[("EDGE_HOME", "/edge")])
}

#[test]
fn payload_lists_as_told() {
    let package = everything().build();
    assert_snapshot!(listing(&member(&package, "pkg")), @r"
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 10 bin/tool
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 269 bin/script
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 554 lib/libedge.so.1
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib/libedge.so -> libedge.so.1
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib/absolute -> /usr/lib/nothing
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib/dangling -> nowhere
    hrwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 bin/tool2 => bin/tool
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 share/empty/
    -r--r--r-- 0:0 2023-11-14T22:13:20Z 0 share/read-only
    -rw-r--r-- 0:0 2020-09-13T12:26:40Z 5 share/grüße an alle.txt
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 share/Case
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 share/case
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 share/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/deep/leaf
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 21 etc/conda/env_vars.d/edge.json
    ");
}

#[test]
fn conda_archive_has_its_three_members_in_order() {
    let names = |format| {
        let package = everything().format(format).build();
        let zip = zip::ZipArchive::new(std::io::Cursor::new(&package.bytes)).expect("a zip");
        (0..zip.len())
            .map(|at| zip.name_for_index(at).expect("a member").expect("a name").into_owned())
            .collect::<Vec<_>>()
    };
    let (metadata, pkg, info) = ("metadata.json", "pkg-edge-1.2-h1_3.tar.zst", "info-edge-1.2-h1_3.tar.zst");
    assert_eq!(names(ArchiveFormat::Conda), [metadata, pkg, info]);
    assert_eq!(names(ArchiveFormat::CondaInfoFirst), [metadata, info, pkg]);
}

#[test]
fn tar_bz2_has_info_first_or_last() {
    let order = |format| {
        let package = PackageBuilder::new("old", "1").file("a", "a").format(format).build();
        assert_eq!(package.file_name, "old-1-0.tar.bz2");
        let mut tar = Vec::new();
        bzip2::read::BzDecoder::new(package.bytes.as_slice()).read_to_end(&mut tar).expect("bzip2");
        listing(&tar)
            .lines()
            .map(|line| line.rsplit(' ').next().expect("a path").to_owned())
            .collect::<Vec<_>>()
    };
    let info = ["about.json", "files", "hash_input.json", "index.json", "paths.json"]
        .map(|name| format!("info/{name}"));
    assert_eq!(order(ArchiveFormat::TarBz2), [&info[..], &["a".to_owned()]].concat());
    assert_eq!(order(ArchiveFormat::TarBz2InfoLast), [&["a".to_owned()], &info[..]].concat());
}

#[test]
fn index_and_record_agree() {
    let package = everything().build();
    let index: IndexJson = info(&package);
    assert_eq!(index.name, package.record.name);
    assert_eq!(index.depends, ["libgcc >=12"]);
    assert_eq!(package.record.constrains, ["other <2"]);
    assert_eq!(package.record.build_number, 3);
    assert_eq!(package.record.size, Some(package.bytes.len() as u64));
    assert_eq!(package.record.sha256, Some(package.sha256));
    assert_eq!(package.record.arch.as_deref(), Some("x86_64"));
}

#[test]
fn paths_json_describes_the_payload() {
    let paths: PathsJson = info(&everything().build());
    let entry =
        |path: &str| paths.paths.iter().find(|entry| entry.relative_path.to_str() == Some(path)).expect(path);
    assert_eq!(entry("share/empty").path_type, PathType::Directory);
    assert_eq!(entry("lib/libedge.so").path_type, PathType::SoftLink);
    assert_eq!(entry("lib/libedge.so").sha256, entry("lib/libedge.so.1").sha256);
    assert_eq!(entry("bin/tool2").sha256, entry("bin/tool").sha256);
    let placeholder = entry("lib/libedge.so.1").prefix_placeholder.as_ref().expect("a placeholder");
    assert_eq!(placeholder.file_mode, FileMode::Binary);
    assert_eq!(placeholder.placeholder, PLACEHOLDER);
    assert_eq!(
        entry("bin/script").prefix_placeholder.as_ref().map(|placeholder| placeholder.file_mode),
        Some(FileMode::Text)
    );
    let listed: Files = info(&everything().build());
    assert_eq!(listed.files.len(), paths.paths.len());
}

#[test]
fn lies_are_told() {
    let package = everything()
        .lie_sha256("bin/tool", &"0".repeat(64))
        .lie_size("share/case", 99)
        .unlisted("share/Case")
        .absent("share/read-only")
        .build();
    let paths: PathsJson = info(&package);
    let entry = |path: &str| paths.paths.iter().find(|entry| entry.relative_path.to_str() == Some(path));
    assert_eq!(entry("bin/tool").and_then(|entry| entry.sha256).map(hex::encode), Some("0".repeat(64)));
    assert_eq!(entry("share/case").and_then(|entry| entry.size_in_bytes), Some(99));
    assert!(entry("share/Case").is_none());
    let payload = extract_map(&member(&package, "pkg"));
    assert!(payload.contains_key("share/Case"));
    assert!(entry("share/read-only").is_some() && !payload.contains_key("share/read-only"));
}

#[test]
fn legacy_metadata_replaces_paths_json() {
    let package = everything().file("etc/config", "x").no_link().legacy_metadata().build();
    let files = extract_map(&member(&package, "info"));
    assert!(!files.contains_key("info/paths.json"));
    let prefixes: HasPrefix = info(&package);
    let prefixes: Vec<_> = prefixes.files.iter().map(|entry| entry.relative_path.to_str()).collect();
    assert_eq!(prefixes, [Some("bin/script"), Some("lib/libedge.so.1")]);
    let no_link: NoLink = info(&package);
    assert_eq!(no_link.files, [std::path::Path::new("etc/config")]);
}

#[test]
fn noarch_python_has_entry_points() {
    let package = PackageBuilder::new("flask", "3.1")
        .noarch_python()
        .entry_point("flask", "flask.cli", "main")
        .site_package("flask/__init__.py", "")
        .dist_info()
        .build();
    assert_eq!(package.record.subdir, "noarch");
    assert_eq!(package.record.noarch, NoArchType::python());
    let link: LinkJson = info(&package);
    let NoArchLinks::Python(python) = link.noarch else { panic!("not python") };
    assert_eq!(python.entry_points[0].to_string(), "flask = flask.cli:main");
    let payload = extract_map(&member(&package, "pkg"));
    assert_eq!(
        payload["site-packages/flask-3.1.dist-info/entry_points.txt"].text(),
        "[console_scripts]\nflask = flask.cli:main\n"
    );
}

#[test]
fn bytes_are_the_same_every_time() {
    for format in [ArchiveFormat::Conda, ArchiveFormat::TarBz2] {
        let package = everything().format(format);
        assert_eq!(package.build().bytes, package.build().bytes);
    }
    // Also across runs and machines.
    let sha256 = hex::encode(PackageBuilder::new("a", "1").file("a", "a").build().sha256);
    assert_snapshot!(sha256, @"31b37b357fb880a6eec829e6166330c5e29f771a70c6c8599fcf4f27743cfe33");
}
