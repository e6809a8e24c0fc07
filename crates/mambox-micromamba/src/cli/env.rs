//! `micromamba env`.

use clap::{Args, Subcommand};
use mambox_config::Fallback;
use serde_json::json;

use super::create::Create;
use super::export::Export;
use super::{Global, Installing, Overrides};
use crate::console::{Answer, ask};
use crate::ending::Finish;
use crate::environment;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::packages::remove_folder;
use crate::session::Session;
use crate::solve::Goal;
use crate::text_table::TextTable;
use crate::variables;

/// List, export, create, update and remove environments
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Env {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: EnvCommand,
}

#[derive(Debug, Subcommand)]
enum EnvCommand {
    List(EnvList),
    Create(Create),
    Export(Export),
    Update(EnvUpdate),
    Remove(EnvRemove),
    Config(EnvConfig),
}

/// List the environments that are known
#[derive(Debug, Args)]
struct EnvList {
    #[command(flatten)]
    global: Global,
}

/// Bring an environment up to date with a file; packages that are missing are installed
#[derive(Debug, Args)]
struct EnvUpdate {
    #[command(flatten)]
    installing: Installing,
    /// Remove what the file does not lead to
    #[arg(long)]
    prune: bool,
}

/// Remove an environment with all that is in it
#[derive(Debug, Args)]
struct EnvRemove {
    #[command(flatten)]
    global: Global,
}

/// Change settings of an environment
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct EnvConfig {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Vars(variables::Vars),
}

impl Env {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let outer = self.global.or(outer);
        match self.command {
            EnvCommand::List(command) => command.run(outer, machine),
            EnvCommand::Create(command) => command.run(outer, machine),
            EnvCommand::Export(command) => command.run(outer, machine),
            EnvCommand::Update(command) => command.run(outer, machine),
            EnvCommand::Remove(command) => command.run(outer, machine),
            EnvCommand::Config(EnvConfig { command: ConfigCommand::Vars(command) }) => {
                command.run(outer, machine)
            }
        }
    }
}

impl EnvList {
    fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session = Session::open(self.global.or(outer), Overrides::new(), machine, Fallback::Active)?;
        let active = machine.var("CONDA_PREFIX").map(std::path::PathBuf::from);
        let mut table = TextTable::new(&["Name", "Active", "Path"]);
        let known = environment::known(&session);
        for prefix in &known {
            let name = session.name_of(prefix);
            // A path is no name.
            let name = if name.contains('/') { String::new() } else { name };
            let mark = if active.as_ref() == Some(prefix) { "*" } else { "" };
            table.row(vec![name, mark.to_owned(), prefix.display().to_string()]);
        }
        let paths: Vec<String> = known.iter().map(|path| path.display().to_string()).collect();
        session.console.set_bare(json!({ "envs": paths }));
        session.console.result(table.render().trim_end_matches('\n'));
        Ok(()).finish(&session)
    }
}

impl EnvUpdate {
    fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session = self.installing.session(outer, machine, Fallback::Active)?;
        let manner = self.installing.manner(if self.prune { Goal::Prune } else { Goal::Update });
        self.installing.install(&session, manner)
    }
}

impl EnvRemove {
    fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session =
            Session::open(self.global.or(outer), Overrides::new(), machine, Fallback::CondaPrefixOnly)?;
        remove(&session).finish(&session)
    }
}

fn remove(session: &Session<'_>) -> Outcome {
    let prefix = session.existing_target(Fallback::CondaPrefixOnly, None)?;
    if prefix == session.root_prefix {
        return Err(Failure::Message("the base environment cannot be removed".to_owned()));
    }
    let console = &session.console;
    console.set("prefix", prefix.display().to_string());
    if session.settings.dry_run {
        console.say(format!("Dry run. {} would be removed.", prefix.display()));
        return Ok(());
    }
    let question = format!("Remove the environment {}", prefix.display());
    if !session.settings.always_yes && ask(console, &question, Some(true)) != Answer::Yes {
        console.say("Aborted.");
        return Ok(());
    }
    remove_folder(&prefix).map_err(Failure::because(format!("cannot remove {}", prefix.display())))?;
    console.say(format!("Environment removed at prefix: {}", prefix.display()));
    Ok(())
}
