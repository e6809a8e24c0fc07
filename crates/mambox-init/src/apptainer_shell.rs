//! `_apptainer_shell.sh`: the shell of `apptainer shell --shell`.

use std::ffi::OsString;

use mambox_accounts::SCRIPT;

use crate::activate::activate;
use crate::launch::Launch;
use crate::run::Outcome;
use crate::shells;
use crate::world::World;

/// What Apptainer tells bash to do, which is done in another way here.
const OF_APPTAINER: [&str; 2] = ["--norc", "--noprofile"];

/// An interactive shell in the active environment, whose prompt names it.
///
/// HOME is the host's there. Its start files are not read, since they would activate what the host has,
/// and no history is written to it. bash reads the image's script instead, where the image has it, for
/// the functions.
pub(crate) fn run(world: &World, arguments: &[OsString]) -> Outcome {
    let mut launch = Launch::default();
    let scripts = activate(world, &mut launch);
    let Some(shell) = shells::best(&world.root, launch.path(world.variable("PATH"))) else {
        return Outcome::failure(127, "this image has neither bash nor sh");
    };
    launch.set("PS1", &prompt(world, &launch, shell.is_bash));
    launch.set("HISTFILE", "");
    for name in ["ENV", "PROMPT_COMMAND"] {
        launch.unset(name);
    }
    launch.command = vec![shell.path.into()];
    if shell.is_bash {
        let has_script = world.root.at(SCRIPT).is_file();
        let start: &[&str] = if has_script { &["--rcfile", SCRIPT] } else { &["--norc"] };
        launch.command.extend(start.iter().map(OsString::from));
    }
    launch.command.push("-i".into());
    launch.command.extend(arguments.iter().filter(|a| !OF_APPTAINER.iter().any(|own| a == own)).cloned());
    launch.after(&scripts, world);
    Outcome::Launch(launch)
}

/// The prompt, with the environment's name in front.
fn prompt(world: &World, launch: &Launch, is_bash: bool) -> String {
    let old = world.variable("CONDA_PROMPT_MODIFIER").unwrap_or_default();
    let new = launch.changed("CONDA_PROMPT_MODIFIER").unwrap_or(Some(old)).unwrap_or_default();
    let usual = if is_bash { r"\u@\h:\w\$ " } else { "$ " };
    let prompt = world.variable("PS1").unwrap_or(usual);
    format!("{new}{}", prompt.strip_prefix(old).unwrap_or(prompt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Image, outcome, words};

    fn shell(image: &Image, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        outcome(run(&image.world(variables), &words(arguments)))
    }

    fn image() -> Image {
        Image::new(&[("/opt/conda/conda-meta/", "")]).with_program("/bin/sh")
    }

    #[test]
    fn bash_reads_the_images_script_and_nothing_of_home() {
        let image = Image::new(&[("/opt/conda/conda-meta/", ""), (SCRIPT, "")]).with_program("/bin/bash");
        let variables = [("PATH", "/bin"), ("PS1", "Apptainer> "), ("PROMPT_COMMAND", "x")];
        insta::assert_snapshot!(shell(&image, &variables, &["--norc"]), @r"
        -ENV
        -PROMPT_COMMAND
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        HISTFILE=
        PATH=/opt/conda/bin:/bin
        PS1=(base) Apptainer> 
        runs: /bin/bash
        runs: --rcfile
        runs: /usr/local/bin/_activate_current_env.sh
        runs: -i
        ");
    }

    #[test]
    fn a_plain_sh_has_the_name_in_its_prompt_too() {
        insta::assert_snapshot!(shell(&image(), &[("PATH", "/bin")], &[]), @r"
        -ENV
        -PROMPT_COMMAND
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        HISTFILE=
        PATH=/opt/conda/bin:/bin
        PS1=(base) $ 
        runs: /bin/sh
        runs: -i
        ");
    }

    #[test]
    fn the_prompt_names_the_environment_once() {
        let active = [("CONDA_PREFIX", "/opt/conda"), ("CONDA_PROMPT_MODIFIER", "(base) ")];
        let prompt = |ps1: &str| shell(&image(), &[active[0], active[1], ("PS1", ps1)], &[]);
        for ps1 in ["(base) > ", "> "] {
            assert!(prompt(ps1).contains("PS1=(base) > \n"), "{}", prompt(ps1));
        }
    }
}
