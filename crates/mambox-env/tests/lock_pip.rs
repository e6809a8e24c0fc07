//! Distributions of PyPI's kind in our locks.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::path::PathBuf;

use common::package;
use mambox_env::{Lock, LockError, LockFile, LockSelection, PipPackage, PipSource};
use rattler_conda_types::Subdir;
use url::Url;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn file(name: &str, version: &str, address: &str) -> PipPackage {
    let source = PipSource::file(&url(address), Some([7; 32].into()), None).expect("a file");
    PipPackage::new(name, Some(version), source).expect("a distribution")
}

fn of_every_kind() -> Vec<PipPackage> {
    let wheel = PipPackage {
        requires_python: Some(">=3.8".into()),
        ..file("Markdown.It_py", "4.0", "https://me:pw@example.invalid/markdown_it_py-4.0-py3-none-any.whl")
    };
    let sdist = PipPackage {
        build_requires: Some(vec![file(
            "flit-core",
            "3.9",
            "https://example.invalid/flit_core-3.9-py3-none-any.whl",
        )]),
        ..file("docopt", "0.6.2", "https://example.invalid/docopt-0.6.2.tar.gz")
    };
    let local = file("local", "1.0+x", "file:///home/me/my%20wheels/local-1.0%2Bx-py3-none-any.whl");
    let folder = PipSource::Folder { path: PathBuf::from("/home/me/project/tool") };
    let git = PipSource::git(&url("https://example.invalid/x.git"), COMMIT, Some("python".into()))
        .expect("a commit");
    let new = |name, source| PipPackage::new(name, None, source).expect("a distribution");
    vec![
        wheel,
        sdist,
        local,
        new("tool", folder),
        PipPackage { build_requires: Some(vec![]), ..new("from-git", git) },
    ]
}

fn lock_file(pip: Vec<PipPackage>) -> LockFile {
    let lock = Lock::new(Subdir::Linux64, ["https://host/c"], vec![package("zlib", &[])]).expect("a lock");
    LockFile::new("default", vec![lock.with_pip(pip).expect("distributions")]).expect("a lock file")
}

#[test]
fn the_text_has_every_kind_and_no_credentials() {
    let text = lock_file(of_every_kind()).to_yaml().unwrap();
    insta::assert_snapshot!(text, @r#"
    version: 7
    platforms:
    - name: linux-64
    environments:
      build-docopt:
        channels: []
        packages:
          linux-64:
          - pypi: https://example.invalid/flit_core-3.9-py3-none-any.whl
      build-from-git:
        channels: []
        packages:
          linux-64: []
      default:
        channels:
        - url: https://host/c
        packages:
          linux-64:
          - conda: https://host/chan/linux-64/zlib-1.0-0.conda
          - pypi: /home/me/my wheels/local-1.0+x-py3-none-any.whl
          - pypi: /home/me/project/tool
          - pypi: git+https://example.invalid/x.git?subdirectory=python#0123456789abcdef0123456789abcdef01234567
          - pypi: https://example.invalid/docopt-0.6.2.tar.gz
          - pypi: https://example.invalid/markdown_it_py-4.0-py3-none-any.whl
    packages:
    - conda: https://host/chan/linux-64/zlib-1.0-0.conda
      sha256: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
    - pypi: /home/me/my wheels/local-1.0+x-py3-none-any.whl
      name: local
      version: 1.0+x
      sha256: '0707070707070707070707070707070707070707070707070707070707070707'
    - pypi: /home/me/project/tool
      name: tool
    - pypi: git+https://example.invalid/x.git?subdirectory=python#0123456789abcdef0123456789abcdef01234567
      name: from-git
    - pypi: https://example.invalid/docopt-0.6.2.tar.gz
      name: docopt
      version: 0.6.2
      sha256: '0707070707070707070707070707070707070707070707070707070707070707'
    - pypi: https://example.invalid/flit_core-3.9-py3-none-any.whl
      name: flit-core
      version: '3.9'
      sha256: '0707070707070707070707070707070707070707070707070707070707070707'
    - pypi: https://example.invalid/markdown_it_py-4.0-py3-none-any.whl
      name: markdown-it-py
      version: '4.0'
      sha256: '0707070707070707070707070707070707070707070707070707070707070707'
      requires_python: '>=3.8'
    "#);
    assert!(!text.contains("pw"));
}

#[test]
fn what_was_written_is_read_again() {
    let file = lock_file(of_every_kind());
    let selection = LockSelection { base_dir: Some("/elsewhere".into()), ..LockSelection::default() };
    let again = LockFile::from_text(&file.to_yaml().unwrap(), "x.lock", &selection).unwrap();
    assert_eq!(again, file);
}

#[test]
fn what_lies_beside_the_lock_may_move_with_it() {
    let file = lock_file(of_every_kind());
    let text = file.to_yaml_in("/home/me/project".as_ref()).unwrap();
    assert!(text.contains("- pypi: ./tool\n") && text.contains("/home/me/my wheels/"), "{text}");
    let selection = LockSelection { base_dir: Some("/home/you".into()), ..LockSelection::default() };
    let moved = LockFile::from_text(&text, "x.lock", &selection).unwrap();
    let tool = moved.locks()[0].pip().iter().find(|package| package.name == "tool").unwrap();
    assert_eq!(tool.source, PipSource::Folder { path: "/home/you/tool".into() });
}

#[test]
fn an_image_does_not_know_where_local_distributions_lay() {
    let text = lock_file(of_every_kind()).portable().to_yaml().unwrap();
    assert!(!text.contains("/home/me"), "{text}");
    assert!(
        text.contains("- pypi: /tool/tool\n") && text.contains("- pypi: /local/local-1.0+x-py3"),
        "{text}"
    );
}

#[test]
fn one_distribution_of_a_name() {
    let lock = Lock::new(Subdir::Linux64, ["c"], vec![]).unwrap();
    let twice = vec![
        file("A_b", "1", "https://example.invalid/a_b-1-py3-none-any.whl"),
        file("a.b", "2", "https://example.invalid/a_b-2-py3-none-any.whl"),
    ];
    let error = lock.with_pip(twice).unwrap_err();
    insta::assert_snapshot!(error, @"the pip package a-b occurs more than once for linux-64; an environment holds one package of a name");
}

#[test]
fn requirements_of_a_lock_are_not_carried_on() {
    let text = lock_file(of_every_kind()).to_yaml().unwrap();
    let with = format!("{text}  requires_dist:\n  - 'zz @ https://example.invalid/${{HOME}}/zz.zip'\n");
    let read = LockFile::from_text(&with, "x.lock", &LockSelection::default()).unwrap();
    assert_eq!(read.to_yaml().unwrap(), text, "no variable of this process gets into a lock");
}

#[test]
fn two_local_distributions_of_one_file_name_stay_two() {
    let new = |name: &str, path: &str| {
        PipPackage::new(name, None, PipSource::Folder { path: path.into() }).expect("a distribution")
    };
    let file = lock_file(vec![new("one", "/a/src"), new("other", "/b/src")]).portable();
    let read = LockFile::from_text(&file.to_yaml().unwrap(), "x.lock", &LockSelection::default()).unwrap();
    assert_eq!(read.locks()[0].pip().len(), 2);
}

#[test]
fn without_a_hash_or_of_another_kind_it_is_refused() {
    let text = lock_file(of_every_kind()).to_yaml().unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let result = LockFile::from_text(&text.replace(from, to), "x.lock", &LockSelection::default());
        let error: LockError = result.unwrap_err();
        error.to_string()
    };
    let hash = format!("\n  version: 0.6.2\n  sha256: '{}'", "07".repeat(32));
    let told = [
        refused(&hash, "\n  version: 0.6.2"),
        refused("docopt-0.6.2.tar.gz", "docopt-0.6.2.tar.lz"),
        refused("markdown_it_py-4.0-py3-none-any.whl", "markdown_it_py.whl"),
        refused(COMMIT, "main"),
        refused("/home/me/project/tool", "tool"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    x.lock: the pip package docopt cannot be used: there is no sha256, so that it could not be checked; lock again
    x.lock: the pip package docopt cannot be used: 'docopt-0.6.2.tar.lz' is neither a wheel (.whl) nor a source distribution (.tar.gz, .zip)
    x.lock: the pip package markdown-it-py cannot be used: 'markdown_it_py.whl' is no file name of a wheel, NAME-VERSION-PYTHON-ABI-PLATFORM.whl: it has not five or six parts between hyphens
    x.lock: the pip package from-git cannot be used: 'main' is no whole commit of git (40 digits)
    x.lock: the pip package tool cannot be used: it is not clear where 'tool' lies
    "#);
}
