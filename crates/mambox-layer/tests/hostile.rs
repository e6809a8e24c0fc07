//! Packages that nobody should believe are refused, each with a message that names the file and the fault.

mod common;

use mambox_testkit::{ArchiveFormat, HostileArchive, PackageBuilder, TarKind, binary_blob};

use proptest::prelude::*;

use common::{build, options, options_at, refusal};

#[test]
fn every_hostile_archive_is_refused_by_name() {
    for hostile in HostileArchive::all() {
        // Entry points of a package that is no noarch python package are never made.
        if hostile.name == "entry-point-parent-path" {
            continue;
        }
        let refusal = refusal(&hostile.package);
        let message = refusal.unwrap_or_else(|| panic!("{} is taken for honest", hostile.name));
        assert!(message.contains(&hostile.package.file_name), "{}: {message}", hostile.name);
        assert!(!message.contains('\0') && message.len() < 500, "{}: {message}", hostile.name);
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let messages: Vec<String> = [
        "parent-path",
        "absolute-path",
        "through-absolute-link",
        "character-device",
        "one-path-twice",
        "truncated-middle",
        "html-file",
        "tar-declares-a-terabyte",
        "paths-json-no-json",
        "index-json-of-another-package",
        "zstd-bomb",
        "wrong-sha256",
        "wrong-size",
        "listed-but-absent",
        "zip-without-payload",
        "zip-of-unknown-version",
    ]
    .iter()
    .map(|name| format!("{name}: {}", refusal(&HostileArchive::named(name).package).unwrap()))
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    parent-path: package hostile-1-0.conda: holds the path '../escaped', which leads out of the prefix; this package is not to be trusted
    absolute-path: package hostile-1-0.conda: holds the path '/tmp/mambox-testkit-escaped', which is absolute; this package is not to be trusted
    through-absolute-link: package hostile-1-0.conda: holds the path 'lib/escaped', which leads through a file or link of this package; this package is not to be trusted
    character-device: package hostile-1-0.conda: holds 'dev/special', a device, which no conda package may hold
    one-path-twice: package hostile-1-0.conda: holds the path 'share/twice', which is in the archive twice; this package is not to be trusted
    truncated-middle: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    html-file: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    tar-declares-a-terabyte: package hostile-1-0.conda: is refused: its decompressed size exceeds the 268443657 bytes that its metadata allows for
    paths-json-no-json: package hostile-1-0.conda: has an invalid info/paths.json: expected value at line 1 column 1
    index-json-of-another-package: package hostile-1-0.conda: says of 'info/index.json' that it is the package 'other', but the lock means the package 'hostile'
    zstd-bomb: package hostile-1-0.conda: says of 'share/bomb' that it has 1 bytes, but it has 67108864
    wrong-sha256: package hostile-1-0.conda: says of 'share/harmless' that its sha256 is 0000000000000000000000000000000000000000000000000000000000000000, but it is 439cd8f06a0f19cd6611715e1d444948149a97ff166dfc80c780097eb4b76eb3
    wrong-size: package hostile-1-0.conda: says of 'share/harmless' that it has 10000 bytes, but it has 9
    listed-but-absent: package hostile-1-0.conda: lists 'share/absent' in info/paths.json but does not hold it
    zip-without-payload: package hostile-1-0.conda: has no pkg-*.tar.zst inside
    zip-of-unknown-version: package hostile-1-0.conda: has an invalid metadata.json: version 9 of the format is unknown; this program reads version 2
    ");
}

#[test]
fn entry_points_stay_in_bin() {
    let link = r#"{"noarch": {"type": "python", "entry_points": ["../../x = os:abort"]}, "package_metadata_version": 1}"#;
    let package = PackageBuilder::new("tool", "1.0").noarch_python().info_file("link.json", link).build();
    let python = PackageBuilder::python_interpreter("3.13.5", "").build();
    let error = build(&[package, python], &options()).err().unwrap();
    insta::assert_snapshot!(error, @r#"package tool-1.0-0.conda: has an invalid info/link.json: entry point command must not contain path separators or NUL: "../../x" at line 1 column 69"#);
}

#[test]
fn a_package_cannot_delete_files_of_the_base() {
    let package = PackageBuilder::new("tool", "1.0").file("bin/.wh.sh", "").build();
    insta::assert_snapshot!(refusal(&package).unwrap(), @"package tool-1.0-0.conda: holds the path 'bin/.wh.sh', which would delete another file, since image layers mean that by .wh.; this package is not to be trusted");
}

#[test]
fn a_package_cannot_pass_itself_off_as_another() {
    let package = PackageBuilder::new("tool", "1.0").file("conda-meta/openssl-3.0-0.json", "{}").build();
    insta::assert_snapshot!(refusal(&package).unwrap(), @"package tool-1.0-0.conda: holds the path 'conda-meta/openssl-3.0-0.json', which is a record that only installers write; this package is not to be trusted");
}

#[test]
fn a_noarch_python_package_needs_python() {
    let package = PackageBuilder::new("tool", "1.0").noarch_python().site_package("tool.py", "").build();
    insta::assert_snapshot!(refusal(&package).unwrap(), @"package tool-1.0-0.conda is a noarch python package, but the environment has no python; add python to the environment");
}

#[test]
fn a_prefix_longer_than_the_placeholder_does_not_fit() {
    let package = PackageBuilder::new("tool", "1.0")
        .info_file(
            "paths.json",
            r#"{"paths_version": 1, "paths": [{"_path": "bin/tool", "path_type": "hardlink",
                "file_mode": "binary", "prefix_placeholder": "/build/prefix"}]}"#,
        )
        .file("bin/tool", "/build/prefix/lib\0")
        .build();
    let error = build(std::slice::from_ref(&package), &options_at("/opt/a/longer/prefix")).err().unwrap();
    insta::assert_snapshot!(error, @"package tool-1.0-0.conda: cannot be installed at this prefix: 'bin/tool' has room for 13 bytes of prefix, but '/opt/a/longer/prefix' is longer; choose a shorter --prefix");
}

fn honest(format: ArchiveFormat) -> PackageBuilder {
    PackageBuilder::new("tool", "1.0")
        .format(format)
        .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
        .binary_with_prefix("lib/tool.so", binary_blob(&["{prefix}/share"]))
        .symlink("lib/link", "tool.so")
        .executable("bin/a", "a")
        .hard_link("bin/b", "bin/a")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_archive_and_no_metadata_makes_a_build_panic(
        bzip2 in any::<bool>(),
        archive in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        metadata in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let builder = honest(if bzip2 { ArchiveFormat::TarBz2 } else { ArchiveFormat::Conda });
        let change = |bytes: &mut Vec<u8>, changes: &[(prop::sample::Index, u8)]| {
            changes.iter().for_each(|(index, value)| {
                let at = index.index(bytes.len());
                bytes[at] = *value;
            });
        };
        let mut package = builder.build_with(|info, _| {
            let paths = info.iter_mut().find(|entry| entry.path == "info/paths.json").unwrap();
            let TarKind::File(content) = &mut paths.kind else { unreachable!("paths.json is a file") };
            change(content, &metadata);
        });
        change(&mut package.bytes, &archive);
        // Refused or built: what is built stays below the prefix.
        if let Ok(built) = build(&[package], &options()) {
            for path in mambox_testkit::extract_map(&built.blobs[0]).keys() {
                prop_assert!(path == "opt" || path == "opt/conda" || path.starts_with("opt/conda/"), "{path}");
                prop_assert!(!path.split('/').any(|part| part == ".." || part.starts_with(".wh.")), "{path}");
            }
        }
    }
}
