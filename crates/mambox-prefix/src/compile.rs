//! `.pyc` files of noarch python packages, made by the environment's own python.
//!
//! Each process takes a share of the files. It writes into the transaction's folder and renames, so that nothing half-made
//! is left elsewhere when it is killed; it holds the lock, and it ends when whoever started it is gone.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::error::TransactionError;
use crate::lock::Guard;
use crate::prefix::Prefix;

/// A further process is worth its start with this many files.
const WORTH: usize = 64;
/// How often the processes are looked after.
const PAUSE: Duration = Duration::from_millis(5);

/// Validated by time and size, as conda's and mamba's are; SOURCE_DATE_EPOCH would make py_compile do otherwise. Files that
/// do not compile are no error: templates and code for other versions are often part of packages.
const WORKER: &str = r"
import os, py_compile, sys
todo, scratch, parent = sys.argv[1], sys.argv[2], int(sys.argv[3])
mode = getattr(py_compile, 'PycInvalidationMode', None)
options = {'invalidation_mode': mode.TIMESTAMP} if mode else {}
with open(todo, 'rb') as file:
    lines = file.read().split(b'\n')
for line in lines:
    if not line:
        continue
    source, target = [os.fsdecode(part) for part in line.split(b'\t')]
    try:
        py_compile.compile(source, cfile=scratch, dfile=source, doraise=True, **options)
    except Exception:
        continue
    if os.getppid() != parent:
        sys.exit(3)
    try:
        os.mkdir(os.path.dirname(target))
    except OSError:
        pass
    os.replace(scratch, target)
";

/// What python is to do, and with what.
pub(crate) struct Compiling<'a> {
    pub(crate) prefix: &'a Prefix,
    /// The transaction's own.
    pub(crate) folder: &'a Path,
    pub(crate) guard: &'a Guard,
    pub(crate) processes: usize,
    pub(crate) cancel: &'a AtomicBool,
}

/// Sources and `.pyc` files that came of them.
pub(crate) struct Compiled<'a> {
    pub(crate) made: HashSet<&'a str>,
    pub(crate) warning: Option<String>,
}

impl Compiling<'_> {
    /// Compiles sources, given with where their `.pyc` goes; paths are relative to the prefix.
    pub(crate) fn run<'a>(&self, files: &[(&'a str, &'a str)]) -> Result<Compiled<'a>, TransactionError> {
        let processes = self.processes.clamp(1, files.len().div_ceil(WORTH).max(1));
        let python = self.prefix.path().join("bin/python");
        let mut children = Children(Vec::new());
        let mut warning = None;
        for (number, share) in files.chunks(files.len().div_ceil(processes).max(1)).enumerate() {
            match self.start(&python, number, share) {
                Ok(child) => children.0.push(child),
                Err(error) => {
                    warning = Some(format!("no .pyc files, since {} does not run: {error}", python.display()))
                }
            }
        }
        let failed = children.wait(self.cancel)?;
        let log = || fs::read_to_string(self.log(0)).unwrap_or_default();
        if let Some(status) = failed {
            let last = log().lines().last().unwrap_or_default().to_owned();
            warning =
                Some(format!("not all .pyc files could be made ({status}) {last}").trim_end().to_owned());
        }
        let exists = |path: &str| fs::symlink_metadata(self.prefix.path().join(path)).is_ok();
        let made = files.iter().map(|(_, pyc)| *pyc).filter(|pyc| exists(pyc)).collect();
        Ok(Compiled { made, warning })
    }

    fn log(&self, number: usize) -> PathBuf {
        self.folder.join(format!("python-{number}.log"))
    }

    fn start(&self, python: &Path, number: usize, share: &[(&str, &str)]) -> std::io::Result<Child> {
        let todo = self.folder.join(format!("python-{number}.txt"));
        let prefix = self.prefix.text();
        let mut list = Vec::new();
        for (source, pyc) in share {
            writeln!(list, "{prefix}/{source}\t{prefix}/{pyc}")?;
        }
        fs::write(&todo, list)?;
        Command::new(python)
            .args(["-Wi", "-I", "-S", "-c", WORKER])
            .arg(&todo)
            .arg(self.folder.join(format!("python-{number}.pyc")))
            .arg(std::process::id().to_string())
            .env_clear()
            .current_dir(self.prefix.path())
            .stdin(self.guard.stdin())
            .stdout(Stdio::null())
            .stderr(File::create(self.log(number))?)
            .spawn()
    }
}

/// Processes that do not outlive this.
struct Children(Vec<Child>);

impl Children {
    /// Waits for all; gives the status of one that failed.
    fn wait(mut self, cancel: &AtomicBool) -> Result<Option<String>, TransactionError> {
        let mut failed = None;
        while let Some(child) = self.0.last_mut() {
            if cancel.load(Ordering::Relaxed) {
                return Err(TransactionError::Cancelled);
            }
            match child.try_wait() {
                Ok(None) => thread::sleep(PAUSE),
                Ok(Some(status)) => {
                    if !status.success() {
                        failed = Some(status.to_string());
                    }
                    self.0.pop();
                }
                Err(error) => {
                    failed = Some(error.to_string());
                    self.0.pop();
                }
            }
        }
        Ok(failed)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may be gone already.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}
