//! For tests: this machine's python on a root file system, and projects with a build backend of their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use flate2::write::GzEncoder;
use mambox_env::{Libc, WheelTarget};
use mambox_oci::{Compression, History, Image, Layer, Platform};
use mambox_progress::{Event, Recorder};
use mambox_resolve::Settings;
use mambox_testkit::{RootFs, TarEntry, no_sandbox, tar_bytes};
use mambox_transport::Transport;
use rattler_conda_types::Subdir;

use super::{Ground, Identity};
use crate::Context;

pub(super) const PREFIX: &str = "/opt/env";
/// Below the prefix.
pub(super) const SITE: &str = "build/modules";
const PYTHON: &str = "/usr/bin/python3";
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What a legacy project is built with.
const SETUPTOOLS: [&str; 4] = ["setuptools", "pkg_resources", "_distutils_hack", "wheel"];

/// Writes what it is told to: a file `mode` in the project says what.
const BACKEND: &str = r#"
import os, subprocess, sys, time, zipfile

mode = open("mode").read().strip()

def get_requires_for_build_wheel(settings=None):
    return ["there-is-no-such-thing>=2", "nor-this; sys_platform == 'win32'"] if mode == "wants" else []

def write(out, name, tags="py3-none-any"):
    metadata = name + "-1.0.dist-info/"
    file_name = name + "-1.0-" + tags + ".whl"
    with zipfile.ZipFile(os.path.join(out, file_name), "w") as wheel:
        wheel.writestr(metadata + "RECORD", "")
        for file in os.listdir("src"):
            wheel.write(os.path.join("src", file), "tool/" + file)
        wheel.writestr(metadata + "WHEEL", "Wheel-Version: 1.0\n")
        wheel.writestr(metadata + "METADATA", "Name: %s\nVersion: 1.0\n" % name)
    return file_name

def build_wheel(out, settings=None, metadata=None):
    print("printed by the backend")
    subprocess.run([sys.executable, "-c", "print('printed by a program')"])
    if mode == "fails":
        raise RuntimeError("x86_64-linux-gnu-gcc: not found")
    if mode == "sleeps":
        open("sleeps", "w").close()
        time.sleep(3600)
    if mode == "network":
        import socket
        socket.create_connection(("192.0.2.1", 80), 5)
    if mode == "exits":
        os._exit(7)
    if mode == "curious":
        fixed = {"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0", "SETUPTOOLS_SCM_PRETEND_VERSION": "1.0"}
        assert fixed.items() <= os.environ.items(), os.environ
        assert os.umask(0o022) == 0o022 and os.getuid() not in (0, 65534)
        for folder in (os.path.expanduser("~"), "/mambox-sdist/sources"):
            open(os.path.join(folder, "written"), "w").close()
        try:
            open("/written", "w")
        except OSError:
            return write(out, "tool")
    if mode == "none":
        return "tool-1.0-py3-none-any.whl"
    if mode == "link":
        os.symlink("/etc/passwd", os.path.join(out, "tool-1.0-py3-none-any.whl"))
        return "tool-1.0-py3-none-any.whl"
    if mode == "two":
        write(out, "other")
    if mode == "bound":
        return write(out, "tool", "py3-none-linux_x86_64")
    return write(out, "other" if mode == "other" else "tool")
"#;

const PYPROJECT: &str = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n";

/// Python, and everything that a build wants.
pub(super) struct Machine {
    pub(super) image: Image,
    pub(super) target: WheelTarget,
    pub(super) identity: Identity,
    library: PathBuf,
}

impl Machine {
    /// `None`, with a line that says why, where there is no python or no sandbox.
    pub(super) fn here(what: &str) -> Option<Self> {
        let skip = |why: &str| {
            mambox_testkit::skip(what, why);
            None
        };
        if let Some(why) = no_sandbox() {
            return skip(&why);
        }
        let ask = "import os, sys; print(sys.version_info[1], os.path.realpath(sys.executable), os.path.dirname(os.__file__), sep='\\n')";
        let asked = Command::new(PYTHON).args(["-I", "-c", ask]).output();
        let text =
            asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let [minor, executable, library] = text.lines().collect::<Vec<_>>()[..] else {
            return skip("this machine has no python3");
        };
        let version = format!("3.{minor}");
        let python = format!("{}/bin/python{version}", &PREFIX[1..]);
        // setuptools wants it, and it wants a library of the machine's.
        let ctypes = found(&Path::new(library).join("lib-dynload"), "_ctypes.");
        let base = RootFs::debian("2.36")
            .programs_of_this_machine(&[executable])
            .programs_of_this_machine(&ctypes.iter().map(String::as_str).collect::<Vec<_>>())
            .entry(TarEntry::symlink(python, executable));
        let mut entries = base.entries().to_vec();
        files(Path::new(library), &mut |path, text| {
            if ctypes.contains(&path.display().to_string()) {
                return;
            }
            entries.push(TarEntry::file(path.display().to_string().trim_start_matches('/'), text));
        });
        let layer = layer(&entries);
        let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[layer]).expect("an image");
        let minor = minor.parse().expect("a number");
        let libc = Libc::Glibc("2.36".parse().expect("a version"));
        let target =
            WheelTarget { python: (3, minor), free_threaded: false, platform: Subdir::Linux64, libc };
        Some(Self {
            image,
            target,
            identity: Identity { pinned: true, ..Identity::default() },
            library: library.into(),
        })
    }

    /// A build's ground, without build requirements.
    pub(super) fn ground(&self) -> Ground<'_> {
        let (image, target, identity) = (&self.image, &self.target, &self.identity);
        Ground { image, target, prefix: PREFIX, env: &[], site: None, identity }
    }

    /// Debian's setuptools and wheel as a layer of build requirements.
    pub(super) fn setuptools(&self) -> Option<Layer> {
        let packages = self.library.parent()?.join("python3/dist-packages");
        let found = std::fs::read_dir(&packages).ok()?.flatten().map(|entry| entry.path());
        let wanted = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            SETUPTOOLS.contains(&&*name) || name.starts_with("setuptools-") || name.starts_with("wheel-")
        };
        let folders: Vec<PathBuf> = found.filter(wanted).collect();
        if folders.len() < SETUPTOOLS.len() + 2 {
            return None;
        }
        let mut entries = Vec::new();
        for folder in folders {
            files(&folder, &mut |path, text| {
                let below = path.strip_prefix(&packages).expect("a path below");
                entries.push(TarEntry::file(format!("{}/{SITE}/{}", &PREFIX[1..], below.display()), text));
            });
        }
        Some(layer(&entries))
    }
}

fn layer(entries: &[TarEntry]) -> Layer {
    Layer::from_tar(&tar_bytes(entries), Compression::None, History::default()).expect("a layer")
}

/// What is in a folder and begins so.
fn found(folder: &Path, begin: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = files.filter(|file| file.file_name().to_string_lossy().starts_with(begin));
    fits.map(|file| file.path().display().to_string()).collect()
}

/// Sources, extension modules and metadata below a folder.
fn files(folder: &Path, found: &mut dyn FnMut(&Path, Vec<u8>)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !matches!(&*name, "test" | "tests" | "idlelib" | "lib2to3" | "__pycache__" | "dist-packages") {
                files(&path, found);
            }
        } else if !name.ends_with(".a") && !name.ends_with(".pyc") {
            found(&path, std::fs::read(&path).expect("a file"));
        }
    }
}

/// A context whose cache lies in a folder, and what it tells.
pub(super) fn context(folder: &Path) -> (Context, Arc<Recorder>) {
    let cache_dir = folder.join("cache");
    let reporter = Arc::new(Recorder::default());
    let context = Context {
        resolve: Settings::new(folder, &cache_dir),
        transport: Transport { cache_dir: Some(cache_dir.clone()), ..Transport::default() },
        cache_dir,
        search_path: OsString::from(PATH),
        entry_programs: Vec::new(),
        variables: BTreeMap::new(),
        threads: 1,
        reporter: reporter.clone(),
    };
    (context, reporter)
}

/// The plain remarks so far.
pub(super) fn notes(recorder: &Recorder) -> Vec<String> {
    let note = |event| if let Event::Note { text } = event { Some(text) } else { None };
    recorder.events().into_iter().filter_map(note).collect()
}

/// The project `tool`, whose backend does as it is told.
pub(super) fn project(mode: &str) -> Vec<TarEntry> {
    [
        ("pyproject.toml", PYPROJECT),
        ("backend.py", BACKEND),
        ("mode", mode),
        ("src/__init__.py", ""),
        ("src/b.py", "b = 1\n"),
        ("src/a.py", "a = 1\n"),
    ]
    .map(|(path, text)| TarEntry::file(path, text))
    .into()
}

/// The entries below a top folder, as every source distribution has them, gzipped.
pub(super) fn sdist(entries: &[TarEntry]) -> Vec<u8> {
    let below = entries.iter().cloned().map(|mut entry| {
        entry.path = format!("tool-1.0/{}", entry.path);
        entry
    });
    gzip(&tar_bytes(&below.collect::<Vec<_>>()))
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory compresses");
    encoder.finish().expect("memory compresses")
}

/// The entries as files in a folder, which is made.
pub(super) fn write_folder(folder: &Path, entries: &[TarEntry]) {
    std::fs::create_dir_all(folder).expect("a folder");
    tar::Archive::new(&*tar_bytes(entries)).unpack(folder).expect("files");
}
