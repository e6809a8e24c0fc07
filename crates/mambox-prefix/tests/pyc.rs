//! `.pyc` files, made by a real python where the machine has one, and by scripts in its place.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Builder, Told, World, options};
use mambox_prefix::{Event, Observer, Options, Package, Plan, TransactionError, apply};

/// The machine's python as a package.
fn real_python(cache: &Path) -> Option<(Package, String)> {
    let ask = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    let output = Command::new("/usr/bin/python3").args(["-c", ask]).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    let package = Builder::new("python", &version).link("bin/python", "/usr/bin/python3").build(cache);
    let minor = version.rsplit_once('.')?.0.to_owned();
    Some((package, minor))
}

fn rich(cache: &Path) -> Package {
    let many = (0..150).fold(Builder::new("rich", "13.0"), |package, number| {
        package.file(&format!("site-packages/rich/m{number}.py"), format!("x = {number}\n"))
    });
    many.noarch_python()
        .file("site-packages/rich/bad.py", "this is no python\n")
        .file("site-packages/rich/warns.py", "x = '\\d'\n")
        .file("site-packages/rich/made.py", "x = 1\n")
        .build(cache)
}

#[test]
fn sources_of_noarch_packages_are_compiled_and_listed() {
    let world = World::new();
    let Some((python, minor)) = real_python(&world.cache) else {
        println!("skipped: no /usr/bin/python3");
        return;
    };
    let told = Told::default();
    let applied = world.try_change(&[], &[python.clone(), rich(&world.cache)], &options(), &told).unwrap();
    assert_eq!(applied.compiled, 152, "all but the one that does not compile: {}", told.warnings());
    assert_eq!(told.warnings(), "");
    let folder = format!("lib/python{minor}/site-packages/rich");
    let pyc = |name: &str| format!("{folder}/__pycache__/{name}.cpython-{}.pyc", minor.replace('.', ""));
    let bytes = fs::read(world.prefix.path().join(pyc("m7"))).unwrap();
    assert_eq!(bytes[4..8], [0; 4], "valid by time and size");
    assert!(
        bytes
            .windows(world.prefix.text_len())
            .any(|at| at == world.prefix.path().as_os_str().as_encoded_bytes())
    );
    let record: serde_json::Value = serde_json::from_str(&world.read("conda-meta/rich-13.0-0.json")).unwrap();
    let listed = record["paths_data"]["paths"].as_array().unwrap();
    let listed = listed.iter().filter(|path| path["path_type"] == "pyc_file").count();
    assert_eq!(listed, 152);
    assert!(!world.exists(&pyc("bad")));
    world.change(&["rich"], &[]);
    assert!(!world.exists(&folder));
    let options = Options { compile_pyc: false, ..options() };
    world.try_change(&[], &[rich(&world.cache)], &options, &Told::default()).unwrap();
    assert!(!world.exists(&format!("{folder}/__pycache__")));
}

trait TextLen {
    fn text_len(&self) -> usize;
}

impl TextLen for mambox_prefix::Prefix {
    fn text_len(&self) -> usize {
        self.path().as_os_str().len()
    }
}

#[test]
fn a_python_that_fails_is_a_warning() {
    let world = World::new();
    let python = Builder::new("python", "3.12.1")
        .script("bin/python", "#!/bin/sh\necho broken >&2\nexit 1\n")
        .build(&world.cache);
    let told = world.install(&[python, rich(&world.cache)]);
    insta::assert_snapshot!(told.warnings(), @"not all .pyc files could be made (exit status: 1) broken");
    assert!(world.exists("conda-meta/rich-13.0-0.json"));
    assert!(!world.read("conda-meta/rich-13.0-0.json").contains("pyc_file"));
}

#[test]
fn cancelling_ends_python_and_takes_everything_back() {
    let world = World::new();
    let python = Builder::new("python", "3.12.1")
        .script("bin/python", "#!/bin/sh\nexec sleep 60\n")
        .build(&world.cache);
    struct OnCompiling(AtomicBool);
    impl Observer for OnCompiling {
        fn event(&self, event: Event) {
            self.0.fetch_or(matches!(event, Event::Compiling { .. }), Ordering::Relaxed);
        }
    }
    let on = OnCompiling(AtomicBool::new(false));
    let plan = Plan { remove: Vec::new(), install: vec![python, rich(&world.cache)] };
    let error = apply(&world.prefix, &plan, &options(), &on.0, &on).unwrap_err();
    assert!(matches!(error, TransactionError::Cancelled), "{error}");
    assert!(!world.prefix.path().exists(), "{}", world.listing());
}
