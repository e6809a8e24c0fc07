//! How long a transaction takes against `cp -al` of the same extracted packages.
//!
//! `cargo run --release -p mambox-prefix --example link_speed -- FOLDER`: makes 60 packages of about 20 000 files in FOLDER,
//! and installs them three times by each of both. One file in 50 holds the prefix.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // an experiment

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use mambox_prefix::{
    Event, History, LinkPolicy, LockOptions, Observer, Options, Package, Plan, Prefix, apply,
};
use serde_json::json;

const PACKAGES: usize = 60;
const FILES: usize = 333;
const PLACEHOLDER: &str = "/placehold_placehold_placehold_placehold_placehold_placehold_placehold";

struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event) {}
}

fn package(cache: &Path, number: usize) -> Package {
    let name = format!("package{number}");
    let folder = cache.join(format!("{name}-1.0-0"));
    let mut paths = Vec::new();
    for file in 0..FILES {
        let path = format!("lib/python3.12/site-packages/{name}/part{}/module_{file}.py", file / 25);
        let full = folder.join(&path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        let text = format!("# {PLACEHOLDER}/{file}\n").repeat(40);
        fs::write(full, &text).unwrap();
        let mut entry = json!({
            "_path": path, "path_type": "hardlink", "size_in_bytes": text.len(),
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        });
        if file % 50 == 0 {
            entry["file_mode"] = json!("text");
            entry["prefix_placeholder"] = json!(PLACEHOLDER);
        }
        paths.push(entry);
    }
    let index = json!({
        "name": name, "version": "1.0", "build": "0", "build_number": 0, "subdir": "linux-64", "depends": [],
    });
    fs::create_dir_all(folder.join("info")).unwrap();
    fs::write(folder.join("info/index.json"), index.to_string()).unwrap();
    fs::write(folder.join("info/paths.json"), json!({"paths_version": 1, "paths": paths}).to_string())
        .unwrap();
    let mut record = index;
    record["fn"] = json!(format!("{name}-1.0-0.conda"));
    record["url"] = json!(format!("https://host.example/forge/linux-64/{name}-1.0-0.conda"));
    let record = serde_json::from_value(record).unwrap();
    Package { record, folder, archive: None, requested_spec: None }
}

fn options() -> Options {
    Options {
        root_prefix: PathBuf::from("/opt/conda"),
        links: LinkPolicy::default(),
        compile_pyc: false,
        run_link_scripts: true,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        environment: BTreeMap::new(),
        history: History::default(),
        variables: BTreeMap::new(),
        lock: LockOptions { use_lockfiles: true, timeout: Duration::from_secs(1) },
    }
}

fn main() {
    let root = PathBuf::from(std::env::args_os().nth(1).expect("a folder"));
    let cache = root.join("pkgs");
    fs::create_dir_all(&cache).unwrap();
    let install: Vec<Package> = (0..PACKAGES).map(|number| package(&cache, number)).collect();
    for round in 0..3 {
        let target = root.join("copy");
        let begin = Instant::now();
        for package in &install {
            fs::create_dir_all(&target).unwrap();
            let from = package.folder.join("lib");
            let copied = Command::new("cp").arg("-al").arg(from).arg(&target).status().unwrap();
            assert!(copied.success());
        }
        let copied = begin.elapsed();
        fs::remove_dir_all(target).unwrap();
        let prefix = Prefix::new(root.join("env")).unwrap();
        let plan = Plan { remove: Vec::new(), install: install.clone() };
        let begin = Instant::now();
        apply(&prefix, &plan, &options(), &AtomicBool::new(false), &Silent).unwrap();
        let linked = begin.elapsed();
        let plan = Plan { remove: prefix.records().unwrap(), install: Vec::new() };
        let begin = Instant::now();
        apply(&prefix, &plan, &options(), &AtomicBool::new(false), &Silent).unwrap();
        let removed = begin.elapsed();
        fs::remove_dir_all(prefix.path()).unwrap();
        println!("round {round}: cp -al {copied:?}, transaction {linked:?}, removal {removed:?}");
    }
    fs::remove_dir_all(cache).unwrap();
}
