//! Extracted packages, made up; and what a folder holds.
#![allow(dead_code, unreachable_pub)] // each test file uses its part

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mambox_prefix::{
    Applied, Event, History, LinkPolicy, LockOptions, Observer, Options, Package, Plan, Prefix,
    TransactionError, apply,
};
use rattler_conda_types::{PrefixRecord, RepoDataRecord};
use serde_json::{Value, json};

/// What packages are built with.
pub const PLACEHOLDER: &str =
    "/placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold";

pub struct Builder {
    name: String,
    version: String,
    noarch: Option<&'static str>,
    files: Vec<(String, Vec<u8>, u32)>,
    links: Vec<(String, String)>,
    folders: Vec<String>,
    patched: BTreeMap<String, &'static str>,
    no_link: Vec<String>,
    entry_points: Vec<String>,
    requested: Option<String>,
    extra: Value,
}

impl Builder {
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            noarch: None,
            files: Vec::new(),
            links: Vec::new(),
            folders: Vec::new(),
            patched: BTreeMap::new(),
            no_link: Vec::new(),
            entry_points: Vec::new(),
            requested: None,
            extra: json!({}),
        }
    }

    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.push((path.into(), content.as_ref().to_vec(), 0o644));
        self
    }

    pub fn script(mut self, path: &str, content: &str) -> Self {
        self.files.push((path.into(), content.as_bytes().to_vec(), 0o755));
        self
    }

    pub fn patched(mut self, path: &str, mode: &'static str, content: impl AsRef<[u8]>) -> Self {
        self.patched.insert(path.into(), mode);
        self.files.push((path.into(), content.as_ref().to_vec(), 0o755));
        self
    }

    pub fn link(mut self, path: &str, to: &str) -> Self {
        self.links.push((path.into(), to.into()));
        self
    }

    pub fn folder(mut self, path: &str) -> Self {
        self.folders.push(path.into());
        self
    }

    pub fn no_link(mut self, path: &str) -> Self {
        self.no_link.push(path.into());
        self
    }

    pub fn noarch_python(mut self) -> Self {
        self.noarch = Some("python");
        self
    }

    pub fn entry_point(mut self, line: &str) -> Self {
        self.entry_points.push(line.into());
        self
    }

    pub fn requested(mut self, spec: &str) -> Self {
        self.requested = Some(spec.into());
        self
    }

    /// Writes the package's folder.
    pub fn build(self, cache: &Path) -> Package {
        let subdir = if self.noarch.is_some() { "noarch" } else { "linux-64" };
        let dist = format!("{}-{}-0", self.name, self.version);
        let folder = cache.join(&dist);
        // Anew: what is installed may be hard links of what is there.
        let _ = fs::remove_dir_all(&folder);
        let mut paths = Vec::new();
        for (path, content, mode) in &self.files {
            write(&folder.join(path), content, *mode);
            let mut entry = json!({"_path": path, "path_type": "hardlink", "size_in_bytes": content.len()});
            if let Some(mode) = self.patched.get(path) {
                entry["file_mode"] = json!(mode);
                entry["prefix_placeholder"] = json!(PLACEHOLDER);
            }
            if self.no_link.contains(path) {
                entry["no_link"] = json!(true);
            }
            paths.push(entry);
        }
        for (path, to) in &self.links {
            let full = folder.join(path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            symlink(to, full).unwrap();
            paths.push(json!({"_path": path, "path_type": "softlink"}));
        }
        for path in &self.folders {
            fs::create_dir_all(folder.join(path)).unwrap();
            paths.push(json!({"_path": path, "path_type": "directory"}));
        }
        let index = json!({
            "name": self.name, "version": self.version, "build": "0", "build_number": 0, "subdir": subdir,
            "depends": [], "noarch": self.noarch, "timestamp": 1_600_000_000_000_u64,
        });
        let info = |name: &str, value: &Value| {
            write(&folder.join("info").join(name), value.to_string().as_bytes(), 0o644);
        };
        info("index.json", &index);
        info("paths.json", &json!({"paths_version": 1, "paths": paths}));
        info("about.json", &json!({}));
        if self.noarch.is_some() {
            let noarch = json!({"type": "python", "entry_points": self.entry_points});
            info("link.json", &json!({"package_metadata_version": 1, "noarch": noarch}));
        }
        let mut record = index;
        record["fn"] = json!(format!("{dist}.conda"));
        record["url"] = json!(format!("https://me:secret@host.example/t/tk-1/forge/{subdir}/{dist}.conda"));
        record["channel"] = json!("https://host.example/forge");
        let record: RepoDataRecord = serde_json::from_value(record).unwrap();
        Package {
            record,
            archive: Some(cache.join(format!("{dist}.conda"))),
            folder,
            requested_spec: self.requested,
        }
    }
}

pub fn write(path: &Path, content: &[u8], mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Python as a package: no more than its record.
pub fn python(cache: &Path) -> Package {
    Builder::new("python", "3.12.1").file("lib/python3.12/os.py", "# os\n").build(cache)
}

pub fn options() -> Options {
    Options {
        root_prefix: "/opt/conda".into(),
        links: LinkPolicy::default(),
        compile_pyc: true,
        run_link_scripts: true,
        threads: 2,
        environment: [("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into(),
        history: History {
            time: "2026-11-26 10:00:00".into(),
            command: vec!["micromamba".into(), "install".into(), "x".into()],
            ..History::default()
        },
        variables: BTreeMap::new(),
        lock: LockOptions { use_lockfiles: true, timeout: Duration::from_secs(20) },
    }
}

/// Remembers what it is told.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<Event>>);

impl Observer for Told {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl Told {
    pub fn warnings(&self) -> String {
        let events = self.0.lock().unwrap();
        let texts: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                Event::Warning { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }
}

/// A cache and a prefix in a folder of their own.
pub struct World {
    pub root: tempfile::TempDir,
    pub cache: PathBuf,
    pub prefix: Prefix,
}

impl World {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (cache, prefix) = (root.path().join("pkgs"), Prefix::new(root.path().join("env")).unwrap());
        fs::create_dir(&cache).unwrap();
        Self { root, cache, prefix }
    }

    pub fn install(&self, packages: &[Package]) -> Told {
        self.change(&[], packages)
    }

    /// Removes by name, and installs.
    pub fn change(&self, remove: &[&str], install: &[Package]) -> Told {
        let told = Told::default();
        self.try_change(remove, install, &options(), &told).unwrap_or_else(|error| panic!("{error}"));
        told
    }

    pub fn try_change(
        &self,
        remove: &[&str],
        install: &[Package],
        options: &Options,
        on: &dyn Observer,
    ) -> Result<Applied, TransactionError> {
        let plan = Plan { remove: self.records(remove), install: install.to_vec() };
        apply(&self.prefix, &plan, options, &AtomicBool::new(false), on)
    }

    pub fn records(&self, names: &[&str]) -> Vec<PrefixRecord> {
        let records = self.prefix.records().unwrap();
        records.into_iter().filter(|record| names.contains(&record.name().as_normalized())).collect()
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.prefix.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.prefix.path().join(path)).is_ok()
    }

    /// Everything in the prefix.
    pub fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        walk(self.prefix.path(), "", &mut tree);
        tree
    }

    /// Paths and kinds only.
    pub fn listing(&self) -> String {
        let lines: Vec<String> = self
            .tree()
            .iter()
            .map(|(path, what)| match what.split(':').next().unwrap() {
                // The mode of a folder is the umask's.
                kind if kind.ends_with('/') => format!("{path}/"),
                kind => format!("{path} {}", kind.trim_end()),
            })
            .collect();
        lines.join("\n")
    }
}

fn walk(root: &Path, below: &str, tree: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    for entry in entries {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let full = root.join(&path);
        let there = fs::symlink_metadata(&full).unwrap();
        let mode = there.permissions().mode() & 0o7777;
        let what = if there.is_symlink() {
            format!("link:{}", fs::read_link(&full).unwrap().display())
        } else if there.is_dir() {
            walk(root, &path, tree);
            format!("{mode:o}/:")
        } else {
            format!("{mode:o} :{}", String::from_utf8_lossy(&fs::read(&full).unwrap()))
        };
        tree.insert(path, what);
    }
}
