//! Docker and podman through their commands, which are alike.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use mambox_testkit::{StaticElf, TarEntry, tar_bytes};

/// Says what is not tested here. Not captured by the test runner, so that it is seen in a passing run, too.
pub(crate) fn skip(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {}", why.trim());
}

/// A name that no other test and no other run uses.
pub(crate) fn unique(word: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("mambox-test-{word}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Runs a program to its end; `None` where it is not installed.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()
}

/// Standard output of a program that must succeed.
pub(crate) fn stdout(program: &str, arguments: &[&str]) -> String {
    let output = output(program, arguments).unwrap_or_else(|| panic!("{program} does not start"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A container engine that works on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Engine {
    pub(crate) program: &'static str,
}

impl Engine {
    /// Those that can run a program in a container here.
    pub(crate) fn all() -> Vec<Self> {
        ["docker", "podman"].into_iter().filter_map(Self::find).collect()
    }

    pub(crate) fn find(program: &'static str) -> Option<Self> {
        let engine = Self { program };
        match engine.probe() {
            Ok(()) => Some(engine),
            Err(why) => {
                skip(program, &why);
                None
            }
        }
    }

    /// Runs a program in an image that the engine itself made, so that what fails here is not ours.
    fn probe(self) -> Result<(), String> {
        let try_it = |arguments: &[&str]| match output(self.program, arguments) {
            None => Err("not installed".to_owned()),
            Some(output) if output.status.success() => Ok(()),
            Some(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        };
        try_it(&["info"])?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let tar = folder.path().join("probe.tar");
        let program = TarEntry::file("probe", StaticElf::message("it runs\n")).mode(0o755);
        std::fs::write(&tar, tar_bytes(&[program])).map_err(|error| error.to_string())?;
        let image = LoadedImage { engine: self, name: format!("localhost/{}:1", unique("probe")) };
        try_it(&["import", &tar.to_string_lossy(), &image.name])?;
        try_it(&["run", "--rm", "--network", "none", &image.name, "/probe"])
    }

    /// Standard output of one of its commands, which must succeed.
    pub(crate) fn call(self, arguments: &[&str]) -> String {
        stdout(self.program, arguments)
    }

    /// Loads an archive in which the image has this name.
    pub(crate) fn load(self, archive: &Path, name: &str) -> LoadedImage {
        self.call(&["load", "-i", &archive.to_string_lossy()]);
        self.adopt(name)
    }

    /// Takes over the removal of an image that is there under this name.
    pub(crate) fn adopt(self, name: &str) -> LoadedImage {
        self.call(&["image", "inspect", name]);
        LoadedImage { engine: self, name: name.to_owned() }
    }

    /// Pulls from a registry without TLS.
    pub(crate) fn pull(self, name: &str) -> LoadedImage {
        let insecure: &[&str] = if self.program == "podman" { &["--tls-verify=false"] } else { &[] };
        self.call(&[&["pull", "-q"], insecure, &[name]].concat());
        self.adopt(name)
    }
}

/// An image in an engine; removed when dropped.
#[derive(Debug)]
pub(crate) struct LoadedImage {
    pub(crate) engine: Engine,
    pub(crate) name: String,
}

impl LoadedImage {
    /// Runs a program in a new container; `options` are the engine's.
    pub(crate) fn run(&self, options: &[&str], program: &[&str]) -> String {
        let start = ["run", "--rm", "--network", "none"];
        self.engine.call(&[&start, options, &[self.name.as_str()], program].concat())
    }

    /// A field of the image, as a template of the engine's `inspect`.
    pub(crate) fn field(&self, template: &str) -> String {
        self.engine.call(&["image", "inspect", "--format", template, &self.name]).trim().to_owned()
    }

    /// Starts a container that does nothing for a while.
    pub(crate) fn start(&self, options: &[&str], program: &[&str]) -> Container {
        let start = ["run", "-d", "--network", "none"];
        let id = self.engine.call(&[&start, options, &[self.name.as_str()], program].concat());
        Container { engine: self.engine, id: id.trim().to_owned() }
    }
}

impl Drop for LoadedImage {
    fn drop(&mut self) {
        let _ = output(self.engine.program, &["rmi", "-f", &self.name]);
    }
}

/// A running container; removed when dropped.
#[derive(Debug)]
pub(crate) struct Container {
    engine: Engine,
    id: String,
}

impl Container {
    /// Runs a program in it.
    pub(crate) fn exec(&self, options: &[&str], program: &[&str]) -> String {
        self.engine.call(&[&["exec"], options, &[self.id.as_str()], program].concat())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = output(self.engine.program, &["rm", "-f", &self.id]);
    }
}
