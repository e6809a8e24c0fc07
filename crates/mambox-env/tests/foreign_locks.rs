//! Lock files that others wrote: conda-lock.yml version 1 and pixi.lock.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::path::PathBuf;

use common::{MD5, SHA256};
use mambox_env::{LockError, LockFile, LockSelection, LockedPackage, PipPackage, PipSource};
use proptest::prelude::*;
use rattler_conda_types::Subdir;

fn read(text: &str, selection: &LockSelection) -> Result<LockFile, LockError> {
    LockFile::from_text(text, "x.lock", selection)
}

fn error(text: &str, selection: &LockSelection) -> String {
    read(text, selection).unwrap_err().to_string()
}

fn environment(name: &str) -> LockSelection {
    LockSelection { environment: name.to_owned(), ..LockSelection::default() }
}

fn platform(platform: Subdir) -> LockSelection {
    LockSelection { platforms: vec![platform], ..LockSelection::default() }
}

fn listing(file: &LockFile) -> String {
    let line = |package: &LockedPackage| format!("  {} {}\n", package.name(), package.url);
    let of_lock = |lock: &mambox_env::Lock| {
        let packages: String = lock.packages().iter().map(line).collect();
        format!("{} {:?}\n{packages}", lock.platform(), lock.channels())
    };
    file.locks().iter().map(of_lock).collect()
}

fn conda_lock() -> String {
    let package =
        |name: &str, platform: &str, manager: &str, category: &str, url: &str, dependencies: &str| {
            format!(
                "- name: {name}\n  version: '1.0'\n  manager: {manager}\n  platform: {platform}\n  \
             dependencies: {dependencies}\n  url: {url}\n  hash:\n    md5: {MD5}\n    sha256: {SHA256}\n  \
             category: {category}\n  optional: false\n"
            )
        };
    let conda = "https://host/conda-forge";
    format!(
        "version: 1\nmetadata:\n  content_hash:\n    linux-64: abc\n    osx-64: abc\n  channels:\n  \
         - url: conda-forge\n    used_env_vars: []\n  platforms: [linux-64, osx-64]\n  sources: [environment.yml]\n\
         package:\n{}{}{}{}{}",
        package(
            "app",
            "linux-64",
            "conda",
            "main",
            &format!("{conda}/noarch/app-1.0-pyh0_0.conda"),
            "{zlib: '>=1'}"
        ),
        package(
            "zlib",
            "linux-64",
            "conda",
            "main",
            &format!("{conda}/linux-64/zlib-1.0-h0_1.tar.bz2"),
            "{}"
        ),
        package(
            "pytest",
            "linux-64",
            "conda",
            "dev",
            &format!("{conda}/noarch/pytest-1.0-pyh0_0.conda"),
            "{}"
        ),
        package("zlib", "osx-64", "conda", "main", &format!("{conda}/osx-64/zlib-1.0-h0_1.conda"), "{}"),
        package("rich", "osx-64", "pip", "main", "https://host/rich-1.0-py3-none-any.whl", "{}"),
    )
}

#[test]
fn conda_lock_gives_the_main_category() {
    let file = read(&conda_lock(), &platform(Subdir::Linux64)).unwrap();
    insta::assert_snapshot!(listing(&file), @r#"
linux-64 ["conda-forge"]
  zlib https://host/conda-forge/linux-64/zlib-1.0-h0_1.tar.bz2
  app https://host/conda-forge/noarch/app-1.0-pyh0_0.conda
"#);
    let zlib = file.lock(Subdir::Linux64).and_then(|lock| lock.package("zlib")).unwrap();
    assert_eq!((zlib.record.build.as_str(), zlib.record.build_number), ("h0_1", 1));
    assert!(zlib.record.sha256.is_some() && zlib.record.md5.is_some());
}

#[test]
fn other_categories_come_when_asked_for() {
    let categories = vec!["main".to_owned(), "dev".to_owned()];
    let selection = LockSelection { categories, ..platform(Subdir::Linux64) };
    let file = read(&conda_lock(), &selection).unwrap();
    assert!(file.locks()[0].package("pytest").is_some());
}

#[test]
fn pip_packages_come_for_the_platforms_that_have_them() {
    let file = read(&conda_lock(), &platform(Subdir::Osx64)).unwrap();
    assert_eq!(pip_listing(&file), "rich==1.0 rich-1.0-py3-none-any.whl");
    assert_eq!(pip_listing(&read(&conda_lock(), &platform(Subdir::Linux64)).unwrap()), "");
    insta::assert_snapshot!(error(&conda_lock(), &platform(Subdir::Win64)), @"x.lock holds no packages for win-64 in environment 'default'; it has: linux-64, osx-64. Lock again with --platform win-64");
}

fn pip_listing(file: &LockFile) -> String {
    let line = |package: &PipPackage| match &package.source {
        PipSource::Wheel { file_name, .. } | PipSource::Sdist { file_name, .. } => {
            format!("{} {file_name}", package.label())
        }
        other => format!("{} {other:?}", package.label()),
    };
    let all = file.locks().iter().flat_map(|lock| lock.pip()).map(line);
    all.collect::<Vec<_>>().join(
        "
",
    )
}

fn pixi(version: u8) -> String {
    let (platforms, pip) = match version {
        7 => ("platforms:\n- name: linux-64\n- name: osx-arm64\n", "  requires_dist: []\n"),
        _ => ("", ""),
    };
    let zlib_fields = if version == 5 {
        "  name: zlib\n  version: '1.0'\n  build: h0_1\n  build_number: 1\n  subdir: linux-64\n"
    } else {
        ""
    };
    let app_fields = if version == 5 {
        "  name: app\n  version: '1.0'\n  build: pyh0_0\n  subdir: noarch\n  noarch: python\n"
    } else {
        ""
    };
    let (conda, pypi) = match version {
        5 => ("- kind: conda\n  url: ", "- kind: pypi\n  url: "),
        _ => ("- conda: ", "- pypi: "),
    };
    format!(
        "version: {version}\n{platforms}environments:\n  default:\n    channels:\n    - url: https://host/conda-forge/\n    packages:\n      \
         linux-64:\n      - conda: https://host/conda-forge/noarch/app-1.0-pyh0_0.conda\n      \
         - conda: https://host/conda-forge/linux-64/zlib-1.0-h0_1.conda\n  web:\n    channels:\n    \
         - url: https://host/conda-forge/\n    indexes:\n    - https://pypi.example/simple\n    packages:\n      linux-64:\n      \
         - conda: https://host/conda-forge/linux-64/zlib-1.0-h0_1.conda\n      - pypi: https://host/rich-1.0-py3-none-any.whl\n\
         packages:\n{conda}https://host/conda-forge/noarch/app-1.0-pyh0_0.conda\n{app_fields}  sha256: {SHA256}\n  depends:\n  - zlib >=1\n\
         {conda}https://host/conda-forge/linux-64/zlib-1.0-h0_1.conda\n{zlib_fields}  md5: {MD5}\n\
         {pypi}https://host/rich-1.0-py3-none-any.whl\n  name: rich\n  version: '1.0'\n  sha256: {SHA256}\n{pip}"
    )
}

#[test]
fn pixi_locks_of_every_version_give_one_lock() {
    let newest = read(&pixi(7), &LockSelection::default()).unwrap();
    insta::assert_snapshot!(listing(&newest), @r#"
linux-64 ["https://host/conda-forge"]
  zlib https://host/conda-forge/linux-64/zlib-1.0-h0_1.conda
  app https://host/conda-forge/noarch/app-1.0-pyh0_0.conda
"#);
    for version in [5, 6] {
        let file =
            read(&pixi(version), &LockSelection::default()).unwrap_or_else(|e| panic!("{version}: {e}"));
        assert_eq!(file, newest, "version {version}");
    }
}

#[test]
fn the_environment_is_chosen_by_name() {
    for version in [5, 6, 7] {
        let web = read(&pixi(version), &environment("web")).unwrap();
        assert_eq!(pip_listing(&web), "rich==1.0 rich-1.0-py3-none-any.whl", "version {version}");
    }
    insta::assert_snapshot!(error(&pixi(7), &environment("test")), @"x.lock has no environment 'test'; it has: default, web");
    insta::assert_snapshot!(error(&pixi(7), &platform(Subdir::LinuxAarch64)), @"x.lock holds no packages for linux-aarch64 in environment 'default'; it has: linux-64. Lock again with --platform linux-aarch64");
}

#[test]
fn of_several_platforms_the_plainly_named_one_counts() {
    let named = |names: [&str; 2]| {
        let platforms: String =
            names.iter().map(|name| format!("- name: {name}\n  subdir: linux-64\n")).collect();
        let package = |name: &str| format!("https://host/c/linux-64/{name}-1.0-0.conda");
        let selected: String = names
            .iter()
            .zip(["a", "b"])
            .map(|(name, p)| format!("      {name}:\n      - conda: {}\n", package(p)))
            .collect();
        let packages: String =
            ["a", "b"].iter().map(|p| format!("- conda: {}\n  sha256: {SHA256}\n", package(p))).collect();
        format!(
            "version: 7\nplatforms:\n{platforms}environments:\n  default:\n    channels: []\n    packages:\n{selected}\
             packages:\n{packages}"
        )
    };
    let file = read(&named(["cuda", "linux-64"]), &LockSelection::default()).unwrap();
    assert_eq!(file.locks()[0].packages().iter().map(LockedPackage::name).collect::<Vec<_>>(), ["b"]);
    insta::assert_snapshot!(error(&named(["cuda", "plain"]), &LockSelection::default()), @"x.lock holds several platforms for linux-64 (cuda, plain), none of that name, so it is not clear which one is meant. Rename one to linux-64 and lock again");
}

#[test]
fn a_package_without_a_hash_is_refused() {
    let text = pixi(7).replace(&format!("  md5: {MD5}\n"), "");
    insta::assert_snapshot!(error(&text, &LockSelection::default()), @"x.lock: zlib-1.0-h0_1 has neither a sha256 nor an md5 hash, so its archive could not be checked (https://host/conda-forge/linux-64/zlib-1.0-h0_1.conda)");
}

#[test]
fn a_package_to_be_built_is_refused() {
    let text = "version: 7\nplatforms:\n- name: linux-64\nenvironments:\n  default:\n    channels: []\n    packages:\n      \
                linux-64:\n      - conda_source: mine[0123abcd] @ .\npackages:\n- conda_source: mine[0123abcd] @ .\n  version: '1'\n  build: '0'\n  \
                subdir: noarch\n";
    insta::assert_snapshot!(error(text, &LockSelection::default()), @"x.lock: mine is to be built from source (.); only finished conda packages can be used");
}

#[test]
fn relative_paths_belong_to_the_lock_files_folder() {
    let text = format!(
        "version: 7\nplatforms:\n- name: linux-64\nenvironments:\n  default:\n    channels: []\n    packages:\n      linux-64:\n      \
         - conda: ../chan/noarch/a-1.0-0.conda\npackages:\n- conda: ../chan/noarch/a-1.0-0.conda\n  subdir: noarch\n  \
         sha256: {SHA256}\n"
    );
    let selection =
        LockSelection { base_dir: Some(PathBuf::from("/home/me/env")), ..LockSelection::default() };
    insta::assert_snapshot!(listing(&read(&text, &selection).unwrap()), @r#"
linux-64 []
  a file:///home/me/chan/noarch/a-1.0-0.conda
"#);
    insta::assert_snapshot!(error(&text, &LockSelection::default()), @"x.lock: cannot tell where the package '../chan/noarch/a-1.0-0.conda' lies; write an absolute path or a URL");
}

#[test]
fn what_is_no_lock_file() {
    let error = |text: &str| error(text, &LockSelection::default());
    insta::assert_snapshot!(error("version: 1000\n"), @"x.lock is no lock file that can be read: found newer lockfile format version 1000, but only up to including version 7 is supported");
    insta::assert_snapshot!(error("name: x\n"), @"x.lock is no lock file that can be read: missing `version` field in lock file");
    insta::assert_snapshot!(error("version: seven\n"), @"x.lock is no lock file that can be read: `version` field in lock file is not an integer");
    insta::assert_snapshot!(error("[\n"), @"x.lock is no lock file that can be read: did not find expected node content at line 2 column 1, while parsing a flow node");
    insta::assert_snapshot!(error(&"[".repeat(10_000)), @"x.lock is no lock file that can be read: it is nested deeper than 500 levels");
    insta::assert_snapshot!(error("version: 7\nenvironments: {}\npackages: []\nplatforms: []\n"), @"x.lock has no environment 'default'; it has: none");
}

proptest! {
    /// One line of a valid file is lost, doubled or replaced.
    #[test]
    fn a_damaged_file_is_read_or_refused(
        which in 0..4_usize,
        line in 0..60_usize,
        change in prop::sample::select(vec!["", "twice", "- x", "  name: ../x", "  sha256: 00", "version: 3", "  a: [", "  subdir: win-64"]),
    ) {
        let text = [pixi(5), pixi(6), pixi(7), conda_lock()][which].clone();
        let mut lines: Vec<&str> = text.lines().collect();
        let at = line % lines.len();
        match change {
            "" => { lines.remove(at); }
            "twice" => lines.insert(at, lines[at]),
            other => lines[at] = other,
        }
        let damaged = lines.join("\n");
        if let Ok(file) = read(&damaged, &LockSelection::default()) {
            for package in file.locks().iter().flat_map(|lock| lock.packages()) {
                prop_assert!(package.record.sha256.is_some() || package.record.md5.is_some());
                prop_assert!(!package.file_name.contains('/') && !package.name().contains('/'));
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(version: [1-7]\n|package(s)?:\n|environments:\n|- |\\PC|\n| ){0,50}") {
        let _ = read(&text, &LockSelection::default());
    }
}
