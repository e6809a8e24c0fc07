//! The other tests of this crate once more as an ordinary user, where they are run by root.
#![cfg(target_os = "linux")]

mod common;

use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use common::skipped;

#[test]
fn an_ordinary_user_has_the_same_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    if folder.path().metadata().unwrap().uid() != 0 {
        return skipped("ordinary user", "the tests are run by one anyway");
    }
    if common::sandbox().is_none() {
        return;
    }
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    for tests in ["isolation", "roots"] {
        let Some(program) = newest(tests) else {
            return skipped("ordinary user", "the other tests' programs are not beside this one");
        };
        // Where an ordinary user can read it.
        let copy = folder.path().join(tests);
        std::fs::copy(program, &copy).unwrap();
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
        let run = Command::new("setpriv")
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .arg(&copy)
            .current_dir("/")
            .env("TMPDIR", folder.path())
            .output();
        let output = match run {
            Ok(output) => output,
            Err(error) => return skipped("ordinary user", &format!("setpriv: {error}")),
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("test result: ok"), "{said}");
    }
}

/// The newest test program of that name beside this one.
fn newest(tests: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    let files = std::fs::read_dir(folder).ok()?.flatten().filter(|file| {
        let name = file.file_name().into_string().unwrap_or_default();
        name.starts_with(&format!("{tests}-")) && !name.contains('.')
    });
    files
        .max_by_key(|file| file.metadata().and_then(|metadata| metadata.modified()).ok())
        .map(|file| file.path())
}
