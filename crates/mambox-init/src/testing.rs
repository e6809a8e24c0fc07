//! An image for tests: a root file system in a temporary folder, and what a program makes of it.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::launch::Launch;
use crate::root::Root;
use crate::run::Outcome;
use crate::world::World;

/// A root file system.
pub(crate) struct Image(tempfile::TempDir);

impl Image {
    /// One with these files; a name that ends with `/` is a folder.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let image = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            match name.rsplit_once('/') {
                Some((folder, "")) => image.folder(folder),
                _ => image.file(name, text, 0o644),
            }
        }
        image
    }

    /// Modes do not depend on the umask of whoever runs the tests.
    fn folder(&self, path: &str) {
        let folders = path.match_indices('/').skip(1).map(|(end, _)| &path[..end]).chain([path]);
        for folder in folders.map(|folder| self.root().at(folder)).filter(|folder| !folder.exists()) {
            fs::create_dir(&folder).unwrap();
            fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn file(&self, path: &str, text: &str, mode: u32) {
        self.folder(&path[..path.rfind('/').unwrap()]);
        fs::write(self.root().at(path), text).unwrap();
        fs::set_permissions(self.root().at(path), Permissions::from_mode(mode)).unwrap();
    }

    /// The same with a program.
    pub(crate) fn with_program(self, path: &str) -> Self {
        self.file(path, "", 0o755);
        self
    }

    pub(crate) fn root(&self) -> Root {
        Root::new(self.0.path())
    }

    /// What root sees in it.
    pub(crate) fn world(&self, variables: &[(&str, &str)]) -> World {
        World::new(self.root(), variables)
    }
}

/// A command line.
pub(crate) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// What a program came to.
pub(crate) fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Launch(launch) => told(&launch),
        Outcome::Text(text) => text,
        other => format!("{other:?}"),
    }
}

/// What a launch says, changes and runs, a line each.
pub(crate) fn told(launch: &Launch) -> String {
    let messages = launch.messages.iter().map(|message| format!("says: {message}\n"));
    let change = launch.clone().into_change();
    let unset = change.unset.iter().map(|name| format!("-{name}\n"));
    let set = change.set.iter().map(|(name, value)| format!("{name}={value}\n"));
    let command = launch.command.iter().map(|word| format!("runs: {}\n", word.to_string_lossy()));
    messages.chain(unset).chain(set).chain(command).collect()
}
