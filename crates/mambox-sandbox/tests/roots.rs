//! Root file systems that lack something, or that are out to trick.
#![cfg(target_os = "linux")]

mod common;

use std::ffi::OsStr;
use std::os::unix::fs::symlink;

use common::{ShellRoot, root_with, run, sandbox};
use mambox_sandbox::{Bind, Sandbox, SandboxError, Task};
use mambox_testkit::{StaticElf, read_tree};

#[test]
#[cfg(target_arch = "x86_64")]
fn a_single_static_program_is_root_enough() {
    let Some(sandbox) = sandbox() else { return };
    let root = root_with(&StaticElf::message("hello\n"));
    let before = read_tree(root.path());
    for read_only in [false, true] {
        let finished = run(&sandbox, &Task { read_only, ..Task::new(root.path(), "/program") }).unwrap();
        assert_eq!((finished.code, finished.stdout.as_slice()), (0, b"hello\n".as_slice()));
    }
    assert_eq!(read_tree(root.path()), before, "folders to mount on are gone");
}

#[test]
fn what_the_program_leaves_in_a_made_folder_stays() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let host = tempfile::NamedTempFile::new().unwrap();
    let mut task = root.script("echo kept >/made/beside");
    let inside = "/made/file".to_owned();
    task.binds.push(Bind { host: host.path().to_owned(), inside, writable: false });
    assert!(run(&sandbox, &task).unwrap().success());
    assert_eq!(std::fs::read_to_string(root.path().join("made/beside")).unwrap(), "kept\n");
    assert!(!root.path().join("made/file").exists());
}

#[test]
fn links_in_place_of_mount_points_are_refused() {
    let Some(sandbox) = sandbox() else { return };
    let outside = tempfile::tempdir().unwrap();
    for name in ["proc", "dev", "tmp"] {
        let root = tempfile::tempdir().unwrap();
        symlink(outside.path(), root.path().join(name)).unwrap();
        let task = Task { fresh_tmp: true, ..Task::new(root.path(), "/program") };
        let error = sandbox.run(&task).unwrap_err();
        assert!(matches!(&error, SandboxError::MountPoint { .. }), "{error}");
        let said = error.to_string();
        assert!(said.starts_with(&format!("cannot mount on /{name} in ")), "{said}");
        assert!(said.ends_with(&format!(": `{name}` is a symbolic link")), "{said}");
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn links_on_the_way_to_a_bind_are_refused() {
    let Some(sandbox) = sandbox() else { return };
    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    symlink(outside.path(), root.path().join("in")).unwrap();
    std::fs::write(root.path().join("file"), "").unwrap();
    let refused = |inside: &str| {
        let bind = Bind { host: "/dev/null".into(), inside: inside.to_owned(), writable: false };
        let task = Task { binds: vec![bind], ..Task::new(root.path(), "/program") };
        sandbox.run(&task).unwrap_err().to_string().rsplit_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(refused("/in/deep/er"), "`in` is a symbolic link");
    assert_eq!(refused("/in"), "`in` is a symbolic link");
    assert_eq!(refused("/file/under"), "`file` is not a folder");
    assert_eq!(refused("/a/../../b"), "it is not an absolute path without `..`");
    assert_eq!(refused("relative"), "it is not an absolute path without `..`");
    assert_eq!(refused("/"), "it is the root itself");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let Some(sandbox) = sandbox() else { return };
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("text"), "no program").unwrap();
    let error = sandbox.run(&Task::new(root.path(), "/bin/none")).unwrap_err();
    assert!(matches!(error, SandboxError::Program { .. }));
    assert!(error.to_string().starts_with("cannot start /bin/none in "), "{error}");
    assert!(error.to_string().contains(": No such file or directory (the root lacks"), "{error}");
    let error = sandbox.run(&Task::new(root.path(), "/text")).unwrap_err();
    assert!(error.to_string().contains(": Permission denied ("), "{error}");
}

#[test]
fn links_of_the_root_lead_nowhere_else() {
    let Some(sandbox) = sandbox() else { return };
    let root = tempfile::tempdir().unwrap();
    symlink("/usr/bin/id", root.path().join("program")).unwrap();
    let error = sandbox.run(&Task::new(root.path(), "/program")).unwrap_err();
    assert!(matches!(error, SandboxError::Program { .. }), "{error}");
}

#[test]
fn a_folder_to_start_in_that_is_not_there_is_named() {
    let Some(sandbox) = sandbox() else { return };
    let root = tempfile::tempdir().unwrap();
    let error = sandbox.run(&Task { cwd: "/no/where", ..Task::new(root.path(), "/program") }).unwrap_err();
    assert!(matches!(error, SandboxError::SetUp { .. }));
    assert!(error.to_string().contains("/no/where"), "{error}");
}

#[test]
fn without_bwrap_the_message_says_what_to_install() {
    assert_eq!(
        Sandbox::find(OsStr::new("")).unwrap_err().to_string(),
        "no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, \
         `dnf install bubblewrap` or `apk add bubblewrap`)"
    );
}

#[test]
fn a_bwrap_that_may_not_work_is_told_with_its_reason() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let bwrap = folder.path().join("bwrap");
    std::fs::write(&bwrap, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        .unwrap();
    std::fs::set_permissions(&bwrap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let error = Sandbox::find(folder.path().as_os_str()).unwrap_err();
    assert!(matches!(error, SandboxError::NotPermitted { .. }));
    assert!(error.to_string().contains("(No permissions to create new namespace); "), "{error}");
}
