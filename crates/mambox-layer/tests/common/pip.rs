//! What pip leaves in a virtual environment.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mambox_testkit::{Entry, EntryKind, read_tree, skip};
use tempfile::TempDir;

/// A virtual environment with pip in it.
pub(crate) struct Venv {
    pub(crate) folder: PathBuf,
    /// Of its python: `3.11`.
    pub(crate) version: String,
    _home: TempDir,
}

impl Venv {
    /// Makes one with the machine's python; where it has none, or none that can do that, says so.
    pub(crate) fn new(what: &str) -> Option<Self> {
        let home = TempDir::new().unwrap();
        let folder = home.path().canonicalize().unwrap().join("venv");
        let numbers = "import sys; print('%d.%d' % sys.version_info[:2])";
        let made = run(Path::new("python3"), &["-c", numbers]).and_then(|version| {
            run(Path::new("python3"), &["-m", "venv", folder.to_str().unwrap()])?;
            // Some have it already, and what is there already is not added.
            run(&folder.join("bin/python3"), &["-m", "pip", "uninstall", "--yes", "setuptools"])?;
            Ok(version.trim().to_owned())
        });
        match made {
            Ok(version) => Some(Self { folder, version, _home: home }),
            Err(why) => {
                skip(
                    what,
                    &format!("no virtual environment with pip: {}", why.lines().last().unwrap_or_default()),
                );
                None
            }
        }
    }

    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join(format!("bin/python{}", self.version))
    }

    /// Those of the wheels in a folder that this python takes by their tags.
    pub(crate) fn compatible(&self, wheels: &Path) -> Vec<String> {
        let script = "
import os, sys
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import parse_wheel_filename
tags = set(sys_tags())
names = [name for name in sorted(os.listdir(sys.argv[1])) if name.endswith('.whl')]
print('\\n'.join(name for name in names if tags & parse_wheel_filename(name)[3]))
";
        let output = run(&self.python(), &["-c", script, wheels.to_str().unwrap()]).unwrap();
        output.lines().map(str::to_owned).collect()
    }

    /// Installs wheels of a folder, as `NAME==VERSION`; returns the files that pip added, by their path in the environment.
    pub(crate) fn install(&self, wheels: &Path, requirements: &[String]) -> BTreeMap<String, Entry> {
        let before = read_tree(&self.folder);
        let mut arguments =
            vec!["-m", "pip", "install", "--no-index", "--no-deps", "--no-compile", "--find-links"];
        arguments.push(wheels.to_str().unwrap());
        arguments.extend(requirements.iter().map(String::as_str));
        run(&self.python(), &arguments).unwrap_or_else(|why| panic!("pip: {why}"));
        let after = read_tree(&self.folder).into_iter();
        let added = after.filter(|(path, entry)| {
            entry.kind != EntryKind::Directory && before.get(path).is_none_or(|old| old.kind != entry.kind)
        });
        added.collect()
    }
}

/// Runs a python that neither reads nor leaves anything in a home folder; returns what it printed, or else why it failed.
fn run(python: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(python)
        .args(arguments)
        .envs([
            ("PIP_CONFIG_FILE", "/dev/null"),
            ("PIP_NO_CACHE_DIR", "1"),
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
