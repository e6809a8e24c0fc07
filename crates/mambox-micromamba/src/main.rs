//! The in-image package manager: micromamba's commands as one static program on the rattler crates.

mod activated;
mod cli;
mod clone;
mod console;
mod ending;
mod environment;
mod exact;
mod explicit_list;
mod failure;
mod install_flow;
mod listing;
mod machine;
mod packages;
mod pip_packages;
mod request;
mod runtime;
mod session;
mod solve;
#[cfg(test)]
mod testing;
mod text_table;
mod transaction;
mod variables;
mod version;
mod virtual_packages;

use std::io::Write;
use std::process::ExitCode;

use machine::Machine;

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    if cli.version {
        // Whoever closed the pipe does not want to know.
        let _ = writeln!(std::io::stdout(), "{}", version::COMPATIBLE);
        return ExitCode::SUCCESS;
    }
    let machine = Machine::of_process();
    ending::exit_code(match cli.command {
        Some(command) => command.run(cli.global, &machine),
        None => cli::without_command(cli.global, &machine),
    })
}
