//! Which of the programs is meant: they share one executable.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// One of the programs that the executable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// `_entrypoint.sh`: activates and becomes the command.
    Entrypoint,
    /// `_dockerfile_shell.sh`: the `SHELL` of a Dockerfile.
    DockerfileShell,
    /// `_apptainer_shell.sh`: for `apptainer shell --shell`.
    ApptainerShell,
    /// `_dockerfile_initialize_user_accounts.sh`: makes the account.
    UserAccounts,
    /// `_dockerfile_setup_root_prefix.sh`: makes the root prefix.
    RootPrefix,
    /// `mambox-init hook`: prints the activation as statements of a shell.
    Hook,
    /// `mambox-init exports`: the same with what scripts set, for any shell of POSIX's kind.
    Exports,
    /// `mambox-init --help`.
    Help,
    /// `mambox-init --version`.
    Version,
}

/// The names by which a program is called, and what each does in a line of the help.
pub(crate) const NAMES: [(&str, Program, &str); 5] = [
    ("_entrypoint.sh", Program::Entrypoint, "COMMAND…: activates the environment, then becomes the command"),
    ("_dockerfile_shell.sh", Program::DockerfileShell, "TEXT: a Dockerfile's SHELL, for its RUN lines"),
    ("_apptainer_shell.sh", Program::ApptainerShell, "for `apptainer shell --shell`: an active shell"),
    (
        "_dockerfile_initialize_user_accounts.sh",
        Program::UserAccounts,
        "as root: makes the account of MAMBA_USER, MAMBA_USER_ID, MAMBA_USER_GID",
    ),
    (
        "_dockerfile_setup_root_prefix.sh",
        Program::RootPrefix,
        "as root: makes MAMBA_ROOT_PREFIX, which all may write",
    ),
];

/// What `mambox-init` itself knows, besides the names.
const WORDS: [(&str, Program); 6] = [
    ("hook", Program::Hook),
    ("exports", Program::Exports),
    ("--help", Program::Help),
    ("-h", Program::Help),
    ("--version", Program::Version),
    ("-V", Program::Version),
];

/// A command line that names no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} (see mambox-init --help)", match .0 {
    Some(name) => format!("there is no program '{name}' here"),
    None => "say which program to be".to_owned(),
})]
pub(crate) struct UnknownProgram(Option<String>);

/// The program that a command line means, and the arguments that are left for it.
///
/// The name by which the executable was called decides; where that is none of the names, as with
/// `mambox-init`, the first argument does.
pub(crate) fn choose(arguments: &[OsString]) -> Result<(Program, &[OsString]), UnknownProgram> {
    let (called, rest) = arguments.split_first().map_or((None, arguments), |(name, rest)| (Some(name), rest));
    if let Some(program) = called.and_then(|name| by_name(Path::new(name).file_name()?)) {
        return Ok((program, rest));
    }
    let (word, rest) = rest.split_first().ok_or(UnknownProgram(None))?;
    let by_word = || WORDS.iter().find(|(known, _)| word == known).map(|(_, program)| *program);
    let program = by_name(word).or_else(by_word);
    program
        .map(|program| (program, rest))
        .ok_or_else(|| UnknownProgram(Some(word.to_string_lossy().into_owned())))
}

fn by_name(name: &OsStr) -> Option<Program> {
    NAMES.iter().find(|(known, _, _)| name == *known).map(|(_, program, _)| *program)
}

/// The text of `mambox-init --help`.
pub(crate) fn help() -> String {
    let mut text = "The entry programs of a container image with a conda environment.\n\n\
        Usage: NAME [ARGUMENT…], where this executable is called NAME, or: mambox-init NAME [ARGUMENT…]\n\n"
        .to_owned();
    text.extend(NAMES.iter().map(|(name, _, what)| format!("  {name}\n      {what}\n")));
    text.push_str(
        "  hook --shell SHELL\n      prints the activation as statements of bash, sh, zsh, fish, tcsh, xonsh or pwsh\n  \
           exports\n      prints it for sh, with what scripts of the environment set: they run in the image's own shell\n\n\
         Environment variables:\n  \
           ENV_NAME              which environment: a name, or a path (base)\n  \
           MAMBA_ROOT_PREFIX     where base lies, and envs/NAME below it (/opt/conda)\n  \
           MAMBA_SKIP_ACTIVATE   1: activate nothing\n  \
           MAMBA_DOCKERFILE_ACTIVATE   1: RUN lines are active\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(line: &str) -> Result<(Program, usize), String> {
        let arguments: Vec<OsString> = line.split_whitespace().map(Into::into).collect();
        choose(&arguments).map(|(program, rest)| (program, rest.len())).map_err(|e| e.to_string())
    }

    #[test]
    fn the_name_decides_and_the_rest_is_the_programs() {
        for (line, expected) in [
            ("/usr/local/bin/_entrypoint.sh python -c pass", (Program::Entrypoint, 3)),
            ("_entrypoint.sh", (Program::Entrypoint, 0)),
            ("_entrypoint.sh --help", (Program::Entrypoint, 1)),
            ("_dockerfile_shell.sh x", (Program::DockerfileShell, 1)),
            ("_apptainer_shell.sh", (Program::ApptainerShell, 0)),
            ("./_dockerfile_initialize_user_accounts.sh", (Program::UserAccounts, 0)),
            ("_dockerfile_setup_root_prefix.sh", (Program::RootPrefix, 0)),
        ] {
            assert_eq!(chosen(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn by_another_name_the_first_argument_decides() {
        for (line, expected) in [
            ("mambox-init _entrypoint.sh true", (Program::Entrypoint, 1)),
            ("/x/anything hook --shell bash", (Program::Hook, 2)),
            ("mambox-init exports", (Program::Exports, 0)),
            ("mambox-init --help", (Program::Help, 0)),
            ("mambox-init -V", (Program::Version, 0)),
        ] {
            assert_eq!(chosen(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_name_that_nobody_has_is_an_error() {
        insta::assert_snapshot!(chosen("mambox-init python").unwrap_err(), @"there is no program 'python' here (see mambox-init --help)");
        insta::assert_snapshot!(chosen("mambox-init").unwrap_err(), @"say which program to be (see mambox-init --help)");
        assert!(chosen("").is_err());
    }

    #[test]
    fn the_help_names_every_program() {
        let help = help();
        assert!(NAMES.iter().all(|(name, _, _)| help.contains(name)), "{help}");
    }
}
