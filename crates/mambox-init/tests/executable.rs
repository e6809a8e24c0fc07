//! The executable, called by its names, on prefixes in temporary folders.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

/// A call under a name, with nothing in the environment but a PATH, the prefix and what is given.
fn call(name: &str, prefix: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mambox-init"))
        .arg0(name)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/")
        .env("MAMBA_ROOT_PREFIX", prefix)
        .envs(variables.iter().copied())
        .output()
        .expect("the executable starts")
}

/// Standard output, with the prefix called PREFIX.
fn printed(output: &Output, prefix: &Path) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "{errors}");
    String::from_utf8_lossy(&output.stdout).replace(prefix.to_str().unwrap(), "PREFIX")
}

/// An empty environment with these `activate.d` scripts.
fn prefix(scripts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("conda-meta")).unwrap();
    fs::create_dir_all(folder.path().join("etc/conda/activate.d")).unwrap();
    for (name, text) in scripts {
        fs::write(folder.path().join("etc/conda/activate.d").join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_command_runs_in_the_active_environment() {
    let prefix = prefix(&[]);
    let output = call("_entrypoint.sh", prefix.path(), &[("A", "it's $A")], &["env"]);
    let mut lines: Vec<_> = printed(&output, prefix.path()).lines().map(str::to_owned).collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @r"
    A=it's $A
    CONDA_DEFAULT_ENV=base
    CONDA_PREFIX=PREFIX
    CONDA_PROMPT_MODIFIER=(base) 
    CONDA_SHLVL=1
    HOME=/
    MAMBA_ROOT_PREFIX=PREFIX
    PATH=PREFIX/bin:/usr/bin:/bin
    ");
}

#[test]
fn a_link_to_the_executable_is_the_program_of_its_name() {
    let prefix = prefix(&[]);
    let link = prefix.path().join("_entrypoint.sh");
    symlink(env!("CARGO_BIN_EXE_mambox-init"), &link).unwrap();
    let output = Command::new(&link).args(["sh", "-c", "exit 7"]).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn scripts_are_sourced_in_the_order_of_their_names() {
    let prefix =
        prefix(&[("b.sh", "export B=${A}b\n"), ("a.sh", "export A=$CONDA_PREFIX\n"), ("c.csh", "exit 1\n")]);
    let output = call("_entrypoint.sh", prefix.path(), &[], &["sh", "-c", "echo $A $B $#", "x", "y"]);
    assert_eq!(printed(&output, prefix.path()), "PREFIX PREFIXb 1\n");
}

#[test]
fn codes_and_signals_are_the_commands_own() {
    let prefix = prefix(&[("a.sh", "export A=1\n")]);
    for scripts in [prefix.path(), Path::new("/none")] {
        let code = |command: &[&str]| call("_entrypoint.sh", scripts, &[], command).status.code();
        assert_eq!(code(&["sh", "-c", "exit 42"]), Some(42));
        assert_eq!(code(&["sh", "-c", "kill -TERM $$"]), None, "ended by the signal");
        assert_eq!(code(&["no-such-program"]), Some(127));
        assert_eq!(code(&["/none/program"]), Some(127));
        assert_eq!(code(&["/etc"]), Some(126));
    }
    let told =
        call("_entrypoint.sh", Path::new("/none"), &[("MAMBA_SKIP_ACTIVATE", "1")], &["no-such-program"]);
    insta::assert_snapshot!(String::from_utf8_lossy(&told.stderr), @"mambox: no-such-program: command not found, neither as a path nor in PATH=/usr/bin:/bin");
}

#[test]
fn a_script_without_a_first_line_runs_under_sh() {
    let prefix = prefix(&[]);
    let script = prefix.path().join("script");
    fs::write(&script, "echo \"$# $1\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let output = call("_entrypoint.sh", prefix.path(), &[], &[script.to_str().unwrap(), "a b"]);
    assert_eq!(printed(&output, prefix.path()), "1 a b\n");
    // The same by a path from the current folder.
    let output = Command::new(env!("CARGO_BIN_EXE_mambox-init"))
        .args(["_entrypoint.sh", "./script", "a b"])
        .env("MAMBA_ROOT_PREFIX", prefix.path())
        .current_dir(prefix.path())
        .output()
        .unwrap();
    assert_eq!(printed(&output, prefix.path()), "1 a b\n");
}

#[test]
fn bytes_that_are_no_text_pass_through() {
    let odd = OsStr::from_bytes(b"a\xffb");
    for prefix in [prefix(&[]), prefix(&[("a.sh", "export A=1\n")])] {
        let output = Command::new(env!("CARGO_BIN_EXE_mambox-init"))
            .args(["_entrypoint.sh", "printf", "%s"])
            .arg(odd)
            .env("MAMBA_ROOT_PREFIX", prefix.path())
            .env("ODD", odd)
            .output()
            .unwrap();
        assert_eq!(output.stdout, odd.as_bytes());
        let output = Command::new(env!("CARGO_BIN_EXE_mambox-init"))
            .args(["_entrypoint.sh", "printenv", "ODD"])
            .env("MAMBA_ROOT_PREFIX", prefix.path())
            .env("ODD", odd)
            .output()
            .unwrap();
        assert_eq!(output.stdout, [odd.as_bytes(), b"\n"].concat());
    }
}

#[test]
fn activating_twice_is_activating_once() {
    let prefix = prefix(&[("a.sh", "export A=1\n")]);
    let program = env!("CARGO_BIN_EXE_mambox-init");
    let once = call("_entrypoint.sh", prefix.path(), &[], &["env"]);
    let twice = call("_entrypoint.sh", prefix.path(), &[], &[program, "_entrypoint.sh", "env"]);
    let sorted = |output: &Output| {
        let text = printed(output, prefix.path());
        let mut lines: Vec<_> =
            text.lines().filter(|line| !line.starts_with("_=")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&twice), sorted(&once));
}

#[test]
fn lines_of_a_dockerfile_stop_at_the_first_failure() {
    let prefix = prefix(&[("a.sh", "export A=active\n")]);
    let run = |variables: &[(&str, &str)], text: &str| {
        let output = call("_dockerfile_shell.sh", prefix.path(), variables, &[text]);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(run(&[], "echo a$A; false; echo b"), (Some(1), "a\n".into()));
    assert_eq!(run(&[("MAMBA_DOCKERFILE_ACTIVATE", "1")], "echo $A"), (Some(0), "active\n".into()));
    if Path::new("/bin/bash").exists() {
        assert_eq!(run(&[], "false | true; echo b"), (Some(1), String::new()));
    } else {
        eprintln!("skipped: pipes: there is no bash");
    }
}

#[test]
fn the_hook_makes_a_shell_active_and_keeps_it_so() {
    let prefix = prefix(&[("a.sh", "export A=\"$CONDA_PREFIX\"\n")]);
    let hook = format!("eval \"$('{}' hook --shell sh)\"\n", env!("CARGO_BIN_EXE_mambox-init"));
    let text = format!("{hook}{hook}echo \"$PATH $CONDA_SHLVL $A\"");
    let output = call("_entrypoint.sh", prefix.path(), &[("MAMBA_SKIP_ACTIVATE", "0")], &["sh", "-c", &text]);
    assert_eq!(printed(&output, prefix.path()), "PREFIX/bin:/usr/bin:/bin 1 PREFIX\n");
    for wrong in [&["hook"][..], &["hook", "--shell", "cmd"], &["hook", "bash"]] {
        assert_eq!(call("mambox-init", prefix.path(), &[], wrong).status.code(), Some(2));
    }
}

#[test]
fn exports_tells_what_scripts_set_whatever_they_print() {
    let script = "echo talks; f() { :; }; [[ $CONDA_PREFIX ]] || return; export A=\"it's\" PATH=\"$PATH:/late\"; unset GONE";
    let prefix = prefix(&[("a.sh", script)]);
    let program = env!("CARGO_BIN_EXE_mambox-init");
    let output = call(program, prefix.path(), &[("GONE", "x")], &["exports"]);
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"talks");
    let told = String::from_utf8_lossy(&output.stdout).replace(prefix.path().to_str().unwrap(), "PREFIX");
    insta::assert_snapshot!(told, @r#"
    unset GONE
    export A='it'"'"'s'
    export CONDA_DEFAULT_ENV='base'
    export CONDA_PREFIX='PREFIX'
    export CONDA_PROMPT_MODIFIER='(base) '
    export CONDA_SHLVL='1'
    export PATH='PREFIX/bin:/usr/bin:/bin:/late'
    "#);
}

#[test]
fn the_help_teaches() {
    let output = call("mambox-init", Path::new("/none"), &[], &["--help"]);
    assert!(printed(&output, Path::new("/none")).contains("_entrypoint.sh"));
    assert_eq!(call("mambox-init", Path::new("/none"), &[], &[]).status.code(), Some(2));
}
