//! `_activate_current_env.sh`, sourced by bash as a `.bashrc` does.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/_activate_current_env.sh");

/// What bash says and prints after it sourced the script under `set -eu`, as an interactive shell where `interactive`.
fn bash(folder: &Path, variables: &[(&str, &str)], interactive: bool, text: &str) -> Option<String> {
    if !Path::new("/bin/bash").exists() {
        eprintln!("skipped: _activate_current_env.sh: there is no bash");
        return None;
    }
    let text = format!("set -eu; . {SCRIPT}; set +eu; {text}");
    let output = Command::new("/bin/bash")
        .args(["--norc", if interactive { "-ic" } else { "-c" }, &text])
        .env_clear()
        .env("PATH", format!("{}/tools:/usr/bin:/bin", folder.display()))
        .env("MAMBA_ROOT_PREFIX", folder)
        .env("HISTFILE", "")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    // A shell without a terminal complains of that.
    let errors: String =
        errors.lines().filter(|line| !line.contains("job control") && !line.contains("terminal")).collect();
    Some((errors + &String::from_utf8_lossy(&output.stdout)).replace(folder.to_str().unwrap(), "ROOT"))
}

/// A root prefix with a folder `tools` that is in PATH.
fn root() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["conda-meta", "envs/py/conda-meta", "tools", "etc/profile.d", "bin"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    folder
}

/// A stand-in for micromamba, whose hook makes a function that tells what it was called with.
fn program(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let text = format!(
        "#!/bin/sh\n[ \"$*\" = 'shell hook --shell=bash' ] && echo '{name}() {{ echo {name} \"$@\"; }}'\n"
    );
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn nothing_to_activate_with_is_no_failure() {
    let root = root();
    let Some(printed) = bash(root.path(), &[], false, "echo \"${CONDA_PREFIX-none} $?\"; compgen -v _mambox")
    else {
        return;
    };
    assert_eq!(printed, "none 0\n");
}

#[test]
fn micromamba_becomes_a_function_and_activates() {
    let root = root();
    let exe = root.path().join("tools/micromamba");
    program(&exe);
    let exe = ("MAMBA_EXE", exe.to_str().unwrap());
    let told =
        |more: &[(&str, &str)]| bash(root.path(), &[&[exe], more].concat(), false, "declare -F micromamba");
    let Some(base) = told(&[]) else { return };
    assert_eq!(base, "micromamba activate base\nmicromamba\n");
    assert_eq!(told(&[("ENV_NAME", "py")]).unwrap(), "micromamba activate py\nmicromamba\n");
    assert_eq!(told(&[("MAMBA_SKIP_ACTIVATE", "1")]).unwrap(), "micromamba\n");
}

#[test]
fn conda_and_mamba_of_the_environment_become_functions() {
    let root = root();
    fs::write(root.path().join("etc/profile.d/conda.sh"), "conda() { :; }\n").unwrap();
    program(&root.path().join("bin/mamba"));
    let text = "declare -F conda mamba";
    let Some(printed) = bash(root.path(), &[("MAMBA_SKIP_ACTIVATE", "1")], false, text) else { return };
    assert_eq!(printed, "conda\nmamba\n");
}

#[test]
fn without_micromamba_the_entry_programs_activate() {
    for name in ["mambox-init", "_entrypoint.sh"] {
        let root = root();
        symlink(env!("CARGO_BIN_EXE_mambox-init"), root.path().join("tools").join(name)).unwrap();
        let told = |variables: &[(&str, &str)]| {
            bash(root.path(), variables, false, "echo \"$CONDA_PREFIX ${PATH%%:*}\"")
        };
        let Some(base) = told(&[]) else { return };
        assert_eq!(base, "ROOT ROOT/bin\n", "{name}");
        assert_eq!(told(&[("ENV_NAME", "py")]).unwrap(), "ROOT/envs/py ROOT/envs/py/bin\n");
        assert_eq!(told(&[("MAMBA_SKIP_ACTIVATE", "1")]).unwrap(), " ROOT/tools\n");
    }
}

#[test]
fn another_family_s_entrypoint_is_left_alone() {
    let root = root();
    let entrypoint = root.path().join("tools/_entrypoint.sh");
    fs::write(&entrypoint, "#!/bin/sh\necho 'echo called'\n").unwrap();
    fs::set_permissions(&entrypoint, fs::Permissions::from_mode(0o755)).unwrap();
    let Some(printed) = bash(root.path(), &[], false, "echo \"${CONDA_PREFIX-none}\"") else { return };
    assert_eq!(printed, "none\n");
}

#[test]
fn the_prompt_of_an_interactive_shell_names_the_environment_once() {
    let root = root();
    symlink(env!("CARGO_BIN_EXE_mambox-init"), root.path().join("tools/mambox-init")).unwrap();
    let text = format!(
        "echo \"$PS1\"; . {SCRIPT}; echo \"$PS1\"; ENV_NAME=py; export ENV_NAME; . {SCRIPT}; echo \"$PS1\""
    );
    let Some(printed) = bash(root.path(), &[("PS1", "> ")], true, &text) else { return };
    assert_eq!(printed, "(base) > \n(base) > \n(py) > \n");
    let quiet = bash(root.path(), &[("PS1", "> ")], false, "echo \"${PS1-}\"").unwrap();
    assert!(!quiet.contains("base"), "{quiet}");
}
