//! Two processes, one prefix.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Builder, World, options};
use mambox_prefix::{LockError, LockOptions, Prefix, lock};

const ROOT: &str = "MAMBOX_TEST_ROOT";

/// Not a test of its own: it holds the lock until it is killed, or until a file goes.
#[test]
#[ignore = "a helper"]
#[allow(clippy::disallowed_methods)] // the only way to hand something to a test
fn holder() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let root = std::path::Path::new(&root);
    let _guard = lock(&Prefix::new(root.join("env")).unwrap(), options().lock).unwrap();
    fs::write(root.join("held"), "").unwrap();
    while root.join("held").exists() {
        thread::sleep(Duration::from_millis(5));
    }
}

fn start(world: &World) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "holder"]).env(ROOT, world.root.path());
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while !world.root.path().join("held").exists() {
        thread::sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn a_held_lock_is_waited_for_and_its_holder_named() {
    let world = World::new();
    let mut child = start(&world);
    let hasty = LockOptions { use_lockfiles: true, timeout: Duration::from_millis(50) };
    let error = lock(&world.prefix, hasty).unwrap_err();
    assert!(matches!(&error, LockError::Held { holder, .. } if *holder == format!("process {}", child.id())));
    insta::assert_snapshot!(
        error.to_string().replace(&child.id().to_string(), "PID").replace(world.root.path().to_str().unwrap(), ""),
        @"process PID is working on this environment and holds /env/conda-meta/.mambox.lock; waited 0 s for it. Wait until it is done, or raise lock_timeout"
    );
    // Without lock files nobody is waited for.
    lock(&world.prefix, LockOptions { use_lockfiles: false, ..hasty }).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begin = Instant::now();
            world.install(&[Builder::new("a", "1.0").file("f", "").build(&world.cache)]);
            begin.elapsed()
        });
        thread::sleep(Duration::from_millis(200));
        assert!(!world.exists("f"), "it waits");
        fs::remove_file(world.root.path().join("held")).unwrap();
        assert!(waiting.join().unwrap() >= Duration::from_millis(150));
    });
    assert!(child.wait().unwrap().success());
    assert!(!world.exists("conda-meta/.mambox.lock"));
}

#[test]
fn the_lock_of_a_killed_process_is_free() {
    let world = World::new();
    let mut child = start(&world);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(world.exists("conda-meta/.mambox.lock"), "left behind");
    drop(lock(&world.prefix, LockOptions { use_lockfiles: true, timeout: Duration::ZERO }).unwrap());
    assert!(!world.exists("conda-meta/.mambox.lock"));
}
