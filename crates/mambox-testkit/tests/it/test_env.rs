//! Programs in a test environment see what it gives them and nothing else.

use insta::assert_snapshot;
use mambox_testkit::TestEnv;

/// An environment whose executable is the shell, so that tests can look around in it.
fn shell() -> TestEnv {
    TestEnv::new("/bin/sh")
}

#[test]
fn variables_are_its_own() {
    let env = shell().var("EXTRA", "1").without_var("XDG_STATE_HOME").tz("Asia/Kathmandu");
    // PWD, OLDPWD, SHLVL and _ are the shell's own.
    let run = env.run(["-c", "/usr/bin/env"]);
    let shells = ["PWD=", "OLDPWD=", "SHLVL=", "_="];
    let mut lines: Vec<_> =
        run.stdout.lines().filter(|line| !shells.iter().any(|own| line.starts_with(own))).collect();
    lines.sort_unstable();
    assert_snapshot!(lines.join("\n"), @r"
    EXTRA=1
    HOME=[HOME]
    LANG=C.UTF-8
    LC_ALL=C.UTF-8
    PATH=[BIN]
    TMPDIR=[TMP]
    TZ=Asia/Kathmandu
    XDG_CACHE_HOME=[CACHE]
    XDG_CONFIG_HOME=[CONFIG]
    XDG_DATA_HOME=[DATA]
    XDG_RUNTIME_DIR=[RUN]
    ");
}

#[test]
fn output_exit_code_and_placeholders_are_captured() {
    let env = shell().redact("secret", "[SECRET]").redact_pattern("sha256:[0-9a-f]+", "[DIGEST]");
    let script = "echo $PWD in 3.2s; echo secret sha256:0123; printf $HOME/x >&2; exit 3";
    assert_snapshot!(env.run(["-c", script]), @r"
    exit: 3
    --- stdout
    [WORK] in [TIME]
    [SECRET] [DIGEST]
    --- stderr
    [HOME]/x[no newline]
    ");
}

#[test]
fn umask_is_set_and_files_are_found() {
    let env = shell().umask(0o077);
    env.write("folder/input", "content");
    assert!(env.run(["-c", "read word < folder/input || echo $word > output"]).success());
    assert_eq!(env.read("output"), b"content\n");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &env.work().join("output").metadata().expect("output").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn fake_programs_are_all_there_is_on_the_path() {
    let env = shell();
    assert_eq!(env.run(["-c", "docker version"]).code, Some(127));
    env.fake_program("docker", "echo fake docker \"$@\"");
    assert_eq!(env.run(["-c", "docker version"]).stdout, "fake docker version\n");
}
