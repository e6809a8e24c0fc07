//! Programs of an image, run at build: the sandbox as this crate uses it.

use std::path::Path;

use mambox_activate::Environment;
use mambox_oci::Image;
use mambox_sandbox::{Bind, Limits, Sandbox, SandboxError, Task};

use crate::cancel::Cancelled;
use crate::{BuildError, Context};

/// Folders that are not the image's own while a program runs: what is written there is nobody's change.
pub(crate) const MOUNTED: [&str; 4] = ["dev", "proc", "sys", "tmp"];

/// How many lines of a failed program's output a message quotes.
const LAST_LINES: usize = 20;

/// A program and what it gets.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Absolute, in the image.
    pub(crate) program: String,
    /// Without its own name.
    pub(crate) arguments: Vec<String>,
    /// All its variables.
    pub(crate) env: Environment,
    /// The working folder, in the image.
    pub(crate) folder: String,
    /// The host's name.
    pub(crate) host: String,
    /// User and group.
    pub(crate) id: u32,
    /// Whether it may change the image's files.
    pub(crate) writable: bool,
    /// What of this machine it sees besides.
    pub(crate) binds: Vec<Bind>,
    /// How long it may take, and how much it may say.
    pub(crate) limits: Limits,
}

/// A program that ended.
pub(crate) struct Finished(mambox_sandbox::Finished);

impl Finished {
    /// Whether it says that all went well.
    pub(crate) fn success(&self) -> bool {
        self.0.success()
    }

    /// Standard output.
    pub(crate) fn output(&self) -> &[u8] {
        &self.0.stdout
    }

    /// How it ended, for a message.
    pub(crate) fn how(&self) -> String {
        format!("ended with exit code {}", self.0.code)
    }

    /// The end of what it said: standard error, or else standard output.
    pub(crate) fn last_lines(&self) -> String {
        let said = if self.0.stderr.is_empty() { &self.0.stdout } else { &self.0.stderr };
        last_lines(said)
    }
}

/// The end of what a program said, for a message.
pub(crate) fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// The sandbox of this machine. `what` is the first script that needs it, for messages.
pub(crate) struct Sandboxed {
    sandbox: Sandbox,
    what: String,
    platform: String,
}

/// Finds the sandbox.
pub(crate) fn find(image: &Image, what: &str, context: &Context) -> Result<Sandboxed, BuildError> {
    let sandbox = Sandbox::find(&context.search_path)
        .map_err(|source| BuildError::Sandbox { what: what.to_owned(), source })?;
    Ok(Sandboxed { sandbox, what: what.to_owned(), platform: image.platform().to_string() })
}

impl Sandboxed {
    /// Runs a program on the files of an image; it is killed once nobody waits any more.
    pub(crate) fn run(&self, files: &Path, run: &Run, cancelled: &Cancelled) -> Result<Finished, BuildError> {
        let stop = || cancelled.is_set();
        let task = Task {
            args: run.arguments.clone(),
            env: run.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            cwd: &run.folder,
            hostname: &run.host,
            id: run.id,
            read_only: !run.writable,
            fresh_tmp: true,
            binds: run.binds.clone(),
            limits: run.limits,
            stop: Some(&stop),
            ..Task::new(files, &run.program)
        };
        self.sandbox.run(&task).map(Finished).map_err(|source| match source {
            // The folder is a temporary one, and says nothing to anybody.
            SandboxError::Program { program, said, .. } => BuildError::CannotRun {
                what: self.what.clone(),
                program,
                platform: self.platform.clone(),
                said,
            },
            source => BuildError::Sandbox { what: self.what.clone(), source },
        })
    }
}
