//! Synthetic prefixes, and shells to try texts in.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr, reason = "each test file uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with a root prefix whose path is as bad as paths may be, and a program named `micromamba`.
pub(crate) struct World {
    folder: tempfile::TempDir,
    root: &'static str,
}

/// The program of `examples/shell_program.rs`. `cargo test` builds it, `cargo test --test NAME` does not.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples/shell_program");
    assert!(
        program.exists(),
        "{} is missing: run all tests of the crate, or build its example",
        program.display()
    );
    program
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_root("it's \"$HOME\" `x`")
    }

    /// A world whose root prefix has another name.
    pub(crate) fn with_root(root: &'static str) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), root };
        fs::create_dir_all(world.root().join("conda-meta")).unwrap();
        fs::create_dir_all(world.root().join("bin")).unwrap();
        std::os::unix::fs::symlink(program(), world.executable()).unwrap();
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path().join(self.root)
    }

    pub(crate) fn executable(&self) -> PathBuf {
        self.root().join("bin/micromamba")
    }

    /// Writes a file of the root prefix.
    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A prefix (`.` is the root) with scripts of both kinds, each of which tells that it is sourced.
    pub(crate) fn with_environment(&self, prefix: &str) -> &Self {
        let name = prefix.rsplit('/').next().unwrap().replace('.', "base").replace(' ', "_");
        self.write(&format!("{prefix}/conda-meta/history"), "");
        self.write(
            &format!("{prefix}/conda-meta/state"),
            &format!(r#"{{"env_vars": {{"WHO": "{name}", "own_{name}": "it's \"$X\" \\ `id`"}}}}"#),
        );
        for number in ["1", "2"] {
            for (kind, sign) in [("activate", "+"), ("deactivate", "-")] {
                self.write(
                    &format!("{prefix}/etc/conda/{kind}.d/{number} a.sh"),
                    &format!("echo '{sign}{name}{number}' \"${{WHO-}}\"\n"),
                );
            }
        }
        self
    }

    /// What a shell prints and complains of, with the folder's name taken out. `None` where this machine has
    /// no such shell, which is told.
    pub(crate) fn shell(&self, shell: &[&str], text: &str) -> Option<String> {
        let Some(program) = which(shell[0]) else {
            eprintln!("skipped: there is no {} here", shell[0]);
            return None;
        };
        let output = Command::new(program)
            .args(&shell[1..])
            .args(["-c", text])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path())
            .env("MAMBA_ROOT_PREFIX", self.root())
            .env("MM", self.executable())
            .current_dir(self.path())
            .output()
            .unwrap();
        let text = [output.stderr, output.stdout].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Some(
            text.concat()
                .replace(self.root().to_str().unwrap(), "ROOT")
                .replace(self.path().to_str().unwrap(), "DIR"),
        )
    }
}

/// A shell of this machine.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin"].map(Path::new);
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}
