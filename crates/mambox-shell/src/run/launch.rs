//! Becoming a command, or starting it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::error::RunError;
use super::request::Streams;

/// `execve` says so of a script without a first line that names its interpreter.
const ENOEXEC: i32 = 8;

/// A program with all that it starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Its file.
    pub program: PathBuf,
    /// The name that it is told to have.
    pub name: OsString,
    /// The arguments behind its name.
    pub arguments: Vec<OsString>,
    /// All its variables.
    pub environment: BTreeMap<OsString, OsString>,
    /// Where it starts.
    pub cwd: Option<PathBuf>,
    /// The streams that it keeps.
    pub streams: Streams,
    /// What to log before.
    pub warnings: Vec<String>,
}

impl Launch {
    /// Becomes the program: signals and exit statuses are its own from here on. Returns only where that fails.
    pub fn exec(&self) -> RunError {
        let failed = self.command().exec();
        let source = match self.by_sh(&failed) {
            Some(mut sh) => {
                let second = sh.exec();
                if second.kind() == io::ErrorKind::NotFound { failed } else { second }
            }
            None => failed,
        };
        self.refused(source)
    }

    /// Starts the program in a process group of its own, so that the terminal's signals pass it by, and leaves
    /// it alone. Returns the line to print, which names the process.
    ///
    /// # Errors
    /// [`RunError::Refused`] where it does not start.
    pub fn detach(&self) -> Result<String, RunError> {
        let child = self.command().process_group(0).spawn().or_else(|failed| match self.by_sh(&failed) {
            Some(mut sh) => sh.process_group(0).spawn(),
            None => Err(failed),
        });
        let child = child.map_err(|source| self.refused(source))?;
        Ok(format!("Kill process with: kill {}\n", child.id()))
    }

    fn refused(&self, source: io::Error) -> RunError {
        RunError::Refused { program: self.program.clone(), source }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg0(&self.name).args(&self.arguments);
        self.surround(command)
    }

    /// What execvp and every shell do with a script that names no interpreter.
    fn by_sh(&self, failed: &io::Error) -> Option<Command> {
        (failed.raw_os_error() == Some(ENOEXEC)).then(|| {
            let mut command = Command::new("/bin/sh");
            command.arg(&self.program).args(&self.arguments);
            self.surround(command)
        })
    }

    fn surround(&self, mut command: Command) -> Command {
        command.env_clear().envs(&self.environment);
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        let Streams { stdin, stdout, stderr } = self.streams;
        let stream = |kept| if kept { Stdio::inherit() } else { Stdio::null() };
        command.stdin(stream(stdin)).stdout(stream(stdout)).stderr(stream(stderr));
        command
    }
}
