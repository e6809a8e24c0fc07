//! What a program in the sandbox sees and may do.
#![cfg(target_os = "linux")]

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use common::{ShellRoot, run, sandbox, stdout};
use mambox_sandbox::{Bind, Limits, SandboxError, Task};

#[test]
fn the_root_is_all_there_is() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let secret = tempfile::NamedTempFile::new().unwrap();
    let script = format!("ls -d /etc /home /root /sys {} 2>/dev/null; ls /", secret.path().display());
    let seen = stdout(&sandbox, &Task { fresh_tmp: true, ..root.script(&script) });
    let seen: Vec<_> = seen.lines().filter(|name| !["bin", "lib", "lib64", "usr"].contains(name)).collect();
    assert_eq!(seen, ["dev", "proc", "tmp"]);
}

#[test]
fn there_is_no_network() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let interfaces = stdout(&sandbox, &root.script("cat /proc/net/dev"));
    let names: Vec<_> =
        interfaces.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim()).collect();
    assert_eq!(names, ["lo"]);
    assert_eq!(stdout(&sandbox, &root.script("cat /proc/net/route")).lines().count(), 1, "the heading only");
}

#[test]
fn the_user_is_the_one_asked_for() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    for id in [0, 57439] {
        let script = "id -u; id -g; while read -r name value; do [ $name = CapEff: ] && echo $((0x$value > 0)) || :; done </proc/self/status";
        let expected = format!("{id}\n{id}\n{}\n", u8::from(id == 0));
        assert_eq!(stdout(&sandbox, &Task { id, ..root.script(script) }), expected);
    }
}

#[test]
fn environment_is_the_one_given() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let variables = [("PATH", "/usr/bin:/bin"), ("EMPTY", ""), ("ODD", "a b\n$c='\"\\"), ("LD_PRELOAD", "")];
    let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let task = Task { env, cwd: "/usr", ..root.script("tr '\\0' '|' </proc/self/environ") };
    let seen = stdout(&sandbox, &task);
    let mut seen: Vec<_> = seen.trim_end_matches('|').split('|').collect();
    seen.sort_unstable();
    assert_eq!(seen, ["EMPTY=", "LD_PRELOAD=", "ODD=a b\n$c='\"\\", "PATH=/usr/bin:/bin", "PWD=/usr"]);
}

#[test]
fn a_preloaded_library_is_for_the_program_and_not_for_bwrap() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let mut task = root.script("echo ran");
    task.env.push(("LD_PRELOAD".to_owned(), "/no/such/library.so".to_owned()));
    let finished = run(&sandbox, &task).unwrap();
    let complaints = String::from_utf8_lossy(&finished.stderr).matches("/no/such/library.so").count();
    assert!(complaints <= 1, "one process saw it");
    assert_eq!(finished.stdout, b"ran\n");
}

#[test]
fn program_is_root_there_with_umask_022_and_the_name_given() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let script = "id -u; id -g; umask; cat /proc/sys/kernel/hostname; pwd";
    let seen = stdout(&sandbox, &Task { hostname: "probe", cwd: "/usr", ..root.script(script) });
    assert_eq!(seen, "0\n0\n0022\nprobe\n/usr\n");
}

#[test]
fn only_capabilities_over_files_are_left() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let status = stdout(&sandbox, &root.script("cat /proc/self/status"));
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    // CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID.
    assert_eq!(u64::from_str_radix(effective.trim(), 16).unwrap(), 1 | 1 << 1 | 1 << 3 | 1 << 4);
}

#[test]
fn the_kernel_cannot_be_configured() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let script = "for file in kernel/core_pattern kernel/hostname vm/overcommit_memory; do \
                  (: >>/proc/sys/$file) 2>/dev/null && echo $file; done; \
                  (: >>/proc/sysrq-trigger) 2>/dev/null && echo sysrq; echo done";
    assert_eq!(stdout(&sandbox, &root.script(script)), "done\n");
}

#[test]
fn devices_of_the_host_cannot_be_spoiled() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let mode = || Path::new("/dev/full").metadata().unwrap().mode();
    let before = mode();
    let script = "chmod 600 /dev/full 2>/dev/null; echo x >/dev/shm/file; echo x >/dev/null; head -c 4 /dev/zero | wc -c; \
                  head -c 2 /dev/urandom | wc -c; mv /dev/shm/file /dev/null 2>/dev/null || echo kept";
    assert_eq!(stdout(&sandbox, &root.script(script)), "4\n2\nkept\n");
    assert_eq!(mode(), before);
}

#[test]
fn other_processes_are_out_of_sight() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    // The first process is bwrap's; the shell has the number 2.
    assert_eq!(
        stdout(&sandbox, &root.script("echo $$; kill -0 3000 2>/dev/null || echo alone")),
        "2\nalone\n"
    );
}

#[test]
fn descriptors_of_the_caller_are_closed() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let seen = stdout(
        &sandbox,
        &root.script("for fd in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo $fd; done; :"),
    );
    assert_eq!(seen, "");
}

#[test]
fn writes_appear_in_the_root() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    stdout(
        &sandbox,
        &root.script("mkdir -p /opt/conda && echo made >/opt/conda/file && chown 0:0 /opt/conda/file"),
    );
    let file = root.path().join("opt/conda/file");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "made\n");
    let metadata = file.metadata().unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o644);
    assert_eq!(metadata.uid(), root.path().metadata().unwrap().uid(), "the caller's");
}

#[test]
fn read_only_root_refuses_writes() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let finished = run(&sandbox, &Task { read_only: true, ..root.script("echo x >/file") }).unwrap();
    assert_ne!(finished.code, 0);
    assert!(String::from_utf8_lossy(&finished.stderr).contains("Read-only file system"));
    let task = Task { read_only: true, fresh_tmp: true, ..root.script("echo x >/tmp/file && cat /tmp/file") };
    assert_eq!(stdout(&sandbox, &task), "x\n");
    assert!(!root.path().join("tmp").exists());
}

#[test]
fn binds_show_what_they_are_given_and_no_more() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let host = tempfile::tempdir().unwrap();
    for (name, text) in [("read", "to read"), ("write", "to write"), ("beside", "hidden")] {
        std::fs::write(host.path().join(name), text).unwrap();
    }
    let script = "cat /in/read /in/write; ls /in; echo y >/in/read || echo no; echo new >/in/write";
    let mut task = root.script(script);
    for (name, writable) in [("read", false), ("write", true)] {
        task.binds.push(Bind { host: host.path().join(name), inside: format!("/in/{name}"), writable });
    }
    assert_eq!(stdout(&sandbox, &task), "to readto writeread\nwrite\nno\n");
    assert_eq!(std::fs::read_to_string(host.path().join("write")).unwrap(), "new\n");
    assert!(!root.path().join("in").exists(), "what was made to mount on is gone");
}

#[test]
fn input_larger_than_pipes_comes_back() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let input: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let finished = run(&sandbox, &Task { input: input.clone(), ..root.script("tee /dev/stderr") }).unwrap();
    assert!(finished.stdout == input && finished.stderr == input);
}

#[test]
fn input_need_not_be_read() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let task = Task { input: vec![b'x'; 1 << 20], ..root.script("exec <&-; echo done") };
    assert_eq!(stdout(&sandbox, &task), "done\n");
}

#[test]
fn exit_codes_and_signals_are_told() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let finished = run(&sandbox, &root.script("echo why >&2; exit 7")).unwrap();
    assert_eq!((finished.code, finished.stderr.as_slice()), (7, b"why\n".as_slice()));
    assert_eq!(run(&sandbox, &root.script("kill -TERM $$")).unwrap().code, 128 + 15);
}

#[test]
fn timeout_ends_grandchildren_too() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let script = "(while :; do echo >>/beat; sleep 0.01; done) & echo started >&2; sleep 1000";
    let limits = Limits { time: Duration::from_millis(700), ..Limits::default() };
    let error = run(&sandbox, &Task { limits, ..root.script(script) }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/bin/sh was stopped in the sandbox: it ran longer than 0.7 s; its last words: started"
    );
    assert_dead(&root);
}

#[test]
fn nothing_is_left_behind_by_a_program_that_ends() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    // A daemon: it holds none of the outputs, and has a session of its own.
    let script = "setsid sh -c 'while :; do echo >>/beat; sleep 0.01; done' >/dev/null 2>&1 </dev/null & \
                  while ! [ -e /beat ]; do sleep 0.01; done";
    stdout(&sandbox, &root.script(script));
    assert_dead(&root);
}

/// What writes `/beat` a hundred times a second writes no more.
fn assert_dead(root: &ShellRoot) {
    let length = || root.path().join("beat").metadata().expect("it was written").len();
    let before = length();
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(length(), before);
}

#[test]
fn a_program_killed_at_its_start_leaves_nothing_behind() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let name = root.path().display().to_string();
    for tenths in 0..200 {
        let limits = Limits { time: Duration::from_micros(100 * tenths), ..Limits::default() };
        let error = run(&sandbox, &Task { limits, ..root.script("sleep 1000") }).unwrap_err();
        assert!(matches!(error, SandboxError::TimedOut { .. }), "{error}");
    }
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let command = |process: std::fs::DirEntry| std::fs::read(process.path().join("cmdline")).ok();
    let mut commands = processes.filter_map(command).map(|text| String::from_utf8_lossy(&text).into_owned());
    assert_eq!(commands.find(|command| command.contains(&name)), None);
}

#[test]
fn output_is_bounded() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let limits = Limits { stdout: 1000, stderr: 1000, ..Limits::default() };
    let error = run(&sandbox, &Task { limits, ..root.script("while :; do echo yes; done") }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/bin/sh was stopped in the sandbox: it wrote more than 1000 bytes to standard output"
    );
    let error = run(&sandbox, &Task { limits, ..root.script("while :; do echo no >&2; done") }).unwrap_err();
    assert!(matches!(error, SandboxError::TooMuchOutput { stream: "standard error", .. }));
    let exactly = "printf %1000s x";
    assert_eq!(stdout(&sandbox, &Task { limits, ..root.script(exactly) }).len(), 1000);
}

#[test]
fn a_caller_may_change_its_mind() {
    let Some(sandbox) = sandbox() else { return };
    let root = ShellRoot::new();
    let error = run(&sandbox, &Task { stop: Some(&|| true), ..root.script("sleep 1000") }).unwrap_err();
    assert!(matches!(error, SandboxError::Stopped { .. }));
}
