//! Runs real shells and reads back the environment they hand on.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout, reason = "tests; each uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mambox_activate::Activation;

/// What an `env -0` after the script says, by name.
pub(crate) type Environment = BTreeMap<String, String>;

/// The program, where this machine has it; else a line that says so.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let found = ["/usr/local/bin", "/usr/bin", "/bin"].iter().map(|dir| Path::new(dir).join(program));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {program} is not installed here");
    }
    found
}

/// Runs `program args... FILE` on a file with the text, with nothing in its environment but `env`.
///
/// The text is expected to end by running `/usr/bin/env -0`.
pub(crate) fn run(program: &Path, args: &[&str], text: &str, env: &[(&str, &str)]) -> Environment {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    std::fs::write(&file, text).unwrap();
    let out = Command::new(program)
        .args(args)
        .arg(&file)
        .env_clear()
        .env("HOME", folder.path())
        .env("LC_ALL", "C.UTF-8")
        .envs(env.iter().copied())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && errors.is_empty(), "{}: {errors}\n{text}", program.display());
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_terminator('\0')
        .filter_map(|entry| entry.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())))
        .collect()
}

/// An activation with variables that no careless quoting survives.
pub(crate) fn tricky() -> Activation {
    let own = [
        ("GDAL_DATA", "/opt/my env/share"),
        ("QUOTES", r#"it's "quoted" 'twice'"#),
        ("SHELL_WORDS", r"$HOME ${x} $(id) `id` \ \\ \n !x !! %s ~ * ;&|<>#"),
        ("SEVERAL_LINES", "one\ntwo\\\n!three"),
        ("UNICODE", "é ☃ ‘x’ 👩\u{200d}💻"),
        ("EMPTY", ""),
        ("NOT.A.NAME", "x"),
        ("UID", "0"),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    Activation::new("/opt/my env", "base", [], &own)
}
