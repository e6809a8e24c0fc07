//! Runs real shells and reads back the environment they hand on.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr, reason = "tests; each uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

use mambox_activate::{Activation, Captured, Environment};
use proptest::prelude::*;

/// Programs, how they are told to read a file and nothing else, and how many cases a property test has
/// time for.
pub(crate) const SHELLS: [(&str, &[&str], u32); 10] = [
    ("sh", &[], 24),
    ("dash", &[], 24),
    ("bash", &["--noprofile", "--norc"], 24),
    ("busybox", &["sh"], 24),
    ("mksh", &[], 24),
    ("zsh", &["-f"], 24),
    ("fish", &["--no-config"], 8),
    ("tcsh", &["-f"], 24),
    ("xonsh", &["--no-rc"], 3),
    ("pwsh", &["-NoProfile", "-File"], 3),
];

/// The program, where this machine has it; else a line that says so.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let found = ["/usr/local/bin", "/usr/bin", "/bin"].iter().map(|dir| Path::new(dir).join(program));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: {program}: not installed here");
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
    entries(&out.stdout)
}

/// The entries that `env -0` prints.
pub(crate) fn entries(text: &[u8]) -> Environment {
    let text = std::str::from_utf8(text).unwrap();
    text.split_terminator('\0')
        .filter_map(|entry| entry.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// An environment from a list.
pub(crate) fn environment(entries: &[(&str, &str)]) -> Environment {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Values made mostly of what some shell treats specially.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        ' ', '\'', '"', '$', '\\', '\n', '`', '!', '{', '}', '~', '*', '?', '[', '#', ';', '&', '|', '<',
        '>', '(', ')', '%', '^', '=', ':', '-', '\t', '\r', '\u{1}', '\u{1b}', '\u{7f}', 'a', 'n', 'é', '☃',
        '‘', '’', '😀', '\u{200d}', '\u{a0}', '\u{2028}',
    ]);
    prop::collection::vec(special, 0..12).prop_map(String::from_iter)
}

/// What scripts do of which everything must be carried.
pub(crate) fn scripted() -> Activation {
    let captured = Captured {
        variables: environment(&[("GDAL_DATA", "/opt/conda/share/gdal"), ("PRICE", "5$")]),
        unset: ["PROJ_LIB".to_owned(), "NOT.A.NAME".to_owned()].into(),
        path_first: vec!["/opt/conda/it's first".into(), "/opt/conda/second".into()],
        path_last: vec!["/opt/conda/late".into(), "/opt/conda/last".into()],
        dynamic: ["CACHE".to_owned()].into(),
    };
    Activation::new("/opt/conda", "base", [], &Environment::new()).with_captured(&captured)
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
