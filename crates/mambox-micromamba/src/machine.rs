//! What the program finds around it. Nothing else in this crate looks at the process's environment.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The surroundings, read once.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// Variables that are Unicode; others cannot be a setting.
    pub(crate) variables: BTreeMap<String, String>,
    /// Absolute; `/` where the current folder was removed.
    pub(crate) current_dir: PathBuf,
    /// `HOME`, else what the system's accounts say.
    pub(crate) home: Option<PathBuf>,
    /// This program.
    pub(crate) executable: PathBuf,
    /// Processors that we may use.
    pub(crate) processors: usize,
    /// Whether somebody looks at stdout.
    pub(crate) stdout_terminal: bool,
}

impl Machine {
    /// Looks around.
    pub(crate) fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        #[allow(clippy::disallowed_methods, reason = "this is the one place that may")]
        let current_dir = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let home = home(&variables);
        Self {
            current_dir,
            home,
            executable: executable(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            stdout_terminal: std::io::stdout().is_terminal(),
            variables,
        }
    }

    /// A variable's value; a set but empty one counts as unset.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A path as given on the command line, absolute.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        let path = match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_path_buf(),
        };
        self.current_dir.join(path)
    }
}

/// `HOME`, else the account of this user id in `/etc/passwd`, which is read and parsed here: asking the C library
/// would load the plug-ins of whatever C library the image has.
fn home(variables: &BTreeMap<String, String>) -> Option<PathBuf> {
    if let Some(home) = variables.get("HOME").filter(|home| home.starts_with('/')) {
        return Some(PathBuf::from(home));
    }
    let uid = rustix::process::geteuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = accounts.lines().map(|line| line.split(':'));
    let account = fields.find(|account| account.clone().nth(2) == Some(uid.as_str()))?;
    account.clone().nth(5).filter(|home| home.starts_with('/')).map(PathBuf::from)
}

/// `/proc` need not be mounted; then the name that we were called by has to do.
fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| {
        let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
        if called.is_absolute() { called } else { PathBuf::from("/bin/micromamba") }
    })
}
