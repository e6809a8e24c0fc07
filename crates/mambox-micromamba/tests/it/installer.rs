//! A prefix that ours makes equals, file by file, one that rattler's `Installer` makes.

use std::path::Path;

use mambox_testkit::{ArchiveFormat, BuiltPackage, LocalChannel, PackageBuilder, TestEnv, binary_blob};
use rattler::install::Installer;
use rattler::package_cache::PackageCache;
use rattler_conda_types::{RepoDataRecord, Subdir};

use crate::trees::{differences, tree};

#[track_caller]
fn assert_same_as_rattler(packages: &[PackageBuilder]) {
    for format in [ArchiveFormat::Conda, ArchiveFormat::TarBz2] {
        let packages: Vec<BuiltPackage> =
            packages.iter().map(|package| package.clone().format(format).build()).collect();
        let channel = LocalChannel::with(&packages);
        let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba")).var("MAMBA_ROOT_PREFIX", "/nowhere");
        // Both write the same path into files.
        let prefix = env.root().join("prefix");
        let records = packages.iter().map(|package| channel.record(package)).collect();
        install(&env.root().join("rattler-cache"), &prefix, records);
        let theirs = tree(&prefix);
        std::fs::remove_dir_all(&prefix).unwrap();
        let mut words = vec![
            "create",
            "-y",
            "--no-rc",
            "--no-pyc",
            "-p",
            prefix.to_str().unwrap(),
            "-c",
            channel.path().to_str().unwrap(),
        ];
        words.extend(packages.iter().map(|package| package.record.name.as_normalized()));
        let cache = env.root().join("our-cache");
        let env = env.var("CONDA_PKGS_DIRS", cache);
        let run = env.run(words);
        assert!(run.success(), "{run}");
        let differences = differences(&tree(&prefix), &theirs);
        assert!(differences.is_empty(), "{format:?}, ours and rattler's:\n{}", differences.join("\n"));
    }
}

fn install(cache: &Path, prefix: &Path, records: Vec<RepoDataRecord>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // Rattler's default client wants a provider, although nothing is downloaded; a second one is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let installer =
        Installer::new().with_package_cache(PackageCache::new(cache)).with_target_platform(Subdir::Linux64);
    runtime.block_on(installer.install(prefix, records)).unwrap();
}

fn package(name: &str) -> PackageBuilder {
    PackageBuilder::new(name, "1.0")
}

#[test]
fn files_and_links_of_all_kinds() {
    assert_same_as_rattler(&[package("files")
        .file("share/plain", "plain\n")
        .executable("bin/run", "#!/bin/sh\n")
        .read_only("share/read-only", "cannot be changed\n")
        .file("share/empty", "")
        .file("share/größe mit leerzeichen.txt", "Unicode and spaces\n")
        .file("share/no-link", "copied\n")
        .no_link()
        .file(&format!("share/{}/end", vec!["deep"; 40].join("/")), "a long path\n")
        .file("lib/libz.so.1.3", "a library\n")
        .symlink("lib/libz.so", "libz.so.1.3")
        .symlink("lib/nowhere", "does/not/exist")
        .symlink("lib/absolute", "/usr/lib/libc.so.6")
        .symlink("lib64", "lib")
        .hard_link("bin/again", "bin/run")]);
}

#[test]
fn placeholders() {
    assert_same_as_rattler(&[package("prefixed")
        .text_with_prefix("bin/script", "#!{prefix}/bin/python3.13\nprefix = '{prefix}'\n")
        .mode(0o755)
        .text_with_prefix("bin/long", &format!("#!{{prefix}}/bin/{} -a b\necho\n", "x".repeat(130)))
        .text_with_prefix("share/none", "the placeholder is not in here\n")
        .binary_with_prefix("bin/one", binary_blob(&["{prefix}/share/one"]))
        .binary_with_prefix("bin/many", binary_blob(&["{prefix}/a:{prefix}/b", "nothing", "{prefix}"]))
        .hard_link("bin/two", "bin/one")]);
}

#[test]
fn noarch_python() {
    let python = PackageBuilder::python_interpreter("3.13.5", "\x7fELF interpreter");
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
    assert_same_as_rattler(&[python, noarch, generic]);
}

#[test]
fn packages_that_have_the_same_files() {
    let base = package("a-base").file("share/both", "base\n").file("share/base", "base\n");
    let middle = package("m-middle").depends("a-base").file("share/both", "middle\n");
    let top = package("z-top").depends("m-middle").file("share/both", "top\n").file("share/top", "top\n");
    let aside = package("b-aside").file("share/both", "aside\n").symlink("share/aside", "both");
    assert_same_as_rattler(&[base, middle, top, aside]);
}

#[test]
fn old_metadata_and_unlisted_files() {
    assert_same_as_rattler(&[
        package("old")
            .legacy_metadata()
            .no_timestamp()
            .file("share/plain", "plain\n")
            .text_with_prefix("bin/script", "#!{prefix}/bin/sh\n")
            .binary_with_prefix("bin/program", binary_blob(&["{prefix}/lib"])),
        package("partial")
            .file("share/listed", "is there\n")
            .file("share/unlisted", "is not\n")
            .unlisted("share/unlisted"),
    ]);
}
