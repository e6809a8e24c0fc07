//! A sandbox, and root file systems to run programs on.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::ffi::OsStr;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use mambox_sandbox::{Bind, Finished, Sandbox, SandboxError, Task};
use tempfile::TempDir;

/// The machine's sandbox, or none with a line that says why.
pub(crate) fn sandbox() -> Option<Sandbox> {
    match Sandbox::find(OsStr::new("/usr/bin:/bin:/usr/local/bin")) {
        Ok(sandbox) => Some(sandbox),
        Err(error) => {
            skipped("sandbox", &error.to_string());
            None
        }
    }
}

pub(crate) use mambox_testkit::skip as skipped;

/// A root that has nothing but one program, `/program`.
pub(crate) fn root_with(program: &[u8]) -> TempDir {
    let root = TempDir::new().expect("a folder");
    let path = root.path().join("program");
    std::fs::write(&path, program).expect("the program");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    root
}

/// A root that borrows the programs of this machine: its shell, `cat`, `sleep`, `id`, ….
pub(crate) struct ShellRoot {
    folder: TempDir,
    binds: Vec<Bind>,
}

impl ShellRoot {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        // Anybody may look in, also the ordinary user of some tests.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("mode");
        let mut binds = Vec::new();
        for name in ["usr", "bin", "lib", "lib64"] {
            let host = Path::new("/").join(name);
            match std::fs::read_link(&host) {
                Ok(target) => symlink(target, folder.path().join(name)).expect("a link"),
                Err(_) if host.is_dir() => {
                    // There for all runs: several may go on at once.
                    std::fs::create_dir(folder.path().join(name)).expect("a folder");
                    binds.push(Bind { inside: format!("/{name}"), host, writable: false });
                }
                Err(_) => {}
            }
        }
        Self { folder, binds }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A shell that runs a script.
    pub(crate) fn script(&self, script: &str) -> Task<'_> {
        Task {
            args: vec!["-c".to_owned(), script.to_owned()],
            env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            binds: self.binds.clone(),
            ..Task::new(self.path(), "/bin/sh")
        }
    }
}

/// What a task wrote to standard output; it must succeed.
pub(crate) fn stdout(sandbox: &Sandbox, task: &Task<'_>) -> String {
    let finished = run(sandbox, task).expect("it runs");
    assert!(finished.success(), "code {}: {}", finished.code, String::from_utf8_lossy(&finished.stderr));
    String::from_utf8(finished.stdout).expect("UTF-8")
}

/// As [`Sandbox::run`]; a file that another test's fork still holds open for writing is tried again.
pub(crate) fn run(sandbox: &Sandbox, task: &Task<'_>) -> Result<Finished, SandboxError> {
    for _ in 0..100 {
        match sandbox.run(task) {
            Err(SandboxError::Program { said, .. }) if said.contains("busy") => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            result => return result,
        }
    }
    panic!("the program stays busy")
}
