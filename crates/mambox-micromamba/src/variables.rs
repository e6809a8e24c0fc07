//! `micromamba env config vars`: the variables of an environment, in `conda-meta/state`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use mambox_config::Fallback;
use mambox_prefix::Prefix;
use serde_json::json;

use crate::cli::{Global, Overrides};
use crate::ending::Finish;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::session::Session;

/// Variables that the active environment sets
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Vars {
    #[command(subcommand)]
    command: VarsCommand,
}

#[derive(Debug, Subcommand)]
enum VarsCommand {
    List(VarsList),
    Set(VarsSet),
    Unset(VarsUnset),
}

/// Show the variables
#[derive(Debug, Args)]
struct VarsList {
    #[command(flatten)]
    global: Global,
}

/// Set variables; the environment has to be activated anew
#[derive(Debug, Args)]
struct VarsSet {
    /// NAME=VALUE
    #[arg(value_name = "NAME=VALUE", required = true)]
    variables: Vec<String>,
    #[command(flatten)]
    global: Global,
}

/// Unset variables
#[derive(Debug, Args)]
struct VarsUnset {
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    global: Global,
}

impl Vars {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        match self.command {
            VarsCommand::List(list) => with(list.global, outer, machine, |_, variables| {
                let lines = variables.iter().map(|(name, value)| format!("{name} = {value}"));
                Ok((lines.collect(), None))
            }),
            VarsCommand::Set(set) => with(set.global, outer, machine, |prefix, variables| {
                let mut new = variables.clone();
                for pair in &set.variables {
                    let (name, value) = parse(pair)?;
                    new.insert(name, value);
                }
                Ok((vec![format!("To make your changes take effect please reactivate {prefix}")], Some(new)))
            }),
            VarsCommand::Unset(unset) => with(unset.global, outer, machine, |prefix, variables| {
                let mut new = variables.clone();
                new.extend(unset.names.iter().map(|name| (name.clone(), UNSET.to_owned())));
                Ok((vec![format!("To make your changes take effect please reactivate {prefix}")], Some(new)))
            }),
        }
    }
}

/// conda's mark of a variable that was unset; activation passes it over.
const UNSET: &str = "***unset***";

type Variables = BTreeMap<String, String>;

/// Reads the variables, lets `act` say something about them and change them, and writes them.
fn with(
    global: Global,
    outer: Global,
    machine: &Machine,
    act: impl FnOnce(&str, &Variables) -> Outcome<(Vec<String>, Option<Variables>)>,
) -> Outcome {
    let session = Session::open(global.or(outer), Overrides::new(), machine, Fallback::Active)?;
    let changed = || -> Outcome {
        let path = session.existing_target(Fallback::Active, None)?;
        let prefix = Prefix::new(&path).map_err(Failure::new)?;
        let mut variables = prefix.variables().map_err(Failure::new)?;
        variables.retain(|_, value| value != UNSET);
        session.console.set_bare(json!(variables));
        let (lines, new) = act(&session.name_of(&path), &variables)?;
        if let Some(new) = new {
            prefix.set_variables(&new).map_err(Failure::new)?;
        }
        lines.iter().for_each(|line| session.console.result(line));
        Ok(())
    };
    changed().finish(&session)
}

fn parse(pair: &str) -> Outcome<(String, String)> {
    let split = pair.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) =
        split.ok_or_else(|| Failure::Message(format!("'{pair}' is not of the form NAME=VALUE")))?;
    Ok((name.to_owned(), value.to_owned()))
}
