//! The command line: one file per subcommand, whose doc comments are its help.

mod auth;
mod clean;
mod config;
mod create;
mod env;
mod export;
mod hints;
mod info;
mod install;
mod list;
mod options;
mod parse;
mod remove;
mod run;
mod search;
mod shell;
mod update;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;
use crate::machine::Machine;
pub(crate) use options::{Channels, Common, Global, Installing, Linking, Overrides, Wanted};
pub(crate) use parse::parse;

/// Creates and changes conda environments.
///
/// A package manager for inside images: one static program, no Python needed. Its commands, options and words are
/// those of micromamba.
#[derive(Debug, Parser)]
#[command(
    name = "micromamba",
    disable_version_flag = true,
    disable_help_subcommand = true,
    arg_required_else_help = false,
    after_help = "Example in a Dockerfile:\n  RUN micromamba install -y -n base -f env.yaml && micromamba clean --all --yes"
)]
pub(crate) struct Cli {
    /// Print the version of micromamba that this program is compatible with
    #[arg(long)]
    pub(crate) version: bool,
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Install(install::Install),
    Create(create::Create),
    Update(update::Update),
    Remove(remove::Remove),
    Run(run::Run),
    Shell(shell::Shell),
    Clean(clean::Clean),
    Env(env::Env),
    List(list::List),
    Info(info::Info),
    Config(config::Config),
    Search(search::Search),
    Repoquery(search::Repoquery),
    Auth(auth::Auth),
    Activate(hints::Activate),
    Deactivate(hints::Deactivate),
    Reactivate(hints::Deactivate),
    #[command(name = "self-update", hide = true)]
    SelfUpdate(hints::Unsupported),
    #[command(hide = true)]
    Ps(hints::Unsupported),
    #[command(hide = true)]
    Package(hints::Unsupported),
    #[command(hide = true)]
    Constructor(hints::Unsupported),
    #[command(hide = true)]
    Completer(hints::Unsupported),
}

impl Command {
    /// Runs it; `outer` are the options that stood before it.
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        match self {
            Self::Install(command) => command.run(outer, machine),
            Self::Create(command) => command.run(outer, machine),
            Self::Update(command) => command.run(outer, machine),
            Self::Remove(command) => command.run(outer, machine),
            Self::Run(command) => command.run(outer, machine),
            Self::Shell(command) => command.run(outer, machine),
            Self::Clean(command) => command.run(outer, machine),
            Self::Env(command) => command.run(outer, machine),
            Self::List(command) => command.run(outer, machine),
            Self::Info(command) => command.run(outer, machine),
            Self::Config(command) => command.run(outer, machine),
            Self::Search(command) => command.run(outer, machine),
            Self::Repoquery(command) => command.run(outer, machine),
            Self::Auth(command) => command.run(outer, machine),
            Self::Activate(command) => command.run(),
            Self::Deactivate(command) | Self::Reactivate(command) => command.run(),
            Self::SelfUpdate(_) => hints::unsupported("self-update"),
            Self::Ps(_) => hints::unsupported("ps"),
            Self::Package(_) => hints::unsupported("package"),
            Self::Constructor(_) => hints::unsupported("constructor"),
            Self::Completer(_) => hints::unsupported("completer"),
        }
    }
}

/// What is done without a subcommand: opening a session prints the configuration if that is asked for.
pub(crate) fn without_command(global: Global, machine: &Machine) -> Outcome {
    crate::session::Session::open(global, Overrides::new(), machine, mambox_config::Fallback::Active)?;
    parse::print_help();
    Ok(())
}
