//! Transactions that something comes in the way of: the micromamba reference, section 4 ("failed transactions roll
//! back"), and what it names as pains in section 7.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mambox_testkit::{Fault, FaultKind, HttpServer, LocalChannel, PackageBuilder, TestEnv};
use rustix::process::{Pid, Signal, kill_process};

use crate::lab::leaf;
use crate::trees::tree;

/// A root prefix of its own, and its path.
fn place() -> (TestEnv, PathBuf) {
    let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba"));
    let root = env.root().join("opt");
    (env.var("MAMBA_ROOT_PREFIX", &root).var("PATH", "/usr/bin:/bin"), root)
}

fn start(env: &TestEnv, line: &str) -> Child {
    let mut command = env.command(crate::words::split(line));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn succeed(env: &TestEnv, line: &str) {
    let run = env.run(crate::words::split(line));
    assert!(run.success(), "{line}\n{run}");
}

fn served() -> (LocalChannel, HttpServer, String) {
    let channel = LocalChannel::with(&[
        leaf("1.0"),
        leaf("2.0"),
        PackageBuilder::new("oak", "1.0").file("share/oak", "oak\n").build(),
        PackageBuilder::new("branch", "1.0").depends("leaf >=1").build(),
        PackageBuilder::new("wants-new", "1.0").depends("leaf >=2").build(),
    ]);
    let server = HttpServer::serve_dir(channel.path());
    let url = server.url().to_string();
    (channel, server, url)
}

/// A damaged download names its package and leaves everything as it was.
#[test]
fn a_wrong_hash_leaves_the_prefix_alone() {
    let (_channel, server, url) = served();
    let (env, root) = place();
    succeed(&env, &format!("install -y -n base -c {url} leaf=1.0"));
    let before = tree(&root);
    server.fail(Fault::new("leaf-2.0-0.conda", FaultKind::Corrupt).always());
    let run = env.run(["install", "-y", "-n", "base", "-c", &url, "leaf=2.0", "oak"]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.stderr.contains("leaf-2.0-0") && run.stderr.contains("sha256"), "{run}");
    assert_eq!(tree(&root), before);
}

/// Ctrl-C while packages come: nothing was touched.
#[test]
fn an_interrupt_leaves_the_prefix_alone() {
    let (_channel, server, url) = served();
    let (env, root) = place();
    server.fail(Fault::new("oak-1.0-0.conda", FaultKind::Delay(Duration::from_secs(60))).always());
    let child = start(&env, &format!("install -y -n base -c {url} oak"));
    // Recorded only once it was answered: the repodata tells that the package comes next.
    while !server.log(false).contains("noarch/repodata") {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(700));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("Interrupted"), "{told}");
    assert!(!root.join("conda-meta").exists() && !root.join("share").exists());
}

/// Two at once on one prefix: the second waits, and both are there in the end.
#[test]
fn two_installs_at_once() {
    let (_channel, _server, url) = served();
    let (env, root) = place();
    let both = ["leaf", "oak"].map(|name| start(&env, &format!("install -y -n base -c {url} {name}")));
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(root.join("share/leaf").exists() && root.join("share/oak").exists());
    assert!(
        root.join("conda-meta/leaf-2.0-0.json").exists() && root.join("conda-meta/oak-1.0-0.json").exists()
    );
}

/// Both want `leaf`, and whoever comes second finds it there.
#[test]
fn two_installs_that_share_a_dependency() {
    let (_channel, _server, url) = served();
    for _ in 0..5 {
        let (env, root) = place();
        let both =
            ["branch", "wants-new"].map(|name| start(&env, &format!("install -y -n base -c {url} {name}")));
        for child in both {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let has = |record: &str| root.join("conda-meta").join(record).exists();
        assert!(has("leaf-2.0-0.json") && has("branch-1.0-0.json") && has("wants-new-1.0-0.json"));
    }
}

/// Several at once on one cache: each environment is whole.
#[test]
fn many_creates_with_one_cache() {
    let (_channel, _server, url) = served();
    let (env, root) = place();
    let all: Vec<Child> =
        (0..4).map(|n| start(&env, &format!("create -y -n e{n} -c {url} leaf oak"))).collect();
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for n in 1..4 {
        assert_eq!(tree(&root.join("envs/e0")).len(), tree(&root.join(format!("envs/e{n}"))).len());
    }
}

/// A second package cache is read, never written: everything new goes to the first.
#[test]
fn a_second_cache_is_read() {
    let (_channel, server, url) = served();
    let (env, root) = place();
    let (first, second) = (env.root().join("first"), env.root().join("second"));
    let only_second = format!("{}", second.display());
    let env = env.var("CONDA_PKGS_DIRS", &only_second);
    succeed(&env, &format!("install -y -n base -c {url} --download-only leaf"));
    let before = mambox_testkit::read_tree(&second);
    let env = env.var("CONDA_PKGS_DIRS", format!("{},{only_second}", first.display()));
    server.fail(Fault::status("leaf-2.0-0.conda", 500).always());
    succeed(&env, &format!("install -y -n base -c {url} leaf oak"));
    assert!(root.join("share/leaf").exists());
    assert_eq!(mambox_testkit::read_tree(&second).len(), before.len());
}

/// A full disk is told as such, by what it was for.
#[test]
fn a_full_disk_is_told() {
    let large = PackageBuilder::new("large", "1.0").file("share/large", noise(4 << 20)).build();
    let channel = LocalChannel::with(&[large]);
    let (env, root) = place();
    std::fs::create_dir_all(root.join("pkgs")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=1m none {pkgs} || exit 77; exec {exe} install -y -n base -c {channel} large",
        pkgs = root.join("pkgs").display(),
        exe = env!("CARGO_BIN_EXE_micromamba"),
        channel = channel.path().display()
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "/bin/sh", "-c", &script]).env("MAMBA_ROOT_PREFIX", &root).env("HOME", env.home());
    let Some(output) = command
        .output()
        .ok()
        .filter(|output| output.status.code() == Some(1) && output.stderr.starts_with(b"critical"))
    else {
        mambox_testkit::skip("a full disk", "no file system can be mounted here");
        return;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("full"), "{told}");
    assert!(!root.join("share/large").exists());
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}
