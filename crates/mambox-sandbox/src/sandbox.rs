//! The sandbox: found once, then run as often as wanted.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::{Finished, SandboxError, Task};

/// A `bwrap` that works on this machine.
#[derive(Debug, Clone)]
pub struct Sandbox {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no sandbox"))]
    bwrap: PathBuf,
}

#[cfg(target_os = "linux")]
impl Sandbox {
    /// Looks for `bwrap` in the folders of `search_path` (as in `PATH`), and runs this machine's shell in a
    /// namespace to see that it may.
    ///
    /// # Errors
    /// [`SandboxError::NotFound`] and [`SandboxError::NotPermitted`], which say what to do.
    pub fn find(search_path: &OsStr) -> Result<Self, SandboxError> {
        let bwrap = program_in(search_path, "bwrap").ok_or(SandboxError::NotFound)?;
        crate::why_not::try_out(&bwrap)?;
        Ok(Self { bwrap })
    }

    /// Runs a program to its end.
    ///
    /// Its umask is 022, and there is no other id than [`Task::id`]: owners of the root's
    /// files that are not the caller show as 65534. `/proc` and `/dev` are its own. Folders to mount on that the root lacks
    /// are made and removed again; links in their place are refused. Runs side by side on one root want these
    /// folders to be there: the first to end removes what it made.
    ///
    /// When this returns, no process of the sandbox is left.
    ///
    /// # Errors
    /// Where the program cannot be started or breaks its limits; not where it fails by itself.
    pub fn run(&self, task: &Task<'_>) -> Result<Finished, SandboxError> {
        let root = crate::arguments::real_path(task.root)?;
        let mut points = crate::mount_points::MountPoints::open(&root)?;
        let devices = crate::devices::Devices::make();
        let arguments = crate::arguments::arguments(&root, task, devices.as_ref(), &mut points)?;
        crate::process::run(&self.bwrap, &arguments, &root, task)
    }
}

#[cfg(not(target_os = "linux"))]
impl Sandbox {
    /// There is none but on Linux.
    ///
    /// # Errors
    /// Always [`SandboxError::NotLinux`].
    pub fn find(search_path: &OsStr) -> Result<Self, SandboxError> {
        let _ = program_in(search_path, "bwrap");
        Err(SandboxError::NotLinux)
    }

    /// There is none but on Linux.
    ///
    /// # Errors
    /// Always [`SandboxError::NotLinux`].
    pub fn run(&self, _task: &Task<'_>) -> Result<Finished, SandboxError> {
        Err(SandboxError::NotLinux)
    }
}

/// The first file of that name in the folders of a search path. Folders that are not absolute are passed over.
fn program_in(search_path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
