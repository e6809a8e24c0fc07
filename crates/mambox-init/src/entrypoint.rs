//! `_entrypoint.sh`: the environment becomes active, then the process becomes the command.

use std::ffi::OsString;

use crate::activate::activate;
use crate::launch::Launch;
use crate::run::Outcome;
use crate::world::World;
use crate::{shells, user};

/// Runs a command in the active environment; without one, the image's shell.
pub(crate) fn run(world: &World, arguments: &[OsString]) -> Outcome {
    if let Some(problem) = user::mismatch(world) {
        return Outcome::failure(1, problem);
    }
    let mut launch = Launch::default();
    user::settle(world, &mut launch);
    let scripts = activate(world, &mut launch);
    launch.command = arguments.to_vec();
    if launch.command.is_empty() {
        let Some(shell) = shells::best(&world.root, launch.path(world.variable("PATH"))) else {
            return Outcome::failure(
                127,
                "no command was given, and this image has no shell to start instead",
            );
        };
        launch.command.push(shell.path.into());
    }
    launch.after(&scripts, world);
    Outcome::Launch(launch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Image, outcome, words};

    fn launched(image: &Image, variables: &[(&str, &str)], command: &[&str]) -> String {
        outcome(run(&image.world(variables), &words(command)))
    }

    #[test]
    fn a_command_becomes_what_it_is_in_the_active_environment() {
        let image = Image::new(&[("/opt/conda/conda-meta/", "")]);
        insta::assert_snapshot!(launched(&image, &[("PATH", "/bin")], &["python", "-c", "a b"]), @r"
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        PATH=/opt/conda/bin:/bin
        runs: python
        runs: -c
        runs: a b
        ");
    }

    #[test]
    fn scripts_take_a_shell_and_an_image_without_one_goes_on() {
        let files = [("/opt/conda/conda-meta/", ""), ("/opt/conda/etc/conda/activate.d/a.sh", "")];
        let skipped = launched(&Image::new(&files), &[("PATH", "/bin")], &["python"]);
        assert!(skipped.contains("says: the environment's activate.d scripts were not sourced"), "{skipped}");
        assert!(skipped.ends_with("runs: python\n"), "{skipped}");
        let sourced = launched(&Image::new(&files).with_program("/bin/sh"), &[("PATH", "/bin")], &["python"]);
        assert!(sourced.contains("runs: /bin/sh\nruns: -c\n") && sourced.contains("a.sh"), "{sourced}");
    }

    #[test]
    fn without_a_command_the_shell_of_the_image_starts() {
        let image = Image::new(&[("/opt/conda/conda-meta/", "")]);
        let missing = launched(&image, &[], &[]);
        assert!(missing.contains("127") && missing.contains("no shell"), "{missing}");
        let image = image.with_program("/bin/sh");
        assert!(launched(&image, &[], &[]).ends_with("runs: /bin/sh\n"));
        let image = image.with_program("/bin/bash");
        assert!(launched(&image, &[], &[]).ends_with("runs: /bin/bash\n"));
    }

    #[test]
    fn the_wrong_user_runs_nothing() {
        let image = Image::new(&[(user::FILE, "mambauser\n")]);
        assert!(launched(&image, &[("MAMBA_USER", "kai")], &["true"]).starts_with("Failure { code: 1"));
    }
}
