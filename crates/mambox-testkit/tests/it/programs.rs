//! The hand-assembled programs run, and the root file systems look right.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use insta::assert_snapshot;
use mambox_testkit::{PLACEHOLDER, RootFs, StaticElf, listing, read_tree};

/// Runs a program with two variables in its environment.
fn run(program: &[u8]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("program");
    std::fs::write(&path, program).expect("the program");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    // A fork of another test's thread may still hold the file open for writing: try again.
    for _ in 0..100 {
        let mut command = Command::new(&path);
        match command.env_clear().env("A", "1").env("B", "two words").arg("argument").output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            output => return output.expect("the program starts"),
        }
    }
    panic!("the program stays busy")
}

#[test]
fn message_is_written() {
    let output = run(&StaticElf::message("hello, world\n"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello, world\n");
    assert!(output.status.success());
}

#[test]
fn exit_code_is_the_one_asked_for() {
    assert_eq!(run(&StaticElf::message_then_exit("", 42)).status.code(), Some(42));
}

#[test]
fn embedded_string_is_written_up_to_its_nul() {
    let program = StaticElf::print_c_string("{prefix}/share");
    assert_eq!(String::from_utf8_lossy(&run(&program).stdout), format!("{PLACEHOLDER}/share\n"));

    // As an installer does it: the shorter prefix, then NULs up to the old length.
    let old = format!("{PLACEHOLDER}/share\0");
    let at = program.windows(old.len()).position(|window| window == old.as_bytes()).expect("the string");
    let mut installed = program;
    installed[at..at + old.len()].fill(0);
    installed[at..at + 16].copy_from_slice(b"/opt/conda/share");
    assert_eq!(String::from_utf8_lossy(&run(&installed).stdout), "/opt/conda/share\n");
}

#[test]
fn environment_is_written() {
    assert_eq!(String::from_utf8_lossy(&run(&StaticElf::print_environment()).stdout), "A=1\nB=two words\n");
}

#[test]
fn waiting_lasts_until_a_signal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    RootFs::empty().executable("wait", StaticElf::wait()).write_to(folder.path());
    let mut child = std::process::Command::new(folder.path().join("wait")).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(child.try_wait().expect("a child"), None, "it still runs");
    child.kill().expect("it can be killed");
    assert!(child.wait().expect("it ended").code().is_none(), "it ended by the signal");
}

#[test]
fn debian_root_lists_as_expected() {
    assert_snapshot!(listing(&RootFs::debian("2.36").tar()), @r"
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 etc/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 root/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 71 etc/os-release
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 89 etc/passwd
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 27 etc/group
    drwxrwxrwt 0:0 2023-11-14T22:13:20Z 0 tmp/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/bin/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib64/
    drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 usr/lib/x86_64-linux-gnu/
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 bin -> usr/bin
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib -> usr/lib
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 lib64 -> usr/lib64
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 320 usr/lib/x86_64-linux-gnu/libc.so.6
    lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 usr/lib64/ld-linux-x86-64.so.2 -> ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
    -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 177 usr/bin/sh
    ");
}

#[test]
fn root_can_be_unpacked() {
    let folder = tempfile::tempdir().expect("a folder");
    RootFs::debian("2.41").write_to(folder.path());
    let tree = read_tree(folder.path());
    let libc = tree["usr/lib/x86_64-linux-gnu/libc.so.6"].content();
    let banner = b"GNU C Library (Debian GLIBC 2.41-9) stable release version 2.41.";
    assert!(libc.windows(banner.len()).any(|window| window == banner));
    assert_eq!(tree["tmp"].mode, 0o1777);
}
