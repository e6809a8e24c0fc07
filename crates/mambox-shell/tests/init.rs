//! `init` and `deinit` on the files of a home folder.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use common::World;
use mambox_shell::{InitContext, Shell, apply, deinit, init};

/// A home folder `home` and a root prefix `root` in a folder.
fn context(folder: &Path) -> [std::path::PathBuf; 2] {
    let [home, root] = ["home", "root"].map(|name| folder.join(name));
    fs::create_dir_all(&home).unwrap();
    [home, root]
}

fn of<'a>([home, root_prefix]: &'a [std::path::PathBuf; 2]) -> InitContext<'a> {
    let executable = Path::new("/bin/micromamba");
    InitContext { home, config_home: None, zdotdir: None, root_prefix, executable, login_shells: false }
}

/// Section 5 of the reference, "shell init".
#[test]
fn the_block_of_bash() {
    let folder = tempfile::tempdir().unwrap();
    let places = context(folder.path());
    fs::write(places[0].join(".bashrc"), "alias x=y\n").unwrap();
    let edits = init(Shell::Bash, &of(&places)).unwrap();
    let text = String::from_utf8(edits[1].after.clone().unwrap()).unwrap();
    insta::assert_snapshot!(text.replace(folder.path().to_str().unwrap(), ""), @r#"
    alias x=y

    # >>> mamba initialize >>>
    # Written by 'micromamba shell init'; 'micromamba shell deinit' takes it away.
    export MAMBA_EXE='/bin/micromamba'
    export MAMBA_ROOT_PREFIX='/root'
    if __mamba_hook=$("$MAMBA_EXE" shell hook --shell bash --root-prefix "$MAMBA_ROOT_PREFIX" 2>/dev/null); then
        eval "$__mamba_hook"
    fi
    unset __mamba_hook
    # <<< mamba initialize <<<
    "#);
    assert_eq!(fs::read(places[0].join(".bashrc")).unwrap(), b"alias x=y\n", "nothing is written");
}

#[test]
fn every_shell_has_its_files_and_they_go_again() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Tcsh, Shell::Xonsh, Shell::PowerShell] {
        let folder = tempfile::tempdir().unwrap();
        let places = context(folder.path());
        let context = of(&places);
        let edits = init(shell, &context).unwrap();
        apply(&edits).unwrap();
        assert!(edits.len() == 2 && edits.iter().all(|edit| edit.path.is_file()), "{edits:?}");
        assert_eq!(init(shell, &context).unwrap(), [], "again");
        apply(&deinit(shell, &context).unwrap()).unwrap();
        assert!(edits.iter().all(|edit| !edit.path.exists()), "{shell:?}");
        assert_eq!(deinit(shell, &context).unwrap(), []);
    }
    insta::assert_snapshot!(init(Shell::Dash, &of(&["/none/home".into(), "/none/root".into()])).unwrap_err(), @r#"dash reads no file of its own at its start: put eval "$(micromamba shell hook --shell dash)" into the file that ENV names"#);
}

#[test]
fn links_modes_and_bytes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let places = context(folder.path());
    let real = folder.path().join("dotfiles");
    let text = b"x=\xff\n\n  no line end";
    fs::write(&real, text).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("../dotfiles", places[0].join(".bashrc")).unwrap();
    apply(&init(Shell::Bash, &of(&places)).unwrap()).unwrap();
    assert!(fs::read(&real).unwrap().starts_with(text));
    assert!(fs::symlink_metadata(places[0].join(".bashrc")).unwrap().is_symlink());
    apply(&deinit(Shell::Bash, &of(&places)).unwrap()).unwrap();
    assert_eq!(fs::read(&real).unwrap(), text);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no other file is left");
}

/// A root prefix in an image may belong to root, and the shell be somebody else's.
#[test]
fn a_root_prefix_that_cannot_be_written_matters_to_tcsh_alone() {
    let folder = tempfile::tempdir().unwrap();
    let places = context(folder.path());
    fs::write(&places[1], "no folder").unwrap();
    let warnings = apply(&init(Shell::Bash, &of(&places)).unwrap()).unwrap().join("");
    insta::assert_snapshot!(warnings.replace(folder.path().to_str().unwrap(), ""), @"cannot write /root/etc/profile.d/mamba.sh: Not a directory (os error 20); the shell works without it");
    assert!(places[0].join(".bashrc").exists());
    assert!(apply(&init(Shell::Tcsh, &of(&places)).unwrap()).is_err());
    assert!(!places[0].join(".tcshrc").exists());
}

#[test]
fn tcsh_keeps_reading_the_file_that_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let places = context(folder.path());
    fs::write(places[0].join(".cshrc"), "setenv X 1\n").unwrap();
    apply(&init(Shell::Tcsh, &of(&places)).unwrap()).unwrap();
    assert!(!places[0].join(".tcshrc").exists());
    assert!(fs::read_to_string(places[0].join(".cshrc")).unwrap().contains("mamba initialize"));
}

#[test]
fn a_block_that_was_cut_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let places = context(folder.path());
    fs::write(places[0].join(".zshrc"), "# >>> mamba initialize >>>\nx\n").unwrap();
    let error =
        init(Shell::Zsh, &of(&places)).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "");
    insta::assert_snapshot!(error, @"/home/.zshrc: the lines '>>> mamba initialize >>>' and '<<< mamba initialize <<<' do not pair; remove them by hand");
}

/// A new shell has the function, in every shell that is here.
#[test]
fn a_shell_that_starts_has_the_function() {
    let world = World::new();
    world.with_environment("envs/py");
    for (shell, name, file) in [
        (&["bash"][..], "bash", "~/.bashrc"),
        (&["zsh"], "zsh", "~/.zshrc"),
        (&["fish"], "fish", "~/.config/fish/config.fish"),
    ] {
        let quoted = if name == "fish" { "$MM" } else { "\"$MM\"" };
        let text = format!(
            "{quoted} shell init --shell {name}; . {file}; micromamba activate py; echo $CONDA_DEFAULT_ENV"
        );
        let Some(printed) = world.shell(shell, &text) else { continue };
        assert!(printed.ends_with("py\n"), "{name}: {printed}");
    }
}
