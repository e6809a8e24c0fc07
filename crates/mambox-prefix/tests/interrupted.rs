//! Transactions that fail, are cancelled, or are killed: the prefix is as it was.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{Builder, PLACEHOLDER, Told, World, options, write};
use mambox_prefix::{Event, Observer, Package, Plan, Prefix, Recovered, TransactionError, apply, recover};

/// How often the helper is killed.
const KILLS: u32 = 60;
/// Names the root of the world that [`helper`] works in.
const ROOT: &str = "MAMBOX_TEST_ROOT";

fn old(cache: &Path) -> Package {
    let many = (0..200).fold(Builder::new("a", "1.0"), |package, number| {
        package.file(&format!("lib/a{}/{number}.py", number % 9), format!("old {number}"))
    });
    many.file("turns", "file").file("other", "old").link("lib/link", "a1").build(cache)
}

fn new(cache: &Path) -> Package {
    let many = (0..200).fold(Builder::new("a", "2.0"), |package, number| {
        package.file(&format!("lib/a{}/{number}.py", number % 7), format!("new {number}"))
    });
    many.file("turns/into/folder", "").patched("other", "text", PLACEHOLDER).build(cache)
}

fn more(cache: &Path) -> Package {
    let many = (0..300).fold(Builder::new("b", "1.0"), |package, number| {
        package.file(&format!("share/b{}/{number}", number % 30), format!("b {number}"))
    });
    many.file("mine", "theirs").build(cache)
}

/// A prefix with `a`, bytecode that python made, and a file of the user; and what is to come.
fn before() -> (World, Vec<Package>) {
    let world = World::new();
    set_up(&world, &old(&world.cache));
    let install = vec![new(&world.cache), more(&world.cache)];
    (world, install)
}

fn set_up(world: &World, old: &Package) {
    world.install(std::slice::from_ref(old));
    write(&world.prefix.path().join("lib/a1/__pycache__/1.cpython-312.pyc"), b"made by python", 0o644);
    write(&world.prefix.path().join("mine"), b"mine", 0o600);
}

/// Without what a killed process leaves and the next one takes over.
fn tree(world: &World) -> BTreeMap<String, String> {
    let mut tree = world.tree();
    tree.remove("conda-meta/.mambox.lock");
    tree
}

#[track_caller]
fn assert_same(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>, when: &str) {
    let odd = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| {
        a.iter()
            .filter(|(path, what)| b.get(*path) != Some(*what))
            .map(|(path, _)| path.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!((odd(found, expected), odd(expected, found)), (Vec::new(), Vec::new()), "{when}");
}

/// Sets a flag at an event.
struct CancelAt<'a> {
    after: usize,
    seen: AtomicUsize,
    cancel: &'a AtomicBool,
}

impl Observer for CancelAt<'_> {
    fn event(&self, _: Event) {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed);
        self.cancel.fetch_or(seen >= self.after, Ordering::Relaxed);
    }
}

#[test]
fn a_cancelled_transaction_changes_nothing() {
    let (world, install) = before();
    let plan = Plan { remove: world.records(&["a"]), install };
    let expected = world.tree();
    let mut cancelled = 0;
    for after in 0..10 {
        let cancel = AtomicBool::new(false);
        let on = CancelAt { after, seen: AtomicUsize::new(0), cancel: &cancel };
        let result = apply(&world.prefix, &plan, &options(), &cancel, &on);
        let Err(error) = result else { break };
        assert!(matches!(error, TransactionError::Cancelled), "{error}");
        assert_same(&world.tree(), &expected, &format!("cancelled after event {after}"));
        cancelled += 1;
    }
    assert!(cancelled >= 4, "a warning, unlinking and twice linking: {cancelled}");
}

#[test]
fn a_failure_in_the_middle_changes_nothing() {
    let (world, mut install) = before();
    let expected = world.tree();
    let bad =
        Builder::new("bad", "1.0").patched("bin/x", "binary", format!("{PLACEHOLDER}\0")).build(&world.cache);
    // The cache is damaged after its check: by then files have been linked.
    install.push(bad.clone());
    let plan = Plan { remove: world.records(&["a"]), install };
    struct Damage(Package);
    impl Observer for Damage {
        fn event(&self, event: Event) {
            if matches!(event, Event::Linking { dist } if dist.starts_with("bad")) {
                fs::remove_file(self.0.folder.join("bin/x")).unwrap();
            }
        }
    }
    let error = apply(&world.prefix, &plan, &options(), &AtomicBool::new(false), &Damage(bad)).unwrap_err();
    assert!(matches!(error, TransactionError::Io { .. }), "{error}");
    assert_same(&world.tree(), &expected, "after a failure");
}

/// Not a test of its own: [`killed_anywhere_and_recovered`] starts it as a process.
#[test]
#[ignore = "a helper"]
#[allow(clippy::disallowed_methods)] // the only way to hand something to a test
fn helper() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let root = Path::new(&root);
    let prefix = Prefix::new(root.join("env")).unwrap();
    if root.join("only-recover").exists() {
        recover(&prefix, options().lock).unwrap();
        return;
    }
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root.join("plan.json")).unwrap()).unwrap();
    let goes = |name: &str| plan["remove"].as_array().unwrap().iter().any(|other| other == name);
    let remove = prefix.records().unwrap().into_iter().filter(|record| goes(record.name().as_normalized()));
    let install = plan["install"].as_array().unwrap().iter().map(|package| Package {
        record: serde_json::from_value(package["record"].clone()).unwrap(),
        folder: package["folder"].as_str().unwrap().into(),
        archive: None,
        requested_spec: None,
    });
    let plan = Plan { remove: remove.collect(), install: install.collect() };
    let mut options = options();
    options.lock.use_lockfiles = !root.join("no-lock").exists();
    apply(&prefix, &plan, &options, &AtomicBool::new(false), &Told::default()).unwrap();
}

/// Tells the helper what to do.
fn tell(world: &World, remove: &[&str], install: &[Package]) {
    let package = |package: &Package| serde_json::json!({"record": package.record, "folder": package.folder});
    let install: Vec<_> = install.iter().map(package).collect();
    let plan = serde_json::json!({"remove": remove, "install": install});
    fs::write(world.root.path().join("plan.json"), plan.to_string()).unwrap();
}

fn start(world: &World) -> std::process::Child {
    let this = std::env::current_exe().unwrap();
    let helper = ["--ignored", "--exact", "helper", "--test-threads=1"];
    let mut command = Command::new(this);
    command.args(helper).env(ROOT, world.root.path()).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).spawn().unwrap()
}

/// Lets the helper come to its transaction, if it has one, and kills it a while later.
fn kill_after(world: &World, time: Duration) {
    let mut child = start(world);
    wait_for_transaction(world, &mut child);
    thread::sleep(time);
    let _ = child.kill();
    child.wait().unwrap();
}

fn wait_for_transaction(world: &World, child: &mut std::process::Child) {
    let folder = world.prefix.path().join("conda-meta/.transaction");
    while !folder.exists() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_micros(50));
    }
}

#[test]
fn killed_anywhere_and_recovered() {
    let (world, install) = before();
    let old = world.records(&["a"])[0].repodata_record.clone();
    let old =
        Package { record: old, folder: world.cache.join("a-1.0-0"), archive: None, requested_spec: None };
    let again = || {
        fs::remove_dir_all(world.prefix.path()).unwrap();
        set_up(&world, &old);
    };
    again();
    tell(&world, &["a"], &install);
    let expected = world.tree();
    // What a whole run takes, and leaves.
    let mut child = start(&world);
    wait_for_transaction(&world, &mut child);
    let begin = Instant::now();
    assert!(child.wait().unwrap().success());
    let whole = begin.elapsed();
    let clean = tree(&world);
    again();
    let (mut back, mut done) = (0, 0);
    for number in 0..KILLS {
        kill_after(&world, whole.mul_f64(f64::from(number) / f64::from(KILLS)));
        if number % 3 == 0 {
            // Recovery may be killed, too.
            fs::write(world.root.path().join("only-recover"), "").unwrap();
            kill_after(&world, Duration::from_micros(u64::from(number) * 200));
            fs::remove_file(world.root.path().join("only-recover")).unwrap();
        }
        let recovered = recover(&world.prefix, options().lock).unwrap();
        back += u32::from(matches!(recovered, Recovered::RolledBack { .. }));
        if world.exists("conda-meta/a-2.0-0.json") {
            assert_same(&tree(&world), &clean, &format!("kill {number}: it was done"));
            done += 1;
            again();
        } else {
            assert_same(&tree(&world), &expected, &format!("kill {number}: it was taken back"));
        }
    }
    println!("{KILLS} kills: {back} rolled back at the end, {done} were done");
    assert!(back > 0, "no kill hit a transaction");
    assert!(start(&world).wait().unwrap().success());
    assert_same(&tree(&world), &clean, "after all");
}

#[test]
fn a_fresh_prefix_goes_again() {
    let world = World::new();
    tell(&world, &[], &[old(&world.cache), more(&world.cache)]);
    let mut back = 0;
    for number in 0..12 {
        kill_after(&world, Duration::from_micros(number * 1500));
        match recover(&world.prefix, options().lock).unwrap() {
            Recovered::RolledBack { installed, .. } => {
                assert_eq!(installed, ["a-1.0-0", "b-1.0-0"]);
                assert!(!world.prefix.path().exists(), "{}", world.listing());
                back += 1;
            }
            // Before the journal nothing is known of who made the folder.
            Recovered::Nothing if !world.prefix.is_environment() => {
                let left: Vec<String> = tree(&world).into_keys().collect();
                assert!(left.is_empty() || left == ["conda-meta"], "{left:?}");
            }
            _ => assert!(world.exists("conda-meta/b-1.0-0.json")),
        }
        let _ = fs::remove_dir_all(world.prefix.path());
    }
    println!("{back} of 12 were taken back");
}

/// Programs that a killed transaction had started are waited for, since they write into the prefix.
#[test]
fn what_outlives_a_killed_transaction_keeps_the_lock() {
    let world = World::new();
    let slow = "#!/bin/sh\ntouch ../started\nsleep 1\ntouch lib/python3.12/site-packages/m.py\n";
    let python = Builder::new("python", "3.12.1").script("bin/python", slow).build(&world.cache);
    let module = Builder::new("m", "1.0").noarch_python().file("site-packages/m.py", "").build(&world.cache);
    tell(&world, &[], &[python, module]);
    let mut child = start(&world);
    while !world.root.path().join("started").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let hasty = mambox_prefix::LockOptions { timeout: Duration::ZERO, ..options().lock };
    let error = recover(&world.prefix, hasty).unwrap_err();
    assert!(matches!(error, TransactionError::Lock(_)), "{error}");
    let recovered = recover(&world.prefix, options().lock).unwrap();
    assert!(matches!(recovered, Recovered::RolledBack { .. }));
    assert!(!world.prefix.path().exists(), "{}", world.listing());
}

#[test]
fn the_next_transaction_recovers_by_itself() {
    let (world, _) = before();
    let expected = world.tree();
    // As a process leaves it that was killed before it had moved anything.
    let folder = world.prefix.path().join("conda-meta/.transaction");
    fs::create_dir_all(folder.join("trash")).unwrap();
    let journal = serde_json::json!({
        "version": 1, "remove": ["a-1.0-0"], "install": ["a-2.0-0"],
        "moved": [{"path": "mine", "is_folder": false}], "created": ["mine"], "folders": [], "emptied": [],
        "history": 1_000_000, "made_meta": false, "made_prefix": false,
    });
    fs::write(folder.join("removing"), journal.to_string()).unwrap();
    fs::rename(world.prefix.path().join("mine"), folder.join("trash/0")).unwrap();
    let told = Told::default();
    let applied = world.try_change(&[], &[], &options(), &told).unwrap();
    assert!(matches!(applied.recovered, Recovered::RolledBack { .. }));
    assert!(matches!(told.0.lock().unwrap()[0], Event::Recovered(_)));
    assert_eq!(world.read("mine"), "mine");
    assert_eq!(world.tree().len(), expected.len());
}

/// Without a lock, a transaction is taken for interrupted only when its process is gone.
#[test]
fn a_living_transaction_is_not_taken_back() {
    let world = World::new();
    let slow = "#!/bin/sh\ntouch ../started\nexec sleep 5\n";
    let python = Builder::new("python", "3.12.1").script("bin/python", slow).build(&world.cache);
    let module = Builder::new("m", "1.0").noarch_python().file("site-packages/m.py", "").build(&world.cache);
    fs::write(world.root.path().join("no-lock"), "").unwrap();
    tell(&world, &[], &[python, module]);
    let mut child = start(&world);
    while !world.root.path().join("started").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    let none = mambox_prefix::LockOptions { use_lockfiles: false, ..options().lock };
    let error = recover(&world.prefix, none).unwrap_err();
    assert!(error.to_string().starts_with(&format!("process {} is working", child.id())), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(recover(&world.prefix, none).unwrap(), Recovered::RolledBack { .. }));
    assert!(!world.prefix.path().exists(), "{}", world.listing());
}

#[test]
fn a_journal_of_a_newer_version_is_not_guessed_at() {
    let (world, _) = before();
    let folder = world.prefix.path().join("conda-meta/.transaction");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("linking"), r#"{"version": 2}"#).unwrap();
    let error = recover(&world.prefix, options().lock).unwrap_err();
    assert!(matches!(error, TransactionError::Journal { .. }), "{error}");
    assert!(folder.join("linking").exists());
}
