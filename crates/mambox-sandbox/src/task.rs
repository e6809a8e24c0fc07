//! What is to be run, and what came of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A program to run on a root file system. Made by [`Task::new`], changed by its fields:
///
/// ```
/// # use std::path::Path;
/// # use mambox_sandbox::Task;
/// let task = Task { args: vec!["-c".into(), "echo hello".into()], ..Task::new(Path::new("/some/root"), "/bin/sh") };
/// assert_eq!(task.cwd, "/");
/// ```
pub struct Task<'a> {
    /// The folder on this machine that becomes `/`.
    pub root: &'a Path,
    /// The program: an absolute path inside.
    pub program: &'a str,
    /// Its arguments, without its own name.
    pub args: Vec<String>,
    /// Its whole environment, but for `PWD`, which is set to `cwd`.
    pub env: Vec<(String, String)>,
    /// Where it starts: an absolute path inside.
    pub cwd: &'a str,
    /// The host name that it sees.
    pub hostname: &'a str,
    /// The user and group that it is. 0 has the capabilities that concern files, others have none.
    pub id: u32,
    /// What of this machine it sees beside the root, in the order of mounting.
    pub binds: Vec<Bind>,
    /// The root cannot be written to.
    pub read_only: bool,
    /// `/tmp` is an empty folder in memory instead of the root's own.
    pub fresh_tmp: bool,
    /// What it reads from standard input.
    pub input: Vec<u8>,
    /// What it may use.
    pub limits: Limits,
    /// Asked ten times a second; `true` kills the program.
    pub stop: Option<&'a (dyn Fn() -> bool + Sync)>,
}

/// A file or folder of this machine that is to be seen inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// On this machine.
    pub host: PathBuf,
    /// Inside: an absolute path without `.` and `..`. What is missing of it is made, and removed afterwards.
    pub inside: String,
    /// May be written to.
    pub writable: bool,
}

/// What a program may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// By the clock, all its processes together.
    pub time: Duration,
    /// Bytes on standard output.
    pub stdout: usize,
    /// Bytes on standard error.
    pub stderr: usize,
}

impl Default for Limits {
    /// Ten minutes, 16 MiB and 4 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(600), stdout: 16 << 20, stderr: 4 << 20 }
    }
}

/// A program that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; 128 and the signal's number where a signal ended it, as shells count.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

impl<'a> Task<'a> {
    /// A program without arguments, environment and input in `/` of a writable root, on a host named `localhost`.
    pub fn new(root: &'a Path, program: &'a str) -> Self {
        Self {
            root,
            program,
            args: Vec::new(),
            env: Vec::new(),
            cwd: "/",
            hostname: "localhost",
            id: 0,
            binds: Vec::new(),
            read_only: false,
            fresh_tmp: false,
            input: Vec::new(),
            limits: Limits::default(),
            stop: None,
        }
    }
}

impl fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the environment nor the input, which may be large or secret.
        f.debug_struct("Task")
            .field("root", &self.root)
            .field("program", &self.program)
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

impl Finished {
    /// Whether the code is 0.
    pub fn success(&self) -> bool {
        self.code == 0
    }
}
