//! A place where our executable runs without seeing anything of the machine around it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::redact::Redactions;

/// A hermetic environment for running an executable: a temporary home, XDG folders, working folder and temporary
/// folder; no variables but its own; a PATH that holds only [fake programs](Self::fake_program); a umask of 022,
/// LANG C.UTF-8 and TZ UTC unless told otherwise. Removed when dropped.
///
/// ```no_run
/// # use mambox_testkit::TestEnv;
/// let env = TestEnv::new("target/debug/mambox"); // in a test: env!("CARGO_BIN_EXE_mambox")
/// env.write("environment.yml", "name: x\n");
/// let run = env.run(["lock", "environment.yml"]);
/// assert!(run.success(), "{run}");
/// ```
#[derive(Debug)]
pub struct TestEnv {
    // Held for its removal.
    _folder: TempDir,
    root: PathBuf,
    executable: PathBuf,
    variables: BTreeMap<OsString, OsString>,
    umask: u32,
    redactions: Redactions,
}

impl TestEnv {
    /// An environment for this executable; tests pass `env!("CARGO_BIN_EXE_mambox")`.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        let folder = tempfile::Builder::new().prefix("testenv-").tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("a temporary folder's true path");
        let mut variables = BTreeMap::new();
        let mut redactions = Redactions::default();
        let folders = [
            ("home", Some("HOME"), "[HOME]"),
            ("work", None, "[WORK]"),
            ("bin", Some("PATH"), "[BIN]"),
            ("tmp", Some("TMPDIR"), "[TMP]"),
            ("cache", Some("XDG_CACHE_HOME"), "[CACHE]"),
            ("config", Some("XDG_CONFIG_HOME"), "[CONFIG]"),
            ("data", Some("XDG_DATA_HOME"), "[DATA]"),
            ("state", Some("XDG_STATE_HOME"), "[STATE]"),
            ("run", Some("XDG_RUNTIME_DIR"), "[RUN]"),
        ];
        for (name, variable, placeholder) in folders {
            let path = root.join(name);
            std::fs::create_dir(&path).expect("a folder of the environment");
            redactions.text(&path.to_string_lossy(), placeholder);
            if let Some(variable) = variable {
                variables.insert(variable.into(), path.into());
            }
        }
        std::fs::set_permissions(root.join("run"), PermissionsExt::from_mode(0o700))
            .expect("a private folder");
        redactions.text(&root.to_string_lossy(), "[ROOT]");
        let env = Self {
            _folder: folder,
            root,
            executable: executable.into(),
            variables,
            umask: 0o022,
            redactions,
        };
        env.lang("C.UTF-8").tz("UTC")
    }

    /// Sets a variable.
    pub fn var(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Removes one of its own variables, such as HOME.
    pub fn without_var(mut self, name: impl AsRef<OsStr>) -> Self {
        self.variables.remove(name.as_ref());
        self
    }

    /// LANG and LC_ALL, such as `tr_TR.UTF-8`.
    pub fn lang(self, lang: &str) -> Self {
        self.var("LANG", lang).var("LC_ALL", lang)
    }

    /// TZ, such as `Asia/Kathmandu`.
    pub fn tz(self, tz: &str) -> Self {
        self.var("TZ", tz)
    }

    /// The umask, such as `0o077`.
    pub fn umask(mut self, umask: u32) -> Self {
        self.umask = umask;
        self
    }

    /// Shows `text` (a path, an address, a digest) as `placeholder` in what programs print.
    pub fn redact(mut self, text: impl fmt::Display, placeholder: &str) -> Self {
        self.redactions.text(&text.to_string(), placeholder);
        self
    }

    /// Shows what a regular expression matches as `replacement` (which may use `$1`).
    pub fn redact_pattern(mut self, pattern: &str, replacement: &str) -> Self {
        self.redactions.pattern(pattern, replacement);
        self
    }

    /// The folder that holds all others.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// HOME.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The folder commands run in.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// XDG_CACHE_HOME.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// Writes a file below the working folder, with the folders it needs.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("its folder");
        std::fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Reads a file below the working folder.
    pub fn read(&self, path: &str) -> Vec<u8> {
        let path = self.work().join(path);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Puts an `sh` script on PATH under a name such as `docker`. PATH has nothing else: the script can use what
    /// the shell has built in, and absolute paths.
    pub fn fake_program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.root.join("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the script");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("the script's mode");
        path
    }

    /// The command, ready to be started: for tests that need its input, its process or its signals.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        // A shell sets the umask, which a process can only do for itself, and becomes the executable.
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("umask {:04o}; exec \"$@\"", self.umask), "sh"])
            .arg(&self.executable)
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    /// Runs the executable to its end.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        let output = self.command(arguments).output().expect("/bin/sh starts");
        Run {
            code: output.status.code(),
            stdout: self.redactions.apply(&String::from_utf8_lossy(&output.stdout)),
            stderr: self.redactions.apply(&String::from_utf8_lossy(&output.stderr)),
            raw_stdout: output.stdout,
        }
    }
}

/// A finished run. Its `Display` is made for snapshots.
#[derive(Clone, Debug)]
pub struct Run {
    /// Exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output with placeholders.
    pub stdout: String,
    /// Standard error with placeholders.
    pub stderr: String,
    /// Standard output as it came.
    pub raw_stdout: Vec<u8>,
}

impl Run {
    /// Whether it exited with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl fmt::Display for Run {
    /// ```text
    /// exit: 0
    /// --- stdout
    /// …
    /// --- stderr
    /// …
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit: {code}")?,
            None => writeln!(f, "exit: by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            writeln!(f, "--- {name}")?;
            f.write_str(text)?;
            if !text.is_empty() && !text.ends_with('\n') {
                writeln!(f, "[no newline]")?;
            }
        }
        Ok(())
    }
}
