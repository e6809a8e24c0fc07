//! From words to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::session::Session;
use crate::terminal::{Console, ProgressMode, Style};

/// Runs the command with these words, the first of which is the program's name.
///
/// Results go to stdout, progress and messages to stderr; nothing panics for what a person gave.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(words) {
        Ok(cli) => dispatch(cli).into(),
        Err(error) => {
            // Help and version go to stdout, mistakes to stderr; if nobody reads them, so be it.
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { Exit::Input as u8 } else { Exit::Ok as u8 })
        }
    }
}

fn dispatch(cli: Cli) -> Exit {
    let (machine, console) = match surroundings(&cli) {
        Ok(found) => found,
        Err(failure) => {
            return Console::new(ProgressMode::None, false, Style::PLAIN, Style::PLAIN).fail(&failure);
        }
    };
    let session = Session { machine, console, global: cli.global };
    match cli.command.run(&session) {
        Ok(outcome) => outcome.into(),
        Err(failure) => session.console.fail(&failure),
    }
}

fn surroundings(cli: &Cli) -> Result<(Machine, Console), Failure> {
    let machine = Machine::of_process()?;
    let mode = cli.global.progress.resolved(machine.can_draw(), cli.global.quiet);
    let console = Console::new(mode, cli.global.quiet, machine.out_style(), machine.err_style());
    Ok((machine, console))
}
