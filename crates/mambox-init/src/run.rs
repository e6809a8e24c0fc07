//! One program after the other's name.

use std::ffi::OsString;

use crate::launch::Launch;
use crate::program::{Program, choose, help};
use crate::world::World;
use crate::{accounts, apptainer_shell, dockerfile_shell, entrypoint, exports, hook, root_prefix};

/// What is left to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Become a command.
    Launch(Launch),
    /// Print a text to standard output and end well.
    Text(String),
    /// Tell the problem on standard error and end with a code.
    Failure {
        /// The exit code.
        code: u8,
        /// The problem, without a prefix or a line end.
        problem: String,
    },
}

impl Outcome {
    pub(crate) fn failure(code: u8, problem: impl ToString) -> Self {
        Self::Failure { code, problem: problem.to_string() }
    }

    /// A program that only does something and says nothing.
    fn done(result: Result<(), impl ToString>) -> Self {
        result.map_or_else(|e| Self::failure(1, e), |()| Self::Text(String::new()))
    }
}

/// Acts as the program that the command line means. The accounts and the root prefix are made here; all
/// else is left to the caller.
pub fn run(world: &World, command_line: &[OsString]) -> Outcome {
    let (program, arguments) = match choose(command_line) {
        Ok(chosen) => chosen,
        Err(e) => return Outcome::failure(2, e),
    };
    match program {
        Program::Entrypoint => entrypoint::run(world, arguments),
        Program::DockerfileShell => dockerfile_shell::run(world, arguments),
        Program::ApptainerShell => apptainer_shell::run(world, arguments),
        Program::UserAccounts => Outcome::done(accounts::initialize(world)),
        Program::RootPrefix => Outcome::done(root_prefix::set_up(world)),
        Program::Hook => hook::run(world, arguments).map_or_else(|e| Outcome::failure(2, e), Outcome::Text),
        Program::Exports => exports::run(world, command_line, arguments),
        Program::Help => Outcome::Text(help()),
        Program::Version => Outcome::Text(format!("mambox-init {}\n", env!("CARGO_PKG_VERSION"))),
    }
}
