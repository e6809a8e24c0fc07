//! `cargo xtask`: what developers run to decide something, and not to build it.

mod layer_study;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about, disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    LayerStudy(layer_study::Arguments),
    CatalogFromDebian(layer_study::CatalogArguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::LayerStudy(arguments) => arguments.run(),
        Task::CatalogFromDebian(arguments) => arguments.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("error: {message}");
            }
            ExitCode::FAILURE
        }
    }
}
