//! pip is the oracle: the layers of wheels, laid over one another, are what `pip install` leaves in a virtual environment
//! at the prefix: paths, content, who may be executed.
//!
//! Excepted are who installed it (`INSTALLER`, `REQUESTED`), RECORD's order, and the wording of entry points, which
//! differs between releases of pip: their interpreter and what they import and call must be the same. Scripts without an
//! x become executable here alone. Headers lie elsewhere in a virtual environment than in others.
#![allow(clippy::disallowed_methods, reason = "the environment names the folder of real wheels")]

mod common;
#[path = "common/pip.rs"]
mod pip;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mambox_layer::{Wheel, WheelArchive};
use mambox_oci::Digest;
use mambox_testkit::{Entry, EntryKind, PackageBuilder, WheelBuilder, flatten, skip};
use proptest::prelude::*;

use common::wheels::{build_wheels_on, wheel};
use common::{lock, options_at};
use pip::Venv;

/// Wheels in a folder, and how pip is asked for them.
struct Wheels {
    wheels: Vec<(Wheel, WheelArchive)>,
    requirements: Vec<String>,
}

impl Wheels {
    fn read(folder: &Path, file_names: &[String]) -> Self {
        let (mut wheels, mut requirements) = (Vec::new(), Vec::new());
        for file_name in file_names {
            let archive = WheelArchive::at(folder.join(file_name), file_name);
            let metadata = archive.metadata().unwrap_or_else(|error| panic!("{error}"));
            let bytes = std::fs::read(folder.join(file_name)).expect("the wheel can be read");
            let wheel = Wheel {
                name: metadata.name.to_lowercase().replace(['_', '.'], "-"),
                version: metadata.version.clone(),
                file_name: file_name.clone(),
                sha256: Digest::of(&bytes),
                size: bytes.len() as u64,
            };
            wheels.push((wheel, archive));
            requirements.push(format!("{}=={}", metadata.name, metadata.version));
        }
        Self { wheels, requirements }
    }

    /// The paths of entry points.
    fn entry_points(&self) -> BTreeSet<String> {
        let metadata = self.wheels.iter().map(|(_, archive)| archive.metadata().expect("it was read before"));
        metadata
            .flat_map(|metadata| metadata.entry_points)
            .map(|entry_point| format!("bin/{}", entry_point.command))
            .collect()
    }
}

/// Compares both; returns what is not the same, and the paths about which wheels quarrel, which count for nothing.
fn differences(venv: &Venv, folder: &Path, wheels: &Wheels) -> (Vec<String>, Vec<String>) {
    let prefix = venv.folder.to_str().expect("UTF-8");
    let python = PackageBuilder::python_interpreter(&format!("{}.0", venv.version), "").build();
    let built = build_wheels_on(&lock(&[python]), &wheels.wheels, &options_at(prefix));
    let built = built.unwrap_or_else(|error| panic!("{error}"));
    let below = format!("{}/", &prefix[1..]);
    let ours: BTreeMap<String, Entry> = flatten(&built.blobs)
        .into_iter()
        .filter(|(_, entry)| entry.kind != EntryKind::Directory)
        .map(|(path, entry)| (path.strip_prefix(&below).expect("in the prefix").to_owned(), entry))
        .collect();
    let theirs: BTreeMap<String, Entry> = venv
        .install(folder, &wheels.requirements)
        .into_iter()
        .filter(|(path, _)| !is_requested(path))
        .map(|(path, entry)| (home_of_headers(&path), entry))
        .collect();
    let quarrels: Vec<String> = built.conflicts.conflicts.into_iter().map(|conflict| conflict.path).collect();
    let comparison = Comparison { ours: &ours, theirs: &theirs, entry_points: wheels.entry_points() };
    let paths: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let paths = paths.into_iter().filter(|path| !quarrels.contains(path));
    let differences: Vec<String> =
        paths.filter_map(|path| comparison.of(path).err().map(|why| format!("{path}: {why}"))).collect();
    (differences, quarrels)
}

/// Of distributions themselves, not of those that setuptools carries along.
fn is_requested(path: &str) -> bool {
    path.ends_with(".dist-info/REQUESTED") && path.split('/').count() == 5
}

/// Virtual environments have their headers in `include/site`.
fn home_of_headers(path: &str) -> String {
    path.replace("include/site/python", "include/python")
}

struct Comparison<'a> {
    ours: &'a BTreeMap<String, Entry>,
    theirs: &'a BTreeMap<String, Entry>,
    entry_points: BTreeSet<String>,
}

impl Comparison<'_> {
    fn of(&self, path: &str) -> Result<(), String> {
        let ours = self.ours.get(path).ok_or("only pip has it")?;
        let theirs = self.theirs.get(path).ok_or("pip does not have it")?;
        let x = |entry: &Entry| entry.mode & 0o111 != 0;
        if x(ours) != x(theirs) && !(path.starts_with("bin/") && x(ours)) {
            return Err(format!("modes {:o} and {:o}", ours.mode, theirs.mode));
        }
        if path.ends_with(".dist-info/RECORD") {
            return self.records(ours.text(), theirs.text());
        }
        let same = if self.entry_points.contains(path) {
            calls(ours.text()) == calls(theirs.text())
        } else {
            path.ends_with(".dist-info/INSTALLER") || ours.kind == theirs.kind
        };
        if same { Ok(()) } else { Err(format!("{:?} and {:?}", ours.kind, theirs.kind)) }
    }

    /// pip copies lines: of what the wheel lacks, and hashes of other kinds.
    fn records(&self, ours: &str, theirs: &str) -> Result<(), String> {
        let (ours, theirs) = (rows(ours), rows(&home_of_headers(theirs)));
        let dist_info = |path: &str, name: &str| path.ends_with(&format!(".dist-info/{name}"));
        for (path, (hash, size)) in &ours {
            let (their_hash, their_size) = theirs.get(path).ok_or(format!("pip does not list {path}"))?;
            let script = path.strip_prefix("../../../");
            let excepted =
                dist_info(path, "INSTALLER") || script.is_some_and(|path| self.entry_points.contains(path));
            let comparable = !excepted && (their_hash.is_empty() || their_hash.starts_with("sha256="));
            if comparable && (hash != their_hash || (size != their_size && !their_size.is_empty())) {
                return Err(format!("{path}: {hash},{size} and {their_hash},{their_size}"));
            }
        }
        let site = self.ours.keys().find_map(|path| path.find("site-packages/").map(|at| &path[..at + 14]));
        let is_there = |path: &str| {
            let path =
                path.strip_prefix("../../../").map_or(format!("{}{path}", site.unwrap_or("")), str::to_owned);
            self.theirs.contains_key(&path)
        };
        match theirs.keys().find(|path| !ours.contains_key(*path) && is_there(path)) {
            Some(path) => Err(format!("pip lists {path}")),
            None => Ok(()),
        }
    }
}

/// Hash and size by path; the csv of RECORD, of which only paths are ever quoted.
fn rows(record: &str) -> BTreeMap<String, (String, String)> {
    let row = |line: &str| {
        let (rest, size) = line.rsplit_once(',')?;
        let (path, hash) = rest.rsplit_once(',')?;
        let quoted = path.strip_prefix('"').and_then(|path| path.strip_suffix('"'));
        let path = quoted.map_or(path.to_owned(), |path| path.replace("\"\"", "\""));
        Some((path, (hash.to_owned(), size.to_owned())))
    };
    record.lines().filter_map(row).collect()
}

/// Interpreter, import and call of an entry point.
fn calls(script: &str) -> Vec<String> {
    let mut lines = script.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let interpreter = match first {
        "#!/bin/sh" => lines.next().unwrap_or_default().split(['"', ' ']).find(|word| word.starts_with('/')),
        line => line.strip_prefix("#!"),
    };
    let code = lines.filter(|line| line.starts_with("from ") || line.starts_with("sys.exit("));
    interpreter.into_iter().chain(code).map(str::to_owned).collect()
}

#[test]
fn scripts_are_compared_by_what_they_call() {
    let by_pip = "#!/v/bin/python3\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom a.b import C\nif __name__ == '__main__':\n    sys.exit(C.d())\n";
    let detour =
        "#!/bin/sh\n'''exec' \"/v/bin/python3\" \"$0\" \"$@\" #'''\nfrom a.b import C\n\tsys.exit(C.d())\n";
    assert_eq!(calls(by_pip), ["/v/bin/python3", "from a.b import C", "sys.exit(C.d())"]);
    assert_eq!(calls(by_pip), calls(detour));
    assert_ne!(calls(by_pip), calls(&by_pip.replace("C.d()", "C.e()")));
}

/// One file of a synthetic wheel: where, and what.
#[derive(Clone, Debug)]
struct File {
    scheme: &'static str,
    name: String,
    content: Vec<u8>,
    mode: u32,
}

#[derive(Clone, Debug)]
struct Synthetic {
    name: &'static str,
    version: &'static str,
    files: Vec<File>,
    entry_points: Vec<(&'static str, &'static str, bool)>,
    stored: bool,
}

fn file() -> impl Strategy<Value = File> {
    let scheme =
        prop::sample::select(vec!["", "", "", "purelib", "platlib", "scripts", "scripts", "data", "headers"]);
    let name = "[a-zA-Z_]{1,6}( [a-z]|,\"|é|-x|/deep/er)?(\\.py|\\.txt|\\.so|)";
    let begins: Vec<&[u8]> = vec![
        b"",
        b"#!python\n",
        b"#!pythonw -E\r\n",
        b"#!python",
        b"#!/bin/sh\n",
        b"#!/usr/bin/env python\n",
        b"\x7fELF\0",
    ];
    let content = (prop::sample::select(begins), prop::collection::vec(any::<u8>(), 0..40));
    let mode = prop::sample::select(vec![0o100_644, 0o100_755, 0o100_600, 0o100_711, 0o755, 0]);
    (scheme, name, content, mode).prop_map(|(scheme, name, (begin, rest), mode)| File {
        scheme,
        name,
        content: [begin, &rest].concat(),
        mode,
    })
}

fn synthetic() -> impl Strategy<Value = Synthetic> {
    let names = vec!["plain", "Mixed.Case", "under_score", "da-sh"];
    let versions = vec!["1.0", "2.0.post1", "0.1rc1", "1.0+local.1", "1!2.0", "2024.01.3"];
    let entry_point = (
        prop::sample::select(vec!["tool", "tool-x", "tool_y.z", "T"]),
        prop::sample::select(vec!["pkg:main", "pkg.sub.cli:Main.run", "pkg:main [extra]", "a_b:c"]),
        any::<bool>(),
    );
    (
        prop::sample::select(names),
        prop::sample::select(versions),
        prop::collection::vec(file(), 0..12),
        prop::collection::vec(entry_point, 0..4),
        any::<bool>(),
    )
        .prop_map(|(name, version, files, entry_points, stored)| Synthetic {
            name,
            version,
            files,
            entry_points,
            stored,
        })
}

impl Synthetic {
    /// The wheel, whose paths begin with `id`, so that no two wheels quarrel.
    fn build(&self, id: &str) -> WheelBuilder {
        let mut wheel = WheelBuilder::new(&format!("{}-{id}", self.name), self.version);
        if self.stored {
            wheel = wheel.stored();
        }
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for file in &self.files {
            let name = format!("{id}/{}", file.name);
            // All schemes below one folder: nothing is there twice, nothing below a file.
            let (top, leaf) = (format!("{}:{name}", file.scheme.replace("lib", "")), name.to_lowercase());
            let clash = taken.iter().any(|other| other.starts_with(&top) || top.starts_with(other.as_str()));
            if clash || leaf.ends_with("/__init__.py") || !taken.insert(top) {
                continue;
            }
            wheel = match file.scheme {
                "" => wheel.file(&format!("s{name}"), &file.content),
                "scripts" => wheel.in_scheme("scripts", &name.replace('/', "-"), &file.content),
                scheme => wheel.in_scheme(scheme, &format!("{}{name}", &scheme[..1]), &file.content),
            };
            wheel = wheel.mode(file.mode);
        }
        let mut commands = BTreeSet::new();
        for (command, reference, is_gui) in &self.entry_points {
            let command = format!("{id}-{command}");
            if !commands.insert(command.clone()) {
                continue;
            }
            wheel = match is_gui {
                true => wheel.gui_entry_point(&command, reference),
                false => wheel.entry_point(&command, reference),
            };
            // What old tools wrote for an entry point.
            wheel = wheel.script(&format!("{command}-script.py"), "old").script(&command, "old");
        }
        wheel.absent("not/there.py")
    }
}

#[test]
fn synthetic_wheels_are_installed_as_by_pip() {
    let Some(venv) = Venv::new("synthetic wheels against pip") else { return };
    let cases = std::cell::Cell::new(0);
    let config =
        ProptestConfig { failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::with_cases(3) };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let done = runner.run(&prop::collection::vec(synthetic(), 10..25), |all| {
        cases.set(cases.get() + 1);
        let case = cases.get();
        let folder = tempfile::tempdir().expect("a folder for wheels");
        let mut names = Vec::new();
        for (index, synthetic) in all.iter().enumerate() {
            let wheel = synthetic.build(&format!("w{case}x{index}")).finish();
            wheel.write_to(folder.path());
            names.push(wheel.file_name);
        }
        let wheels = Wheels::read(folder.path(), &names);
        let (differences, quarrels) = differences(&venv, folder.path(), &wheels);
        prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
        prop_assert!(quarrels.is_empty(), "{quarrels:?}");
        Ok(())
    });
    done.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn real_wheels_are_installed_as_by_pip() {
    let Some(folder) = std::env::var_os("MAMBOX_TEST_WHEELS") else {
        return skip(
            "real wheels against pip",
            "MAMBOX_TEST_WHEELS names no folder of wheels (see .ci/fetch-wheels)",
        );
    };
    let Some(venv) = Venv::new("real wheels against pip") else { return };
    let folder = Path::new(&folder).canonicalize().expect("the folder that MAMBOX_TEST_WHEELS names");
    let names = venv.compatible(&folder);
    let others =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for other in others.filter(|name| name.ends_with(".whl") && !names.contains(name)) {
        skip("a real wheel against pip", &format!("this python does not take {other}"));
    }
    if names.is_empty() {
        return;
    }
    let wheels = Wheels::read(&folder, &names);
    let (differences, quarrels) = differences(&venv, &folder, &wheels);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(quarrels.len() < 10, "{quarrels:?}");
}

#[test]
fn differences_are_seen() {
    let Some(venv) = Venv::new("the comparison with pip") else { return };
    let folder = tempfile::tempdir().unwrap();
    let wheel_of = |content: &str| {
        WheelBuilder::new("tool", "1.0").file("tool.py", content).entry_point("tool", "tool:main")
    };
    let (ours, theirs) = (wheel_of("ours").finish(), wheel_of("theirs").executable("more.py", "").finish());
    theirs.write_to(folder.path());
    let archive = WheelArchive::from_bytes(&ours.file_name, ours.bytes.clone());
    let wheels = Wheels { wheels: vec![(wheel(&ours), archive)], requirements: vec!["tool==1.0".into()] };
    let told: Vec<String> = differences(&venv, folder.path(), &wheels).0;
    let told: Vec<&str> = told.iter().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "more.py: only pip has it");
}
