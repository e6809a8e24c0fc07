//! Programs that are no uv, old ones, and ones that misbehave.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use mambox_env::{Libc, WheelTarget};
use mambox_pip::{PipRequest, Uv, resolve};
use mambox_progress::Silent;
use rattler_conda_types::Subdir;

/// All programs are written before the first is started: a file that a child has open for writing cannot be run.
static PROGRAMS: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let program = |name: &str, script: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    };
    program("old/uv", "echo 'uv 0.6.17 (abc)'");
    program("mute/uv", "exit 3");
    program("other/uv", "echo 'ultraviolet 9.9.9'");
    // What it does is said by a variable; $out is where the result goes.
    program(
        "odd/uv",
        r#"[ "$1" = --version ] && { echo 'uv 0.99.0'; exit; }
while [ $# -gt 0 ]; do [ "$1" = --output-file ] && out=$2; shift; done
eval "$BEHAVIOUR""#,
    );
    std::fs::write(folder.path().join("plain"), "").expect("a file");
    folder
});

fn program(name: &str) -> PathBuf {
    PROGRAMS.path().join(name)
}

/// What finding a uv says, with the folder of the programs shortened.
async fn found(wish: Option<&Path>, search_path: &Path) -> String {
    match Uv::find(wish, search_path.as_os_str()).await {
        Ok(uv) => format!("uv {}", uv.version()),
        Err(error) => error.to_string().replace(&PROGRAMS.path().display().to_string(), "[programs]"),
    }
}

#[tokio::test]
async fn a_uv_is_found_or_it_is_said_how_to_get_one() {
    let told = [
        found(None, &program("odd")).await,
        found(Some(&program("odd/uv")), Path::new("")).await,
        found(None, &program("nowhere")).await,
        found(Some(&program("plain")), &program("odd")).await,
        found(None, &program("old")).await,
        found(None, &program("mute")).await,
        found(None, &program("other")).await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    uv 0.99.0
    uv 0.99.0
    pip packages are resolved with uv, which is not in PATH: install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV
    there is no program [programs]/plain, which --uv or MAMBOX_UV names; install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV
    [programs]/old/uv is uv 0.6.17, and 0.7.0 is the oldest that works; install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV
    [programs]/mute/uv does not tell its version (it says ''), so that it is no uv that works; install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV
    [programs]/other/uv does not tell its version (it says 'ultraviolet 9.9.9'), so that it is no uv that works; install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV
    ");
}

/// What becomes of a request whose uv behaves like that, and what is left in the cache folder.
async fn behaving(behaviour: &str, patience: Duration) -> (String, Vec<String>) {
    let uv = Uv::find(None, program("odd").as_os_str()).await.expect("a uv");
    let cache = tempfile::tempdir().expect("a folder");
    let target =
        WheelTarget { python: (3, 13), free_threaded: false, platform: Subdir::Linux64, libc: Libc::None };
    let variables: BTreeMap<String, String> = [("BEHAVIOUR", behaviour), ("PATH", "/usr/bin:/bin")]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    let request = PipRequest {
        file: "environment.yml",
        requirements: &["lib".to_owned()],
        folder: cache.path(),
        target: &target,
        installed: &[],
        no_build: false,
        variables: &variables,
        cache_dir: cache.path(),
        offline: true,
    };
    let told = match tokio::time::timeout(patience, resolve(&uv, &request, &Silent)).await {
        Ok(Ok(packages)) => packages.iter().map(mambox_env::PipPackage::label).collect::<Vec<_>>().join(" "),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "interrupted".to_owned(),
    };
    (told, names(cache.path()))
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn said(behaviour: &str) -> String {
    let (told, left) = behaving(behaviour, Duration::from_secs(60)).await;
    assert_eq!(left, [] as [&str; 0], "no temporary files are left");
    told
}

#[tokio::test]
async fn a_uv_that_fails_is_quoted() {
    let told = [
        said("echo 'error: odd' >&2; exit 7").await,
        said("kill -9 $$").await,
        said("echo 'error: No interpreter found for Python 3.13' >&2; exit 2").await,
        said("echo \"error: invalid value 'x' for '--python-platform <P>'\" >&2; exit 2").await,
        said("printf 'error: at https://me:pw@example.invalid/x\\033[0m\\n' >&2; exit 2").await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    environment.yml: uv 0.99.0 could not resolve the pip packages (exit code 7):
      error: odd
    environment.yml: uv 0.99.0 could not resolve the pip packages (killed by signal 9):
      (it said nothing)
    environment.yml: uv finds no python on this machine, which it needs to read metadata; install any Python 3 and have it in PATH:
      error: No interpreter found for Python 3.13
    environment.yml: pip packages cannot be resolved for python 3.13 on linux-64: uv 0.99.0 does not know that platform; use conda packages instead, or a newer uv
    environment.yml: uv 0.99.0 could not resolve the pip packages (exit code 2):
      error: at https://*****@example.invalid/x[0m
    ");
}

#[tokio::test]
async fn a_result_that_cannot_be_understood_is_refused() {
    let told = [
        said("exit 0").await,
        said("echo 'lock-version = \"2.0\"' >$out").await,
        said("printf '\\377' >$out").await,
        said("printf 'lock-version = \"1.0\"\\n' >$out").await,
        said("dd if=/dev/zero of=$out bs=1M seek=64 count=1 2>/dev/null").await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    environment.yml: the pylock.toml that uv 0.99.0 wrote for the pip packages cannot be used: it is not there (No such file or directory (os error 2)); try another version of uv
    environment.yml: the pylock.toml that uv 0.99.0 wrote for the pip packages cannot be used: its lock-version is '2.0', and only 1.x is known; try another version of uv
    environment.yml: the pylock.toml that uv 0.99.0 wrote for the pip packages cannot be used: it cannot be read (stream did not contain valid UTF-8); try another version of uv

    environment.yml: the pylock.toml that uv 0.99.0 wrote for the pip packages cannot be used: it is larger than 67108864 bytes; try another version of uv
    ");
}

#[tokio::test]
async fn too_much_output_ends_it() {
    let told = said("yes >&2").await;
    insta::assert_snapshot!(told, @"environment.yml: uv was stopped: it said more than 16777216 bytes; run `uv pip compile` by hand to see what");
}

/// As at Ctrl-C: the future is dropped.
#[tokio::test]
async fn a_dropped_future_kills_uv_and_leaves_nothing() {
    let marks = tempfile::tempdir().expect("a folder");
    let mark = marks.path().join("pid");
    let behaviour = format!("echo $$ >{}; exec sleep 600", mark.display());
    let (told, left) = behaving(&behaviour, Duration::from_secs(3)).await;
    assert_eq!((told.as_str(), left.len()), ("interrupted", 0));
    let pid = std::fs::read_to_string(&mark).expect("it was started");
    let process = PathBuf::from(format!("/proc/{}", pid.trim()));
    let start = Instant::now();
    while process.exists() && start.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!process.exists(), "uv still runs");
}

/// Only the request's variables, without those that would lead uv astray.
#[tokio::test]
async fn uv_sees_the_variables_of_the_request_only() {
    let (told, _) = behaving("env | cut -d= -f1 | sort >&2; exit 1", Duration::from_secs(60)).await;
    let names: Vec<&str> = told.lines().skip(1).map(str::trim).filter(|name| !name.is_empty()).collect();
    // The shell's own.
    let names: Vec<&str> =
        names.into_iter().filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name)).collect();
    assert_eq!(names, ["BEHAVIOUR", "PATH", "UV_PYTHON_DOWNLOADS"]);
}
