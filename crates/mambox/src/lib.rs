//! The `mambox` command as a library: [`run`] takes the words of a command line and returns its exit code.
//!
//! One file for each subcommand is in `cli`, what people see is rendered in `terminal`, and `machine` is
//! the only place that reads environment variables, the home folder and the current folder.

mod cli;
mod contexts;
mod exit;
mod failure;
mod machine;
mod project_file;
mod rc_files;
mod run;
mod session;
mod terminal;
mod values;
mod write_file;

pub use run::run;
