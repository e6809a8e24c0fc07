//! The shell that runs scripts of packages at build.

use mambox_activate::Environment;
use mambox_env::Lock;

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

    /// The arguments that make it run a text without reading a file of anybody's.
    pub(crate) fn arguments(&self, text: String) -> Vec<String> {
        let quiet: &[&str] = if self.path.ends_with("/bash") { &["--noprofile", "--norc"] } else { &[] };
        quiet.iter().map(|word| (*word).to_owned()).chain(["-c".to_owned(), text]).collect()
    }
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
