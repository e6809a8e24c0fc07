//! The flattened layers equal what rattler's installer leaves in the prefix.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/oracle.rs"]
mod oracle;

use mambox_testkit::{ArchiveFormat, BuiltPackage, LocalChannel, PLACEHOLDER, PackageBuilder, binary_blob};

use proptest::prelude::*;

use common::{build_lock, lock_of, on_disk, options};

#[track_caller]
fn assert_same_as_rattler(packages: &[PackageBuilder]) {
    for format in [ArchiveFormat::Conda, ArchiveFormat::TarBz2] {
        let packages: Vec<BuiltPackage> =
            packages.iter().map(|package| package.clone().format(format).build()).collect();
        let channel = LocalChannel::with(&packages);
        let records: Vec<_> = packages.iter().map(|package| channel.record(package)).collect();
        let records = oracle::locked(&records);
        let built =
            build_lock(&lock_of(records.clone()), &options(), |package| on_disk(channel.path(), package))
                .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let theirs = oracle::install(folder.path(), records);
        let differences = oracle::differences(oracle::environment(&built), theirs);
        assert!(differences.is_empty(), "{format:?}: {}", differences.join("\n"));
    }
}

fn package(name: &str) -> PackageBuilder {
    PackageBuilder::new(name, "1.0")
}

fn python() -> PackageBuilder {
    PackageBuilder::python_interpreter("3.13.5", "\x7fELF interpreter")
}

#[test]
fn files_of_all_modes_and_kinds() {
    assert_same_as_rattler(&[package("files")
        .file("share/plain", "plain\n")
        .executable("bin/run", "#!/bin/sh\n")
        .read_only("share/read-only", "cannot be changed\n")
        .file("share/private", "for the owner\n")
        .mode(0o600)
        .file("share/setuid", "no privileges\n")
        .mode(0o4755)
        .file("share/empty", "")
        .file("share/größe mit leerzeichen.txt", "Unicode and spaces\n")
        .file("share/Case", "upper\n")
        .file("share/case", "lower\n")
        .file("share/no-link", "copied\n")
        .no_link()
        .file(&format!("share/{}/end", vec!["deep"; 60].join("/")), "a long path\n")
        .file(&format!("share/{}", "n".repeat(200)), "a long name\n")
        .file("share/large", vec![7; 3_000_000])]);
}

#[test]
fn links_of_all_kinds() {
    assert_same_as_rattler(&[package("links")
        .file("lib/libz.so.1.3", "a library\n")
        .symlink("lib/libz.so.1", "libz.so.1.3")
        .symlink("lib/libz.so", "libz.so.1")
        .symlink("lib/nowhere", "does/not/exist")
        .symlink("lib/outside", "../../../../etc/hosts")
        .symlink("lib/absolute", "/usr/lib/libc.so.6")
        .symlink("lib64", "lib")
        .symlink("lib/long", &format!("../{}/end", vec!["far"; 50].join("/")))
        .executable("bin/a", "one file of three names\n")
        .hard_link("bin/b", "bin/a")
        .hard_link("share/c", "bin/a")]);
}

#[test]
fn hard_links_to_files_with_a_prefix() {
    assert_same_as_rattler(&[package("linked")
        .text_with_prefix("bin/a", "#!{prefix}/bin/sh\n{prefix}\n")
        .hard_link("bin/b", "bin/a")
        .binary_with_prefix("lib/a.so", binary_blob(&["{prefix}/share"]))
        .hard_link("lib/b.so", "lib/a.so")]);
}

#[test]
fn prefixes_in_text() {
    let long = format!("#!{{prefix}}/bin/{} -a b\necho\n", "x".repeat(130));
    let long_python = format!("#!{{prefix}}/{}/python3.11 -E\npass\n", "y".repeat(120));
    assert_same_as_rattler(&[package("text")
        .text_with_prefix("bin/script", "#!{prefix}/bin/python3.13\nprefix = '{prefix}'\n")
        .mode(0o755)
        .text_with_prefix("bin/long", &long)
        .text_with_prefix("bin/long-python", &long_python)
        .text_with_prefix("bin/spaced", "#!  {prefix}/bin/perl -w\n")
        .text_with_prefix("bin/one-line", "#!{prefix}/bin/sh")
        .text_with_prefix("lib/pkgconfig/x.pc", "prefix={prefix}\nlibdir={prefix}/lib:{prefix}{prefix}\n")
        .text_with_prefix("share/none", "the placeholder is not in here\n")
        .text_with_prefix("share/empty", "")
        .text_with_prefix("share/large", &"# {prefix}/include\nand text between\n".repeat(100_000))]);
}

#[test]
fn prefixes_in_binaries() {
    let many: String = (0..300).map(|n| format!("{{prefix}}/lib/{n}:")).collect();
    let wide = |encode: fn(u16) -> [u8; 2]| {
        let text: Vec<u8> = format!("{PLACEHOLDER}/wide\0").encode_utf16().flat_map(encode).collect();
        [vec![0xff; 64], text, vec![0; 7], binary_blob(&["{prefix}/after"])].concat()
    };
    let wide32: Vec<u8> =
        format!("{PLACEHOLDER}/wide\0").chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let far = [vec![0xee; 262_100], PLACEHOLDER.as_bytes().to_vec(), b"/x\0tail".to_vec()].concat();
    assert_same_as_rattler(&[package("binary")
        .binary_with_prefix("bin/one", binary_blob(&["{prefix}/share/one"]))
        .binary_with_prefix("bin/many", binary_blob(&["{prefix}/a:{prefix}/b", &many, "nothing", "{prefix}"]))
        .binary_with_prefix("bin/unterminated", PLACEHOLDER)
        .binary_with_prefix("bin/wide-le", wide(u16::to_le_bytes))
        .binary_with_prefix("bin/wide-be", wide(u16::to_be_bytes))
        .binary_with_prefix("bin/wide-32", [vec![1; 12], wide32, vec![1; 3]].concat())
        .binary_with_prefix("bin/across-the-window", far)
        .binary_with_prefix("bin/empty", "")]);
}

#[test]
fn noarch_python() {
    let noarch = package("tool")
        .noarch_python()
        .depends("python >=3.11")
        .entry_point("tool", "tool.cli", "main")
        .entry_point("tool-class", "tool.cli", "App.run")
        .dist_info()
        .site_package("tool/__init__.py", "")
        .site_package("tool/cli.py", "def main(): pass\n")
        .executable("python-scripts/tool-script", "#!/bin/sh\n")
        .text_with_prefix("python-scripts/tool-python", "#!{prefix}/bin/python\n")
        .file("share/tool/data", "data\n");
    let generic = package("data").noarch_generic().file("share/data", "data\n");
    assert_same_as_rattler(&[python(), noarch, generic]);
}

#[test]
fn noarch_python_where_python_says_site_packages_are() {
    let python = python().python_site_packages_path("lib/python3.13t/site-packages");
    let noarch = package("tool").noarch_python().depends("python").site_package("tool.py", "pass\n");
    assert_same_as_rattler(&[python, noarch]);
}

#[test]
fn metadata_of_old_packages() {
    assert_same_as_rattler(&[package("old")
        .legacy_metadata()
        .no_timestamp()
        .file("share/plain", "plain\n")
        .symlink("share/link", "plain")
        .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
        .binary_with_prefix("bin/program", binary_blob(&["{prefix}/lib"]))
        .file("share/no-link", "copied\n")
        .no_link()]);
}

#[test]
fn what_paths_json_does_not_list_is_left_out() {
    assert_same_as_rattler(&[package("partial")
        .file("share/listed", "is there\n")
        .file("share/unlisted", "is not\n")
        .unlisted("share/unlisted")
        .file("only-unlisted/file", "no directory either\n")
        .unlisted("only-unlisted/file")]);
}

#[test]
fn files_of_several_packages() {
    let base = package("a-base").file("share/both", "base\n").file("share/base", "base\n");
    let middle = package("m-middle").depends("a-base").file("share/both", "middle\n");
    let top = package("z-top").depends("m-middle").file("share/both", "top\n").file("share/top", "top\n");
    let aside = package("b-aside").file("share/both", "aside\n").symlink("share/aside", "both");
    assert_same_as_rattler(&[base, middle, top, aside]);
}

#[test]
fn the_dependent_wins_whatever_its_name() {
    let base = package("z-base").file("share/both", "base\n");
    let top = package("a-top").depends("z-base").text_with_prefix("share/both", "{prefix}\n");
    assert_same_as_rattler(&[base, top]);
}

#[test]
fn a_directory_wins_over_the_file_of_a_dependency() {
    let base = package("base").file("share/thing", "a file\n");
    let top = package("top").depends("base").file("share/thing/inside", "a directory\n");
    assert_same_as_rattler(&[base, top]);
}

#[test]
fn a_link_of_one_package_in_the_way_of_another() {
    let base = package("base").symlink("lib64", "lib").file("lib/a", "a\n");
    let top = package("top").depends("base").file("lib64/b", "b\n");
    assert_same_as_rattler(&[base, top]);
}

/// What a generated path of a package is.
#[derive(Debug, Clone)]
enum Node {
    File(Vec<u8>, u32),
    Text(Vec<bool>),
    Binary(Vec<bool>),
    Link(String),
}

fn nodes() -> impl Strategy<Value = Node> {
    let mode = prop::sample::select(vec![0o644, 0o755, 0o444, 0o600, 0o664]);
    prop_oneof![
        (prop::collection::vec(any::<u8>(), 0..300), mode)
            .prop_map(|(content, mode)| Node::File(content, mode)),
        prop::collection::vec(any::<bool>(), 0..6).prop_map(Node::Text),
        prop::collection::vec(any::<bool>(), 0..6).prop_map(Node::Binary),
        "(\\.\\./)?[a-c]/[a-d]".prop_map(Node::Link),
    ]
}

/// Pieces of text with or without the prefix.
fn pieces(prefixes: &[bool]) -> Vec<&'static str> {
    prefixes.iter().map(|prefix| if *prefix { "{prefix}/lib:" } else { "# nothing\n" }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    /// Packages that share a few paths, in chains of dependencies that contradict the order of their names.
    #[test]
    fn any_packages(
        packages in prop::collection::vec(prop::collection::btree_map("[a-c]/[a-d]", nodes(), 0..6), 1..5),
        depends in prop::collection::vec(any::<bool>(), 4),
    ) {
        let count = packages.len();
        let builders: Vec<PackageBuilder> = packages.into_iter().enumerate().map(|(index, paths)| {
            let mut builder = package(&format!("p{}", count - index));
            if index > 0 && depends[index - 1] {
                builder = builder.depends(&format!("p{}", count - index + 1));
            }
            paths.into_iter().fold(builder, |builder, (path, node)| match node {
                Node::File(content, mode) => builder.file(&path, content).mode(mode),
                Node::Text(prefixes) => builder.text_with_prefix(&path, &pieces(&prefixes).concat()),
                Node::Binary(prefixes) => builder.binary_with_prefix(&path, binary_blob(&pieces(&prefixes))),
                Node::Link(target) => builder.symlink(&path, &target),
            })
        }).collect();
        assert_same_as_rattler(&builders);
    }
}

/// Every package of a real channel, alone and all together (as far as their names are unique).
#[test]
fn a_channel_on_this_machine() {
    #[allow(clippy::disallowed_methods)]
    let Some(folder) = std::env::var_os("MAMBOX_TEST_CHANNEL") else {
        mambox_testkit::skip("a channel on this machine", "MAMBOX_TEST_CHANNEL names no channel folder");
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let records = common::channel_records(&folder);
    assert!(!records.is_empty(), "{} holds no packages", folder.display());
    for records in common::environments(records) {
        let records = oracle::locked(&records);
        println!("{} packages", records.len());
        let built =
            build_lock(&lock_of(records.clone()), &options(), |package| on_disk(&folder, package)).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let theirs = oracle::install(scratch.path(), records);
        let differences = oracle::differences(oracle::environment(&built), theirs);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        for conflict in &built.conflicts.conflicts {
            println!("conflict: {conflict}");
        }
    }
}
