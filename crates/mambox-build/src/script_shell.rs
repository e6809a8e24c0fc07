//! The shell that runs scripts of packages at build.

use mambox_activate::Environment;
use mambox_env::Lock;
use mambox_oci::{Digest, Image};

use crate::base::BaseFacts;

/// A shell of the finished image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptShell {
    /// Its absolute path in the image.
    pub(crate) path: String,
}

impl ScriptShell {
    /// bash of the base, else of the environment, since packages write their scripts for it; else the base's sh.
    pub(crate) fn of(base: &BaseFacts, lock: &Lock, prefix: &str) -> Option<Self> {
        let bash_of_base = base.shell.as_deref().filter(|shell| shell.ends_with("/bash"));
        let own = lock.package("bash").map(|_| format!("{prefix}/bin/bash"));
        let path = bash_of_base.map(str::to_owned).or(own).or_else(|| base.shell.clone());
        path.map(|path| Self { path })
    }

    /// The arguments that make it run a file.
    pub(crate) fn run_file(&self, path: String) -> Vec<String> {
        self.quietly([path])
    }

    /// The arguments that make it run a text.
    pub(crate) fn run_text(&self, text: String) -> Vec<String> {
        self.quietly(["-c".to_owned(), text])
    }

    /// Without reading a file of anybody's first.
    fn quietly(&self, arguments: impl IntoIterator<Item = String>) -> Vec<String> {
        let options: &[&str] = if self.path.ends_with("/bash") { &["--noprofile", "--norc"] } else { &[] };
        options.iter().map(|option| (*option).to_owned()).chain(arguments).collect()
    }
}

/// All that decides what scripts do, as far as a sandbox can see to it: `how` they are run, on which files, which of
/// them, with which variables.
pub(crate) fn key<'a>(
    how: &str,
    image: &Image,
    scripts: impl Iterator<Item = &'a String>,
    env: &[(String, String)],
) -> Digest {
    let mut text = format!("{how}\n");
    text.extend(image.config().diff_ids().iter().map(|id| format!("{id}\n")));
    text.extend(scripts.map(|script| format!("{script}\n")));
    text.extend(env.iter().map(|(name, value)| format!("{name}={value:?}\n")));
    Digest::of(text.as_bytes())
}

/// What every script finds, besides what is particular to it: nothing of the machine.
pub(crate) fn usual_environment(env: &[(String, String)]) -> Environment {
    let mut all: Environment = env.iter().cloned().collect();
    all.entry("LANG".into()).or_insert_with(|| "C.UTF-8".into());
    for (name, value) in [("HOME", "/tmp"), ("TMPDIR", "/tmp"), ("PYTHONDONTWRITEBYTECODE", "1")] {
        all.insert(name.into(), value.into());
    }
    all
}
