//! `--slim` and the imports afterwards, by a python in a sandbox: this machine's, as a package.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod common;

use common::python::{python_here, python_package};
use common::{digest, mambox, ok};
use mambox_testkit::{LocalChannel, PackageBuilder, RootFs, Run, TestEnv, no_sandbox};

const TASK: &str = "import of python modules";

fn skip<T>(why: &str) -> Option<T> {
    mambox_testkit::skip("imports after slimming", why);
    None
}

/// A module on top of a package of that name.
fn module(name: &str, text: &str) -> PackageBuilder {
    let path = format!("{name}/__init__.py");
    PackageBuilder::new(name, "1.0").noarch_python().depends("python").site_package(&path, text)
}

/// Packages that import in several ways, and a base on which python runs; `None`, with a line that says why, where
/// this machine has no python or no sandbox.
fn ready() -> Option<(TestEnv, LocalChannel)> {
    if let Some(why) = no_sandbox() {
        return skip(&why);
    }
    let Some([version, executable, library]) = python_here() else {
        return skip("this machine has no python3");
    };
    // A distribution's python may look elsewhere.
    let path = format!("/opt/conda/lib/python{version}/site-packages");
    let python = python_package(&version, &executable, &library)
        .file(&format!("lib/python{version}/test/__init__.py"), "")
        .file(&format!("lib/python{version}/test/support.py"), "")
        .env_vars(&[("PYTHONPATH", &path)]);
    let packages = [
        python,
        module("fine", "import json\n").depends("python"),
        module(
            "needy",
            "try:\n    from test import support\nexcept ImportError as error:\n    raise RuntimeError('broken') from error\n",
        ),
        module("screen", "raise ImportError('no display')\n"),
    ];
    let packages: Vec<_> = packages.iter().map(PackageBuilder::build).collect();
    let channel = LocalChannel::with(&packages);
    let env = mambox().var("PATH", "/usr/local/bin:/usr/bin:/bin").redact(&version, "[X.Y]");
    env.write("good.tar", RootFs::debian("2.36").programs_of_this_machine(&[&executable]).tar());
    Some((env, channel))
}

fn words<'a>(channel: &'a LocalChannel, package: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    let channel = channel.path().to_str().expect("UTF-8");
    let words = ["build", "-p", package, "--channel", channel, "--base", "rootfs:good.tar", "--pyc", "off"];
    [&words, ["--platform", "linux/amd64", "--jobs", "2"].as_slice(), further].concat()
}

/// Lines that are no progress.
fn remarks(run: &Run) -> String {
    let is_progress = |line: &&str| {
        let stages = ["base ", "repodata ", "solve ", "fetch ", "layer ", "run "];
        stages.iter().any(|stage| line.starts_with(stage))
    };
    run.stderr.lines().filter(|line| !is_progress(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_module_that_misses_what_was_left_out_fails_the_build() {
    let Some((env, channel)) = ready() else { return };
    let run = env.run(words(&channel, "needy", &["--slim", "all"]));
    assert!(!run.success(), "{run}");
    insta::assert_snapshot!(remarks(&run), @r"
    error: the python module needy does not import without what the slim policy tests leaves out: ModuleNotFoundError: No module named 'test'
      help: keep these files with --slim all,-tests
    ");
    let run = env.run(words(&channel, "needy", &["--slim", "docs,tests"]));
    assert!(run.stderr.contains("--slim docs\n"), "{run}");
    ok(&env, &words(&channel, "needy", &["--slim", "all,-tests"]));
    let off = ok(&env, &words(&channel, "needy", &["--slim", "all", "--slim-check", "off"]));
    assert!(!off.stderr.contains(TASK), "{off}");
}

#[test]
fn modules_are_imported_once_for_the_same_layers() {
    let Some((env, channel)) = ready() else { return };
    let run = ok(&env, &words(&channel, "fine", &["--slim", "all"]));
    assert!(run.stderr.contains(TASK), "{run}");
    assert_eq!(remarks(&run), "");
    let again = ok(&env, &words(&channel, "fine", &["--slim", "all"]));
    assert!(!again.stderr.contains(TASK), "it is remembered: {again}");
    assert!(!ok(&env, &words(&channel, "fine", &[])).stderr.contains(TASK), "nothing was left out");
}

#[test]
fn other_failures_are_told_and_do_not_stop_the_build() {
    let Some((env, channel)) = ready() else { return };
    let run = ok(&env, &words(&channel, "screen", &["--slim", "all"]));
    insta::assert_snapshot!(remarks(&run), @"warning: 1 python module does not import, and nothing says that slimming is why: screen (ImportError: no display)");
    let again = ok(&env, &words(&channel, "screen", &["--slim", "all"]));
    assert_eq!(remarks(&again), remarks(&run), "it is told again");
}

#[test]
fn without_a_sandbox_nothing_is_imported_and_the_image_is_the_same() {
    let Some((env, channel)) = ready() else { return };
    let checked = digest(&env, &words(&channel, "fine", &["--slim", "all"]));
    let env = env.var("PATH", "/nowhere");
    let unchecked = words(&channel, "fine", &["--slim", "all", "--cache-dir", "empty"]);
    insta::assert_snapshot!(remarks(&ok(&env, &unchecked)), @"python modules are not imported to try what is left: no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap` or `apk add bubblewrap`)");
    assert_eq!(digest(&env, &unchecked), checked);
}
