//! What keeps a program from running in a sandbox, or from ending there.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A sandbox that is not there, or a program that could not be run to its end in one. A program that ends with a
/// code other than 0 is no error: see [`Finished`](crate::Finished).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// This is no Linux.
    #[error("a sandbox needs Linux: build there, for example in a virtual machine")]
    NotLinux,
    /// There is no `bwrap`.
    #[error(
        "no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, \
         `dnf install bubblewrap` or `apk add bubblewrap`)"
    )]
    NotFound,
    /// There is one, but this machine does not let it work.
    #[error("no sandbox: {program} may not make a namespace here ({said}); {advice}", program = program.display())]
    NotPermitted {
        /// The `bwrap` that was tried.
        program: PathBuf,
        /// What it said.
        said: String,
        /// What to change.
        advice: String,
    },
    /// The program cannot be started in the root.
    #[error(
        "cannot start {program} in {root}: {said} (the root lacks the program or its loader, or it is none for this \
         machine)",
        root = root.display()
    )]
    Program {
        /// The program, as the task gave it.
        program: String,
        /// The root file system.
        root: PathBuf,
        /// The system's reason.
        said: String,
    },
    /// A folder or file that something is to be mounted on cannot be used.
    #[error("cannot mount on {inside} in {root}: {problem}", root = root.display())]
    MountPoint {
        /// The path inside.
        inside: String,
        /// The root file system.
        root: PathBuf,
        /// `it is a symbolic link`, ….
        problem: String,
    },
    /// `bwrap` refused for another reason.
    #[error("the sandbox for {program} cannot be set up: {said}")]
    SetUp {
        /// The program, as the task gave it.
        program: String,
        /// What `bwrap` said.
        said: String,
    },
    /// The program ran longer than allowed. All its processes were killed.
    #[error("{program} was stopped in the sandbox: it ran longer than {} s{}", limit.as_secs_f32(), last_words(stderr))]
    TimedOut {
        /// The program, as the task gave it.
        program: String,
        /// The limit.
        limit: Duration,
        /// What it had written to standard error until then.
        stderr: Vec<u8>,
    },
    /// The program wrote more than allowed. All its processes were killed.
    #[error("{program} was stopped in the sandbox: it wrote more than {limit} bytes to {stream}")]
    TooMuchOutput {
        /// The program, as the task gave it.
        program: String,
        /// `standard output` or `standard error`.
        stream: &'static str,
        /// The limit.
        limit: usize,
    },
    /// [`Task::stop`](crate::Task::stop) asked for an end.
    #[error("{program} was stopped in the sandbox: interrupted")]
    Stopped {
        /// The program, as the task gave it.
        program: String,
    },
    /// The system refused something else.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// The last line of what a program said, to be put behind a message.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    match text.trim_end().lines().next_back() {
        Some(line) => format!("; its last words: {line}"),
        None => String::new(),
    }
}
