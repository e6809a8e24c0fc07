//! Distributions without a wheel, with the real executable and this machine's python: built in the sandbox, once.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::python::{building_python_package, python_here, python_package};
use common::{digest, mambox, ok, read_archive};
use mambox_testkit::{LocalChannel, RootFs, TestEnv, no_sandbox};

/// A backend of the project's own, so that nothing else is needed to build.
const BACKEND: &str = r#"
import base64, hashlib, zipfile
def build_wheel(out, settings=None, metadata=None):
    name, info, record = "tool-1.5-py3-none-any.whl", "tool-1.5.dist-info/", ""
    files = {
        "tool.py": open("tool.py").read(),
        info + "METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.5\n",
        info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(out + "/" + name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
            hash = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            record += "%s,sha256=%s,%d\n" % (path, hash, len(text))
        wheel.writestr(info + "RECORD", record + info + "RECORD,,\n")
    return name
"#;
const PROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n";
const LOCK: &str = "- pypi: ./tool\n  name: tool\n";

/// A lock with python, and with a folder of sources beside it; `None`, with a line that says why, where there is no python
/// or no sandbox.
fn ready() -> Option<(TestEnv, LocalChannel, String)> {
    let what = "building wheels";
    if let Some(why) = no_sandbox() {
        mambox_testkit::skip(what, &why);
        return None;
    }
    let Some([version, executable, library]) = python_here() else {
        mambox_testkit::skip(what, "this machine has no python3");
        return None;
    };
    let python = building_python_package(&version, &executable, &library);
    let foreign = python_package(&version, "/dev/null", "/nowhere").subdir("linux-aarch64");
    let channel = LocalChannel::with(&[python.build(), foreign.build()]);
    let env = mambox().var("PATH", "/usr/local/bin:/usr/bin:/bin");
    env.write("base.tar", RootFs::debian("2.36").programs_of_this_machine(&[&executable]).tar());
    let url = channel.url().to_string();
    let platforms = ["--platform", "linux/amd64", "--platform", "linux/arm64"];
    let words = ["lock", "-p", "python", "-c", &url, "--base", "scratch", "--no-rc", "-o", "x.lock"];
    ok(&env, &[&words[..], &platforms].concat());
    let text = std::fs::read_to_string(env.work().join("x.lock")).unwrap();
    let add = |text: String, subdir: &str| {
        text.replacen(&format!("      {subdir}:\n"), &format!("      {subdir}:\n      - pypi: ./tool\n"), 1)
    };
    let selected = add(add(text, "linux-64"), "linux-aarch64");
    let build =
        "  build-tool:\n    channels: []\n    packages:\n      linux-64: []\n      linux-aarch64: []\n";
    let with_build = selected.replacen("environments:\n", &format!("environments:\n{build}"), 1);
    env.write("x.lock", format!("{with_build}{LOCK}"));
    for (name, text) in
        [("pyproject.toml", PROJECT), ("backend.py", BACKEND), ("tool.py", "kind = 'built'\n")]
    {
        env.write(&format!("tool/{name}"), text);
    }
    Some((env, channel, version))
}

const BUILD: [&str; 6] = ["build", "x.lock", "--base", "rootfs:base.tar", "--platform", "linux/amd64"];

fn build<'a>(further: &[&'a str]) -> Vec<&'a str> {
    [&BUILD[..], further].concat()
}

#[test]
fn a_folder_becomes_a_wheel_with_pyc_files_and_the_build_says_so() {
    let Some((env, _channel, version)) = ready() else { return };
    let run = ok(&env, &build(&["-o", "image.tar"]));
    assert!(run.stderr.contains("the wheel of tool was built here from its sources"), "{run}");
    let image = read_archive(&env.work().join("image.tar"));
    let site = format!("opt/conda/lib/python{version}/site-packages");
    assert_eq!(image.tree[&format!("{site}/tool.py")].text(), "kind = 'built'\n");
    let pyc = format!("{site}/__pycache__/tool.cpython-{}.pyc", version.replace('.', ""));
    assert_eq!(image.tree[&pyc].content()[4..8], [1, 0, 0, 0], "valid by an unchecked hash");
    let record = image.tree[&format!("{site}/tool-1.5.dist-info/RECORD")].text();
    assert!(record.contains("__pycache__/tool.cpython-") && record.contains("\ntool.py,sha256="), "{record}");
    let run = ok(&env, &["inspect", "image.tar"]);
    assert!(run.stdout.contains("tool") && run.stdout.contains("1.5"), "{run}");
    let run = env.run(["verify", "image.tar"]);
    assert!(!run.success() && run.stderr.contains("tool was built from a folder of sources"), "{run}");
}

#[test]
fn the_digest_is_the_same_whoever_builds_and_the_wheel_is_built_once() {
    let Some((env, _channel, _)) = ready() else { return };
    let first = digest(&env, &build(&["--cache-dir", "one"]));
    let again = ok(&env, &build(&["--cache-dir", "one"]));
    assert!(!again.stderr.contains("was built here"), "{again}");
    let env = env.umask(0o077).tz("Asia/Kathmandu").var("PYTHONHASHSEED", "7");
    assert_eq!(digest(&env, &build(&["--cache-dir", "two"])), first);
    env.write("tool/tool.py", "kind = 'changed'\n");
    assert_ne!(digest(&env, &build(&["--cache-dir", "one"])), first);
}

#[test]
fn a_wheel_for_all_platforms_serves_one_that_does_not_run_here() {
    let Some((env, _channel, version)) = ready() else { return };
    let foreign = ["build", "x.lock", "--base", "scratch", "--platform", "linux/arm64", "-o", "arm.tar"];
    let run = env.run(foreign);
    assert!(!run.success() && run.stderr.contains("does not run on this machine"), "{run}");
    ok(&env, &build(&[]));
    ok(&env, &foreign);
    let image = read_archive(&env.work().join("arm.tar"));
    let tool = &image.tree[&format!("opt/conda/lib/python{version}/site-packages/tool.py")];
    assert_eq!(tool.text(), "kind = 'built'\n");
}

#[test]
fn no_build_refuses_and_a_failure_quotes_the_backend() {
    let Some((env, _channel, _)) = ready() else { return };
    let run = env.run(build(&["--no-build"]));
    assert!(!run.success() && run.stderr.contains("--no-build forbids"), "{run}");
    env.write("tool/backend.py", "def build_wheel(*_): raise SystemExit('no luck today')\n");
    let run = env.run(build(&["-o", "image.tar"]));
    assert!(!run.success() && run.stderr.contains("no luck today") && run.stderr.contains("tool"), "{run}");
    assert!(!env.work().join("image.tar").exists());
}
