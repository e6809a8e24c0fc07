use clap::{Args, ValueEnum};
use serde_json::json;

use super::family::{FamilyArgs, SelectionArgs};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  mambox images tags --base debian13-slim
  mambox images tags --commit HEAD --format markdown >tags.md";

/// List the tags of the family's images
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TagsArgs {
    #[command(flatten)]
    family: FamilyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Add the tags of this commit: its name, or HEAD or another reference of git
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// How they are printed
    #[arg(long, value_enum, default_value = "lines")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Full names, one a line
    Lines,
    /// A table for people: all bases
    Markdown,
    /// An object with a list of tags for each base
    Json,
}

impl TagsArgs {
    pub(super) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        let family = self.family.family(&session.machine)?;
        let commit = match &self.commit {
            Some(commit) => Some(self.family.repository(&session.machine)?.commit(commit)?),
            None => None,
        };
        let commit = commit.as_deref();
        let chosen = self.selection.selection().of(&family)?;
        match self.format {
            Format::Markdown => session.console.result(&family.tag_table(commit))?,
            Format::Lines => {
                let name = |tag: String| format!("{}:{tag}\n", family.repository);
                let tags = chosen.iter().flat_map(|(base, _)| family.tags(base, commit));
                session.console.result(&tags.map(name).collect::<String>())?;
            }
            Format::Json => {
                let tags =
                    chosen.iter().map(|(base, _)| (base.name.clone(), json!(family.tags(base, commit))));
                session.console.json(&tags.collect::<serde_json::Map<_, _>>())?;
            }
        }
        Ok(Outcome::Yes)
    }
}
