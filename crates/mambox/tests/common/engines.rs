//! The engines and the base root file systems of this machine, and what is said where it has none.
#![allow(dead_code, unreachable_pub, reason = "not every test uses every helper")]
#![allow(clippy::disallowed_methods, reason = "MAMBOX_TEST_BASES, MAMBOX_TEST_REGISTRY")]

use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use mambox_conformance::Engine;
pub use mambox_testkit::skip;
use mambox_testkit::{StaticElf, TarEntry, tar_bytes};

/// Says something, not captured by the test runner, as with [`skip`].
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What must have worked.
pub fn must<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a program to its end; `None` where it is not installed.
pub fn output(program: &str, arguments: &[&str]) -> Option<Output> {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()
}

/// Standard output of a program that must succeed.
pub fn stdout(program: &str, arguments: &[&str]) -> String {
    let output = output(program, arguments).unwrap_or_else(|| panic!("{program} does not start"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The engines that can run a program in a container here.
pub fn engines() -> &'static [Engine] {
    static WORKING: OnceLock<Vec<Engine>> = OnceLock::new();
    WORKING.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tar = folder.path().join("probe.tar");
        let program = TarEntry::file("probe", StaticElf::message("it runs\n")).mode(0o755);
        std::fs::write(&tar, tar_bytes(&[program])).expect("the probe");
        let works = |engine: &Engine| match engine.works(&tar, "/probe") {
            Ok(()) => true,
            Err(error) => {
                skip(engine.program(), &error.to_string());
                false
            }
        };
        Engine::ALL.into_iter().filter(works).collect()
    })
}

/// An engine, if it works here.
pub fn find(engine: Engine) -> Option<Engine> {
    engines().contains(&engine).then_some(engine)
}

/// Address of the registry of the tests; without one, what needs it is said to be skipped.
pub fn registry(what: &str) -> Option<String> {
    let address = std::env::var("MAMBOX_TEST_REGISTRY").ok();
    if address.is_none() {
        skip(what, "MAMBOX_TEST_REGISTRY is not set");
    }
    address
}

/// The root file systems of `MAMBOX_TEST_BASES`, sorted by name.
pub fn base_archives() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("MAMBOX_TEST_BASES").map(PathBuf::from) else { return Vec::new() };
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tar"))
        .collect();
    files.sort();
    files
}

/// The name of a root file system: its file's, without `.tar`.
pub fn base_name(archive: &std::path::Path) -> String {
    archive.file_stem().expect("a file's name").to_string_lossy().into_owned()
}
