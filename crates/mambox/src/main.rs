//! The `mambox` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mambox::run(std::env::args_os())
}
