//! `mambox-init exports`: what the activation sets, its scripts included, as statements of POSIX sh.
//!
//! For a shell that need not be able to source the scripts itself: that of Apptainer is an interpreter of its
//! own, and scripts are written for bash. The image's shell sources them and becomes `mambox-init exports
//! --since NAME=VALUE…`, which tells its environment from that before.

use std::ffi::{OsStr, OsString};

use mambox_activate::{Change, Environment, Shell, render_change};

use crate::activate::activate;
use crate::launch::Launch;
use crate::run::Outcome;
use crate::shells;
use crate::world::World;

/// What a shell sets for itself.
const OF_SHELLS: [&str; 4] = ["_", "OLDPWD", "PWD", "SHLVL"];

/// Standard output is kept for the statements: scripts may print, which goes to standard error.
const ASIDE: &str = r#"exec "$@" 3>&1 >&2"#;
const BACK: &str = r#"exec "$@" >&3 3>&-"#;

/// Prints the statements, or becomes the shell that does.
pub(crate) fn run(world: &World, command_line: &[OsString], arguments: &[OsString]) -> Outcome {
    match arguments.split_first() {
        None => {
            let program = command_line.first().map_or(OsStr::new("mambox-init"), |name| name);
            all(world, program)
        }
        Some((word, before)) if word == "--since" => Outcome::Text(difference(world, before)),
        Some(_) => Outcome::failure(2, "usage: mambox-init exports"),
    }
}

fn all(world: &World, program: &OsStr) -> Outcome {
    let mut launch = Launch::default();
    let scripts = activate(world, &mut launch);
    let best = || shells::best(&world.root, launch.path(world.variable("PATH")));
    let Some(shell) = (!scripts.is_empty()).then(best).flatten() else {
        launch.after(&scripts, world);
        return Outcome::Text(statements(launch));
    };
    let through = |text: &str, command: Vec<OsString>| {
        let words = [OsString::from(&shell.path), "-c".into(), text.into(), "sh".into()];
        words.into_iter().chain(command).collect::<Vec<_>>()
    };
    let mut command = vec![program.to_owned(), "exports".into(), "--since".into()];
    command.extend(world.environment.iter().map(|(name, value)| format!("{name}={value}").into()));
    launch.command = through(BACK, command);
    launch.after(&scripts, world);
    launch.command = through(ASIDE, launch.command);
    Outcome::Launch(launch)
}

/// The change without scripts. Messages are statements, too: whoever evaluates them shows them.
fn statements(launch: Launch) -> String {
    let mut text = String::new();
    for message in &launch.messages {
        let line = shells::quoted(format!("mambox: {message}").as_bytes());
        text.push_str(&format!("printf '%s\\n' {} >&2\n", String::from_utf8_lossy(&line)));
    }
    text + &render_change(&launch.into_change(), Shell::Posix)
}

/// What is other than it was before, but for what shells set.
fn difference(world: &World, before: &[OsString]) -> String {
    let pairs = before.iter().filter_map(|word| word.to_str()?.split_once('='));
    let before = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut change = Change::between(&before.collect::<Environment>(), &world.environment);
    change.set.retain(|(name, _)| !OF_SHELLS.contains(&&**name));
    change.unset.retain(|name| !OF_SHELLS.contains(&&**name));
    render_change(&change, Shell::Posix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Image, outcome, words};

    fn exported(image: &Image, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        outcome(run(&image.world(variables), &words(&["/usr/local/bin/mambox-init"]), &words(arguments)))
    }

    #[test]
    fn without_scripts_there_is_no_shell() {
        let image = Image::new(&[("/opt/conda/conda-meta/", ""), ("/opt/conda/envs/env2/conda-meta/", "")]);
        insta::assert_snapshot!(exported(&image, &[("PATH", "/bin")], &[]), @"
        export CONDA_DEFAULT_ENV='base'
        export CONDA_PREFIX='/opt/conda'
        export CONDA_PROMPT_MODIFIER='(base) '
        export CONDA_SHLVL='1'
        export PATH='/opt/conda/bin:/bin'
        ");
        let other = exported(&image, &[("PATH", "/bin"), ("ENV_NAME", "env2")], &[]);
        assert!(other.contains("export CONDA_PREFIX='/opt/conda/envs/env2'\n"), "{other}");
        assert_eq!(exported(&image, &[("PATH", "/bin"), ("MAMBA_SKIP_ACTIVATE", "1")], &[]), "");
    }

    #[test]
    fn an_environment_that_is_not_there_is_told_by_who_evaluates() {
        let told = exported(&Image::new(&[]), &[("ENV_NAME", "it's")], &[]);
        assert!(
            told.starts_with(r"printf '%s\n' 'mambox: there is no environment at /opt/conda/envs/it'\''s"),
            "{told}"
        );
    }

    #[test]
    fn scripts_are_sourced_by_the_images_shell() {
        let image =
            Image::new(&[("/opt/conda/conda-meta/", ""), ("/opt/conda/etc/conda/activate.d/a.sh", "")]);
        insta::assert_snapshot!(exported(&image.with_program("/bin/bash"), &[("PATH", "/bin"), ("A", "it's")], &[]), @r#"
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        PATH=/opt/conda/bin:/bin
        runs: /bin/bash
        runs: -c
        runs: exec "$@" 3>&1 >&2
        runs: sh
        runs: /bin/bash
        runs: -c
        runs: mambox_command='exec '\''/bin/bash'\'' '\''-c'\'' '\''exec "$@" >&3 3>&-'\'' '\''sh'\'' '\''/usr/local/bin/mambox-init'\'' '\''exports'\'' '\''--since'\'' '\''A=it'\''\'\'''\''s'\'' '\''PATH=/bin'\'''
        trap 'printf "mambox: %s\n" "an activation script has ended the shell; those after it were not sourced" >&2; eval "$mambox_command"' EXIT
        . '/opt/conda/etc/conda/activate.d/a.sh' || printf 'mambox: %s has failed (status %s)\n' '/opt/conda/etc/conda/activate.d/a.sh' "$?" >&2
        trap - EXIT
        eval "$mambox_command"

        runs: _entrypoint.sh
        "#);
    }

    #[test]
    fn without_a_shell_the_rest_is_active() {
        let image =
            Image::new(&[("/opt/conda/conda-meta/", ""), ("/opt/conda/etc/conda/activate.d/a.sh", "")]);
        let told = exported(&image, &[("PATH", "/bin")], &[]);
        assert!(
            told.contains("not sourced") && told.contains("export CONDA_PREFIX='/opt/conda'\n"),
            "{told}"
        );
    }

    #[test]
    fn what_changed_since_is_told_but_for_what_shells_set() {
        let now =
            [("A", "new"), ("B", "b"), ("SHLVL", "2"), ("PATH", "/x:/bin"), ("BASH_FUNC_f%%", "() { :; }")];
        let before = ["--since", "A=old=1", "B=b", "GONE=1", "PWD=/", "PATH=/bin"];
        insta::assert_snapshot!(exported(&Image::new(&[]), &now, &before), @"
        unset GONE
        export A='new'
        export PATH='/x:/bin'
        ");
    }

    #[test]
    fn other_words_are_refused() {
        assert!(exported(&Image::new(&[]), &[], &["--shell"]).contains("usage: mambox-init exports"));
    }
}
