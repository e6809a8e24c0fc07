//! `micromamba config`.

use clap::{Args, Subcommand};
use mambox_config::{Change, EditError, Fallback, ListOptions, Refusal, Scope, edit_file, get_from_file};
use serde_json::json;

use super::{Global, Overrides};
use crate::ending::Finish;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::session::Session;

/// Show and change the configuration
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Config {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Show what is set, and by what
    List(ListArgs),
    /// Show the configuration files that are read
    Sources(GlobalOnly),
    /// Explain keys
    Describe(ListArgs),
    /// Set a key
    Set(PairArgs),
    /// Show a key of a file
    Get(KeyArgs),
    /// Add an item to the end of a list
    Append(PairArgs),
    /// Add an item to the front of a list
    Prepend(PairArgs),
    /// Remove an item from a list
    Remove(PairArgs),
    /// Remove a key from a file
    #[command(name = "remove-key")]
    RemoveKey(KeyArgs),
}

#[derive(Debug, Args)]
struct GlobalOnly {
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Keys to show; all that are set if none is given
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// Show where values come from
    #[arg(short = 's', long)]
    sources: bool,
    /// Show defaults as well
    #[arg(short = 'a', long)]
    all: bool,
    /// Explain the keys in a line each
    #[arg(short = 'd', long)]
    descriptions: bool,
    /// Explain the keys at length
    #[arg(short = 'l', long)]
    long_descriptions: bool,
    /// Show groups of keys
    #[arg(short = 'g', long)]
    groups: bool,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct Place {
    /// The system's file, /etc/conda/.condarc
    #[arg(long, conflicts_with_all = ["env", "file"])]
    system: bool,
    /// The environment's file
    #[arg(long, conflicts_with = "file")]
    env: bool,
    /// Any file
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
}

#[derive(Debug, Args)]
struct PairArgs {
    /// Key and value
    #[arg(value_name = "KEY VALUE", num_args = 2.., required = true)]
    pair: Vec<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct KeyArgs {
    /// The key
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    global: Global,
}

impl Config {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let outer = self.global.or(outer);
        let open =
            |global: Global| Session::open(global.or(outer), Overrides::new(), machine, Fallback::Active);
        match self.command {
            ConfigCommand::List(args) => {
                let options = ListOptions { values: true, ..args.options() };
                let session = open(args.global.clone())?;
                show(&session, &args.keys, options).finish(&session)
            }
            ConfigCommand::Describe(args) => {
                let options = ListOptions {
                    values: false,
                    defaults: true,
                    descriptions: !args.long_descriptions,
                    ..args.options()
                };
                let session = open(args.global.clone())?;
                show(&session, &args.keys, options).finish(&session)
            }
            ConfigCommand::Sources(args) => {
                let session = open(args.global)?;
                session.console.result(mambox_config::sources(&session.config).trim_end());
                Ok(()).finish(&session)
            }
            ConfigCommand::Get(args) => {
                let session = open(args.global.clone())?;
                get(&session, &args).finish(&session)
            }
            ConfigCommand::RemoveKey(args) => {
                let session = open(args.global.clone())?;
                edit(&session, &args.place, &[Change::RemoveKey(&args.key)]).finish(&session)
            }
            ConfigCommand::Set(args) => args.run(open, |key, value| Change::Set(key, value)),
            ConfigCommand::Append(args) => args.run(open, |key, value| Change::Append(key, value)),
            ConfigCommand::Prepend(args) => args.run(open, |key, value| Change::Prepend(key, value)),
            ConfigCommand::Remove(args) => args.run(open, |key, value| Change::Remove(key, value)),
        }
    }
}

impl ListArgs {
    fn options(&self) -> ListOptions {
        ListOptions {
            sources: self.sources,
            defaults: self.all,
            descriptions: self.descriptions,
            long_descriptions: self.long_descriptions,
            groups: self.groups,
            ..ListOptions::LIST
        }
    }
}

impl PairArgs {
    /// Several pairs may be given in one call.
    fn run<'m>(
        &self,
        open: impl FnOnce(Global) -> Outcome<Session<'m>>,
        change: for<'a> fn(&'a str, &'a str) -> Change<'a>,
    ) -> Outcome {
        let session = open(self.global.clone())?;
        let pairs = self.pair.chunks(2);
        let changes = pairs
            .map(|pair| match pair {
                [key, value] => Ok(change(key, value)),
                _ => {
                    Err(Failure::WithCode { message: format!("'{}' has no value", pair.concat()), code: 106 })
                }
            })
            .collect::<Outcome<Vec<_>>>();
        changes.and_then(|changes| edit(&session, &self.place, &changes)).finish(&session)
    }
}

fn show(session: &Session<'_>, keys: &[String], options: ListOptions) -> Outcome {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    session.console.set_bare(mambox_config::list_json(&session.config, &keys, options));
    let text = mambox_config::list(&session.config, &keys, options);
    if !text.is_empty() {
        session.console.result(text.trim_end_matches('\n'));
    }
    Ok(())
}

fn path(session: &Session<'_>, place: &Place) -> Outcome<std::path::PathBuf> {
    let scope = match (place.system, place.env, &place.file) {
        (true, ..) => Scope::System,
        (_, true, _) => Scope::Environment,
        (.., Some(file)) => Scope::File(file),
        _ => Scope::User,
    };
    let machine = session.machine;
    let target = session.target(Fallback::Active, None).ok();
    scope
        .path(machine.home.as_deref(), target.as_deref(), &machine.current_dir)
        .ok_or_else(|| Failure::Message("HOME not set. Name a file with --file".to_owned()))
}

fn get(session: &Session<'_>, args: &KeyArgs) -> Outcome {
    match get_from_file(&path(session, &args.place)?, Some(&args.key)) {
        Ok(text) => {
            session.console.set_bare(json!({ "get": text.trim_end() }));
            session.console.result(text.trim_end());
            Ok(())
        }
        Err(error) => refused(session, error, &[]),
    }
}

fn edit(session: &Session<'_>, place: &Place, changes: &[Change<'_>]) -> Outcome {
    match edit_file(&path(session, place)?, changes) {
        Ok(()) => Ok(()),
        Err(error) => refused(session, error, changes),
    }
}

/// micromamba only remarks on a key that is unknown to `set`, or not in the file.
fn refused(session: &Session<'_>, error: EditError, changes: &[Change<'_>]) -> Outcome {
    let sets = changes.iter().all(|change| matches!(change, Change::Set(..)));
    match &error {
        EditError::Refused { refusal: Refusal::InvalidKey { .. }, .. } if sets => {
            session.console.result(error.to_string());
            Ok(())
        }
        EditError::Refused { refusal: Refusal::Absent, .. } => {
            session.console.result(error.to_string());
            Ok(())
        }
        _ => Err(Failure::new(error)),
    }
}
