//! Our SIF files beside those that Apptainer makes of the same image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mambox_conformance::Apptainer;
use mambox_testkit::{Entry, EntryKind};

use crate::engines::{must, output, skip, stdout};
use crate::fixture::Fixture;

/// Apptainer and a SIF file of a base; none where one of them is not here.
struct Bench {
    fixture: Fixture,
    apptainer: Apptainer,
}

impl Bench {
    fn new() -> Option<Self> {
        let fixture = Fixture::new();
        let base = &fixture.bases()[0];
        fixture.build("2.0", &base.reference, &["-o", "ours.sif", "-o", "app.tar"]);
        let apptainer = Apptainer::new(fixture.env.work());
        let bench = Self { fixture, apptainer };
        if let Err(why) = bench.apptainer.works(&bench.file("ours.sif"), "/opt/conda/bin/show-prefix") {
            skip("apptainer", &why.to_string());
            return None;
        }
        Some(bench)
    }

    fn file(&self, name: &str) -> String {
        self.fixture.env.work().join(name).display().to_string()
    }

    fn call(&self, arguments: &[&str]) -> String {
        must(self.apptainer.call(arguments, &[], ""))
    }

    /// The tree in a file's partition, of which the list of objects says where it begins.
    fn tree(&self, sif: &str) -> BTreeMap<String, Entry> {
        let list = self.call(&["sif", "list", &self.file(sif)]);
        let line =
            list.lines().find(|line| line.contains("FS (Squashfs/*System/amd64)")).expect("a partition");
        let place = line.split('|').nth(3).and_then(|range| range.split('-').next()).expect("a place").trim();
        let folder: PathBuf = self.fixture.env.work().join(format!("{sif}.tree"));
        let folder_text = folder.display().to_string();
        stdout("unsquashfs", &["-quiet", "-no-progress", "-o", place, "-d", &folder_text, &self.file(sif)]);
        mambox_testkit::read_tree(&folder)
    }
}

/// Paths, types, modes and contents. Not times of folders that Apptainer changed in making its own, nor the texts of
/// our own scripts.
#[test]
fn the_tree_is_that_of_apptainer_build() {
    if output("unsquashfs", &["-version"]).is_none() {
        return skip("unsquashfs", "not installed");
    }
    let Some(bench) = Bench::new() else { return };
    let archive = format!("docker-archive:{}", bench.file("app.tar"));
    bench.call(&["build", &bench.file("theirs.sif"), &archive]);
    let (ours, theirs) = (bench.tree("ours.sif"), bench.tree("theirs.sif"));
    let shown = |tree: &BTreeMap<String, Entry>| -> BTreeMap<String, String> {
        let line = |(path, entry): (&String, &Entry)| {
            let own = Path::new(path).starts_with(".singularity.d") && !path.ends_with("-mambox.sh");
            let what = match &entry.kind {
                EntryKind::File(_) if own => "file".to_owned(),
                EntryKind::File(content) => {
                    format!(
                        "{} {}",
                        mambox_oci::Digest::of(content),
                        entry.mtime * u64::from(!path.starts_with("etc/"))
                    )
                }
                other => format!("{other:?}"),
            };
            (path.clone(), format!("{:o} {what}", entry.mode))
        };
        tree.iter().map(line).collect()
    };
    let (ours, theirs) = (shown(&ours), shown(&theirs));
    let differ: Vec<_> = ours.iter().filter(|(path, line)| theirs.get(*path) != Some(line)).collect();
    assert!(differ.is_empty(), "other than Apptainer's: {differ:#?}");
    let missing: Vec<_> = theirs.keys().filter(|path| !ours.contains_key(*path)).collect();
    assert!(missing.is_empty(), "not in ours: {missing:#?}");
}

#[test]
fn apptainer_inspects_and_signs_our_files() {
    let Some(bench) = Bench::new() else { return };
    let sif = bench.file("ours.sif");
    assert!(bench.call(&["inspect", "--runscript", &sif]).contains("exec \"$@\""));
    assert!(bench.call(&["inspect", "--environment", &sif]).contains("CONDA_PREFIX='/opt/conda'"));
    assert!(bench.call(&["inspect", "--labels", &sif]).contains("org.label-schema.build-arch: amd64"));
    assert!(bench.call(&["sif", "dump", "3", &sif]).contains("\"CONDA_PREFIX=/opt/conda\""));
    let keys = bench.file("keys");
    std::fs::create_dir(&keys).expect("a folder");
    let host = [("APPTAINER_KEYSDIR", keys.as_str())];
    let call = |arguments: &[&str]| must(bench.apptainer.call(arguments, &host, ""));
    let who = ["--name", "Test", "--email", "test@example.invalid", "--comment", "test"];
    call(&[["key", "newpair", "--push=false", "--password", ""].as_slice(), &who].concat());
    call(&["sign", &sif]);
    call(&["verify", "--local", &sif]);
    let shown = call(&["exec", &sif, "show-prefix"]);
    assert_eq!(shown, "/opt/conda/share/tool\n", "it still runs");
}
