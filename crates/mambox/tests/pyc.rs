//! `.pyc` files of noarch python packages, made by a python in a sandbox: this machine's, as a package.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod common;

use common::python::{python_here, python_package};
use common::{digest, mambox, ok, read_archive};
use mambox_testkit::{BuiltPackage, LocalChannel, PackageBuilder, RootFs, TestEnv, no_sandbox};

const PLATFORM: &str = "linux/amd64";

fn skip<T>(why: &str) -> Option<T> {
    mambox_testkit::skip("compiling noarch packages", why);
    None
}

fn tool() -> BuiltPackage {
    PackageBuilder::new("tool", "1.0")
        .noarch_python()
        .depends("python")
        .entry_point("tool", "tool.cli", "main")
        .site_package("tool/__init__.py", "")
        .site_package("tool/cli.py", "def main():\n    return 'x' in {'a', 'b', 'c', 'd'}\n")
        .site_package("tool/template.py", "import {{ name }}\n")
        .build()
}

/// A channel with python and a package, and a base on which python runs; `None`, with a line that says why, where
/// this machine has no python or no sandbox.
fn ready() -> Option<(TestEnv, LocalChannel, String)> {
    if let Some(why) = no_sandbox() {
        return skip(&why);
    }
    let Some([version, executable, library]) = python_here() else {
        return skip("this machine has no python3");
    };
    let channel = LocalChannel::with(&[python_package(&version, &executable, &library).build(), tool()]);
    let env = mambox()
        .var("PATH", "/usr/local/bin:/usr/bin:/bin")
        .redact(&version, "[X.Y]")
        .redact_pattern(r"SyntaxError: .*\)\)", "SyntaxError: [WHY])")
        .redact_pattern(r"(layer     python-.*) \(.*\)", "$1 ([SIZE])");
    let base = RootFs::debian("2.36").programs_of_this_machine(&[&executable]);
    env.write("good.tar", base.tar());
    Some((env, channel, version))
}

fn build<'a>(channel: &'a LocalChannel, base: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    let channel = channel.path().to_str().expect("UTF-8");
    let words = ["build", "-p", "tool", "--channel", channel, "--base", base];
    [&words, ["--platform", PLATFORM].as_slice(), further].concat()
}

const GOOD: &str = "rootfs:good.tar";

#[test]
fn noarch_packages_are_compiled() {
    let Some((env, channel, version)) = ready() else { return };
    let run = ok(&env, &build(&channel, GOOD, &["--jobs", "1", "-o", "image.tar"]));
    insta::assert_snapshot!(run.stderr, @r"
    base      rootfs:good.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    run       unpack the image for python
    tool-1.0-0.conda: python does not compile lib/python[X.Y]/site-packages/tool/template.py (SyntaxError: [WHY])
    layer     tool-1.0-0 (1.4 kB)
    layer     python-[X.Y].0-h0_0_cpython ([SIZE])
    write     image.tar
    ");
    let image = read_archive(&env.work().join("image.tar"));
    let folder = format!("opt/conda/lib/python{version}/site-packages/tool");
    let pyc = format!("{folder}/__pycache__/cli.cpython-{}.pyc", version.replace('.', ""));
    let made: Vec<&str> =
        image.tree.keys().map(String::as_str).filter(|path| path.ends_with(".pyc")).collect();
    assert_eq!(made, [pyc.replace("cli.", "__init__."), pyc.clone()]);
    assert_eq!(image.tree[&pyc].content()[4..8], [1, 0, 0, 0], "valid by an unchecked hash");
    assert_eq!(image.tree[&pyc].mtime, image.tree[&format!("{folder}/cli.py")].mtime);
    let record = image.tree["opt/conda/conda-meta/tool-1.0-0.json"].text();
    assert_eq!(record.matches("\"pyc_file\"").count(), 2, "{record}");
    let recipe = image.tree["opt/conda/conda-meta/mambox/recipe.json"].text();
    assert!(recipe.contains("\"pyc\":\"unchecked-hash\""), "{recipe}");

    let channel = channel.path().to_str().expect("UTF-8");
    let verified = ok(&env, &["verify", "image.tar", "--channel", channel]);
    assert!(verified.stdout.contains("the same to the byte"), "{verified}");
    let left: Vec<_> = std::fs::read_dir(env.root().join("cache/mambox/roots")).unwrap().collect();
    assert!(left.is_empty(), "python's files are removed again");
}

#[test]
fn the_digest_depends_on_nothing_of_the_machine() {
    let Some((env, channel, _)) = ready() else { return };
    let one = digest(&env, &build(&channel, GOOD, &["--cache-dir", "one", "--jobs", "1"]));
    let env = env.var("PYTHONHASHSEED", "random").var("PYTHONOPTIMIZE", "2").umask(0o077).tz("Asia/Tokyo");
    let other = digest(&env, &build(&channel, GOOD, &["--cache-dir", "two", "--jobs", "7"]));
    assert_eq!(one, other);
    // The layers are in the cache now, and what is there needs no sandbox.
    let env = env.var("PATH", "/nowhere");
    assert_eq!(digest(&env, &build(&channel, GOOD, &["--cache-dir", "one"])), one);
}

#[test]
fn without_a_sandbox_they_are_left_out_with_a_warning() {
    let Some((env, channel, _)) = ready() else { return };
    let off = digest(&env, &build(&channel, GOOD, &["--pyc", "off"]));
    let on = digest(&env, &build(&channel, GOOD, &[]));
    assert_ne!(off, on);
    let env = env.var("PATH", "/nowhere");
    let words = build(&channel, GOOD, &["--cache-dir", "empty", "--jobs", "1"]);
    let run = ok(&env, &words);
    let warnings: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"warning: noarch python packages and wheels have no .pyc files and start more slowly: no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap` or `apk add bubblewrap`) (--pyc off: the same without this warning)");
    assert_eq!(digest(&env, &words), off);
    let quiet = ok(&env, &build(&channel, GOOD, &["--pyc", "off", "--cache-dir", "another"]));
    assert!(!quiet.stderr.contains("warning"), "{quiet}");
}

#[test]
fn on_a_base_where_python_does_not_start_they_are_left_out_with_a_warning() {
    let Some((env, channel, _)) = ready() else { return };
    // Its libc is a fake, and there is no loader.
    let run = ok(&env, &build(&channel, "rootfs:base.tar", &["--jobs", "1"]));
    let warnings: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"warning: noarch python packages and wheels have no .pyc files and start more slowly: /opt/conda/bin/python[X.Y] of the environment does not start on this base (No such file or directory) (--pyc off: the same without this warning)");
}

#[test]
fn the_project_file_can_turn_it_off() {
    let Some((env, channel, _)) = ready() else { return };
    let text = format!("channels:\n  - {}\ndependencies:\n  - tool\n", channel.url());
    env.write("environment.yml", text);
    let words = ["build", "environment.yml", "--base", GOOD, "--platform", PLATFORM];
    let on = digest(&env, &words);
    env.write("mambox.toml", "pyc = \"off\"\n");
    let off = digest(&env, &words);
    assert_ne!(on, off);
    assert_eq!(digest(&env, &[&words, ["--pyc", "on"].as_slice()].concat()), on, "the command line wins");
}
