//! Docker and podman through their commands, which are alike.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::command::{self, Ended};
use crate::error::EngineError;
use crate::image::Image;

/// For a command that moves an image.
const LONG: Duration = Duration::from_secs(600);
/// For a container that prints something.
const SHORT: Duration = Duration::from_secs(120);

/// A container engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// Docker, 20.10 or later.
    Docker,
    /// podman, 4 or later.
    Podman,
}

impl Engine {
    /// Those that are known.
    pub const ALL: [Self; 2] = [Self::Docker, Self::Podman];

    /// Its command.
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }

    /// Whether it is there and answers.
    pub fn answers(self) -> Result<(), EngineError> {
        self.call(&["info"]).map(|_| ())
    }

    /// Whether it answers, and has an image of this name.
    pub fn has(self, image: &str) -> Result<(), EngineError> {
        self.call_short(&["image", "inspect", "--format", "{{.Id}}", image]).map(|_| ())
    }

    /// Whether it can run a program, by a root file system (a tar archive) that the engine itself makes an image of:
    /// what fails here is the machine's fault, not an image's.
    pub fn works(self, rootfs: &Path, program: &str) -> Result<(), EngineError> {
        self.answers()?;
        self.import(rootfs, &format!("localhost/{}:1", unique("probe")))?.run(&[], &[program]).map(|_| ())
    }

    /// Standard output of one of its commands.
    pub fn call(self, arguments: &[&str]) -> Result<String, EngineError> {
        self.call_within(arguments, LONG)
    }

    pub(crate) fn call_short(self, arguments: &[&str]) -> Result<String, EngineError> {
        self.call_within(arguments, SHORT)
    }

    fn call_within(self, arguments: &[&str], limit: Duration) -> Result<String, EngineError> {
        self.ended(arguments, "", limit)?.into_stdout()
    }

    /// What one of its commands did that reads this.
    fn ended(self, arguments: &[&str], typed: &str, limit: Duration) -> Result<Ended, EngineError> {
        let mut command = Command::new(self.program());
        // Docker's older builder: the newer one is an extra that not every installation has.
        command.args(arguments).env("DOCKER_BUILDKIT", "0");
        command::ended(self.program(), &mut command, typed, limit)
    }

    /// The same, of a command that takes no longer than a container that prints something.
    pub(crate) fn ended_shortly(self, arguments: &[&str], typed: &str) -> Result<Ended, EngineError> {
        self.ended(arguments, typed, SHORT)
    }

    /// Loads an archive in which the image has this name.
    pub fn load(self, archive: &Path, name: &str) -> Result<Image, EngineError> {
        self.call(&["load", "-q", "-i", &archive.to_string_lossy()])?;
        self.adopt(name)
    }

    /// Makes an image of a root file system, a tar archive.
    pub fn import(self, rootfs: &Path, name: &str) -> Result<Image, EngineError> {
        self.call(&["import", &rootfs.to_string_lossy(), name])?;
        Ok(Image::new(self, name))
    }

    /// Takes over the removal of an image that is there under this name.
    pub fn adopt(self, name: &str) -> Result<Image, EngineError> {
        self.call_short(&["image", "inspect", name])?;
        Ok(Image::new(self, name))
    }

    /// Pulls from a registry without TLS.
    pub fn pull_insecure(self, name: &str) -> Result<Image, EngineError> {
        let insecure: &[&str] = if self == Self::Podman { &["--tls-verify=false"] } else { &[] };
        self.call(&[&["pull", "-q"], insecure, &[name]].concat())?;
        self.adopt(name)
    }

    /// Builds an image with these instructions on top of another; see [`build`](Self::build).
    pub fn derive<S: AsRef<str>>(
        self,
        base: &str,
        instructions: &[S],
        context: Option<&Path>,
    ) -> Result<Image, EngineError> {
        let lines: Vec<_> = instructions.iter().map(AsRef::as_ref).collect();
        let dockerfile = format!("FROM {base}\n{}\n", lines.join("\n"));
        self.build(&dockerfile, context, &format!("localhost/{}:1", unique("derived")))
    }

    /// Builds from the text of a Dockerfile, without network, keeping fields that only Docker's own image format has.
    /// `context` is the folder that it may copy from.
    pub fn build(self, dockerfile: &str, context: Option<&Path>, name: &str) -> Result<Image, EngineError> {
        let io = |source| EngineError::Io { command: format!("{} build", self.program()), source };
        let folder = tempfile::tempdir().map_err(io)?;
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, dockerfile).map_err(io)?;
        let (file, context) = (path.to_string_lossy(), context.unwrap_or(folder.path()).to_string_lossy());
        let own: &[&str] = match self {
            // A step that fails must not leave its container.
            Self::Docker => &["--force-rm"],
            Self::Podman => &["--format=docker", "--layers=false", "--pull=never"],
        };
        let words = ["build", "--network", "none", "-t", name, "-f", &file];
        self.call(&[words.as_slice(), own, &[&context]].concat())?;
        Ok(Image::new(self, name))
    }
}

/// A name that nothing else in this process, and no other process, gives to an image or container.
pub fn unique(word: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("mambox-test-{word}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
