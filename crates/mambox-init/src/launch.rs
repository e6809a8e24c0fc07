//! What a process becomes.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use mambox_activate::{Change, DEFAULT_PATH};

use crate::root::Root;
use crate::shells;
use crate::sourcing::source;
use crate::world::World;

/// `execve` says so of a script without a first line that names its interpreter.
const ENOEXEC: i32 = 8;

/// A command with the changes to the environment that it starts in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// What to say before, a line or more each.
    pub messages: Vec<String>,
    /// The command and its arguments.
    pub command: Vec<OsString>,
    /// Variables with their new values; `None` where they are removed.
    changes: BTreeMap<String, Option<String>>,
}

/// Why a command could not be started, and the exit code that shells give for it.
#[derive(Debug, thiserror::Error)]
pub enum NotLaunched {
    /// There is no such program.
    #[error("{0}: command not found, neither as a path nor in PATH={1}")]
    NotFound(String, String),
    /// The program is there and does not start.
    #[error("{program}: cannot be run: {source}{}", match source.kind() {
        io::ErrorKind::NotFound => " (its interpreter or loader is missing in this image)",
        _ => "",
    })]
    Refused {
        /// Its path.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
}

impl NotLaunched {
    /// 127 for what is not there, 126 for what cannot be run (POSIX, 2.8.2).
    pub fn code(&self) -> u8 {
        match self {
            Self::NotFound(..) => 127,
            Self::Refused { .. } => 126,
        }
    }
}

impl Launch {
    /// Gives a variable a value.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.changes.insert(name.into(), Some(value.into()));
    }

    /// Removes a variable.
    pub(crate) fn unset(&mut self, name: &str) {
        self.changes.insert(name.into(), None);
    }

    /// Adds changes.
    pub(crate) fn change(&mut self, Change { set, unset }: Change) {
        self.changes.extend(set.into_iter().map(|(name, value)| (name, Some(value))));
        self.changes.extend(unset.into_iter().map(|name| (name, None)));
    }

    /// The value that a variable is given; `Some(None)` where it is removed, `None` where it stays.
    pub fn changed(&self, name: &str) -> Option<Option<&str>> {
        self.changes.get(name).map(Option::as_deref)
    }

    /// All changes.
    pub(crate) fn into_change(self) -> Change {
        let mut change = Change::default();
        for (name, value) in self.changes {
            match value {
                Some(value) => change.set.push((name, value)),
                None => change.unset.push(name),
            }
        }
        change
    }

    /// The search path of the command, given that of the process.
    pub(crate) fn path<'a>(&'a self, inherited: Option<&'a str>) -> &'a str {
        self.changed("PATH").unwrap_or(inherited).unwrap_or(DEFAULT_PATH)
    }

    /// Lets the command start from a shell that has sourced scripts, where there are some. An image that
    /// has no shell to source them runs the command without.
    pub(crate) fn after(&mut self, scripts: &[String], world: &World) {
        if scripts.is_empty() {
            return;
        }
        match shells::best(&world.root, self.path(world.variable("PATH"))) {
            Some(shell) => source(self, &shell, scripts),
            None => self.messages.push(format!(
                "the environment's activate.d scripts were not sourced, since this image has neither bash nor sh: {}",
                scripts.join(", ")
            )),
        }
    }

    /// Becomes the command; returns only where that fails.
    ///
    /// `inherited` is the process's own `PATH`.
    pub fn exec(&self, inherited: Option<&str>) -> NotLaunched {
        let path = self.path(inherited);
        let (name, arguments) = self.command.split_first().map_or((OsStr::new(""), &[][..]), |(n, a)| (n, a));
        let Some(program) = find(&Root::default(), name, path) else {
            return NotLaunched::NotFound(name.to_string_lossy().into(), path.into());
        };
        let mut source = self.prepared(program.as_os_str(), name).args(arguments).exec();
        if source.raw_os_error() == Some(ENOEXEC) {
            // What execvp and every shell do.
            let sh = OsStr::new("/bin/sh");
            let failed = self.prepared(sh, sh).arg(&program).args(arguments).exec();
            source = if failed.kind() == io::ErrorKind::NotFound { source } else { failed };
        }
        NotLaunched::Refused { program: program.to_string_lossy().into(), source }
    }

    /// A program under a name, with the changed environment.
    fn prepared(&self, program: &OsStr, name: &OsStr) -> Command {
        let mut command = Command::new(program);
        command.arg0(name);
        for (name, value) in &self.changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// The program that a name means: a path, or the first in the search path that can be run, else the
/// first that is there at all, so that the system says why it cannot.
pub(crate) fn find(root: &Root, name: &OsStr, path: &str) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return root.at(name).try_exists().is_ok_and(|exists| exists).then(|| name.into());
    }
    if name.is_empty() {
        return None;
    }
    // An empty folder in a search path is the current one.
    let folders = path.split(':').map(|folder| if folder.is_empty() { "." } else { folder });
    let mut present = None;
    for place in folders.map(|folder| PathBuf::from(folder).join(name)) {
        if root.is_program(&place) {
            return Some(place);
        }
        if present.is_none() && root.at(&place).is_file() {
            present = Some(place);
        }
    }
    present
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Image;

    #[test]
    fn the_first_program_in_the_path_is_meant() {
        let image = Image::new(&[("/a/tool", ""), ("/a/only", ""), ("/a/folder/", "")])
            .with_program("/b/tool")
            .with_program("/c/tool");
        let root = image.root();
        let found =
            |name: &str| find(&root, OsStr::new(name), "/none:/a:/b:/c").map(|p| p.display().to_string());
        assert_eq!(found("tool").as_deref(), Some("/b/tool"));
        assert_eq!(found("/c/tool").as_deref(), Some("/c/tool"));
        assert_eq!(found("only").as_deref(), Some("/a/only"), "it cannot be run, and exec says so");
        assert_eq!([found("folder"), found("none"), found("/none/tool"), found("")], [const { None }; 4]);
    }
}
