//! `_dockerfile_shell.sh`: what runs the `RUN` lines of a Dockerfile whose `SHELL` it is.

use std::ffi::OsString;

use crate::activate::activate;
use crate::launch::Launch;
use crate::run::Outcome;
use crate::shells;
use crate::world::World;

/// For a sh of which nobody knows whether it has `pipefail` (POSIX has it since 2024).
const PIPEFAIL: &str = "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi\n";

/// Runs the text under bash, else sh, which stops at the first failure; in an active environment with
/// `MAMBA_DOCKERFILE_ACTIVATE=1`.
pub(crate) fn run(world: &World, arguments: &[OsString]) -> Outcome {
    let Some((text, rest)) = arguments.split_first() else {
        return Outcome::failure(2, "usage: _dockerfile_shell.sh TEXT: runs the text as a shell would");
    };
    let mut launch = Launch::default();
    let scripts =
        if world.says_yes("MAMBA_DOCKERFILE_ACTIVATE") { activate(world, &mut launch) } else { Vec::new() };
    let Some(shell) = shells::best(&world.root, launch.path(world.variable("PATH"))) else {
        return Outcome::failure(
            127,
            "this image has neither bash nor sh: say RUN [\"program\", \"argument\"] instead of RUN text",
        );
    };
    let mut command: Vec<OsString> = vec![shell.path.clone().into(), "-e".into()];
    if shell.is_bash {
        command.extend(["-o", "pipefail", "-c"].map(OsString::from));
        command.push(text.clone());
    } else {
        let mut guarded = OsString::from(PIPEFAIL);
        guarded.push(text);
        command.extend(["-c".into(), guarded]);
    }
    command.extend_from_slice(rest);
    launch.command = command;
    launch.after(&scripts, world);
    Outcome::Launch(launch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Image, outcome, words};

    fn ran(image: &Image, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        outcome(run(&image.world(variables), &words(arguments)))
    }

    fn image() -> Image {
        Image::new(&[("/opt/conda/conda-meta/", "")])
    }

    #[test]
    fn lines_run_under_bash_and_are_active_only_if_asked() {
        let image = image().with_program("/bin/bash").with_program("/bin/sh");
        insta::assert_snapshot!(ran(&image, &[("PATH", "/bin")], &["a | b"]), @r"
        runs: /bin/bash
        runs: -e
        runs: -o
        runs: pipefail
        runs: -c
        runs: a | b
        ");
        let asked = [("PATH", "/bin"), ("MAMBA_DOCKERFILE_ACTIVATE", "1")];
        insta::assert_snapshot!(ran(&image, &asked, &["a | b"]), @r"
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        PATH=/opt/conda/bin:/bin
        runs: /bin/bash
        runs: -e
        runs: -o
        runs: pipefail
        runs: -c
        runs: a | b
        ");
        let skipped = ran(&image, &[asked[0], asked[1], ("MAMBA_SKIP_ACTIVATE", "1")], &["a | b"]);
        assert!(!skipped.contains("CONDA_PREFIX"), "{skipped}");
    }

    #[test]
    fn a_base_with_only_sh_fails_in_pipes_where_its_sh_can() {
        insta::assert_snapshot!(ran(&image().with_program("/bin/sh"), &[], &["a | b", "name"]), @r"
        runs: /bin/sh
        runs: -e
        runs: -c
        runs: if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi
        a | b
        runs: name
        ");
    }

    #[test]
    fn without_a_shell_the_other_form_is_shown() {
        let told = ran(&image(), &[], &["a"]);
        assert!(told.contains("127") && told.contains("RUN ["), "{told}");
        assert!(ran(&image(), &[], &[]).contains("usage"));
    }
}
