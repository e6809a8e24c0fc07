//! From words to a command, with micromamba's exit codes for wrong ones (those of CLI11, section 3 of its manual
//! page: 104 and 105 for values, 106 for what is missing, 109 for what is not expected).

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use super::{Cli, Command, Global, run, shell};

/// The command line, or the exit code after something was printed.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, ExitCode> {
    let words: Vec<OsString> = words.into_iter().collect();
    if words.len() < 2 {
        print_help();
        return Err(ExitCode::SUCCESS);
    }
    match try_parse(&words) {
        Ok(cli) => Ok(cli),
        Err(error) => {
            let code = code(&error);
            let _ = error.print();
            Err(ExitCode::from(code))
        }
    }
}

/// Shells and entrypoints ask for these at every start, and describing all the other commands to the parser takes
/// longer than what they do.
fn try_parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    let command = match words[1].to_str() {
        Some("--version") if words.len() == 2 => None,
        Some("run") => Some(Part::<OnlyRun>::try_parse_from(words).map(|part| match part.command {
            OnlyRun::Run(run) => Command::Run(run),
        })?),
        Some("shell") => Some(Part::<OnlyShell>::try_parse_from(words).map(|part| match part.command {
            OnlyShell::Shell(shell) => Command::Shell(shell),
        })?),
        _ => return Cli::try_parse_from(words),
    };
    Ok(Cli { version: command.is_none(), global: Global::default(), command })
}

/// The program with some of its commands.
#[derive(Debug, Parser)]
#[command(name = "micromamba", disable_help_subcommand = true)]
struct Part<C: Subcommand> {
    #[command(subcommand)]
    command: C,
}

#[derive(Debug, Subcommand)]
enum OnlyRun {
    Run(run::Run),
}

#[derive(Debug, Subcommand)]
enum OnlyShell {
    Shell(shell::Shell),
}

/// The help page, on stdout.
pub(crate) fn print_help() {
    let _ = Cli::command().print_help();
}

fn code(error: &clap::Error) -> u8 {
    let no_value =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    match error.kind() {
        ErrorKind::InvalidValue if no_value => 106,
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
        ErrorKind::InvalidValue | ErrorKind::InvalidUtf8 => 104,
        ErrorKind::ValueValidation => 105,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::NoEquals
        | ErrorKind::TooFewValues => 106,
        ErrorKind::ArgumentConflict => 108,
        _ => 109,
    }
}
