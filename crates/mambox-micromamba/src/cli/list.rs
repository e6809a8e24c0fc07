//! `micromamba list`.

use clap::Args;
use mambox_config::Fallback;
use regex::Regex;
use serde_json::json;

use super::{Global, Overrides};
use crate::ending::Finish;
use crate::environment;
use crate::explicit_list;
use crate::failure::{Failure, Outcome};
use crate::listing::{Listed, listed};
use crate::machine::Machine;
use crate::session::Session;
use crate::text_table::TextTable;

/// List the packages of an environment
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Show only names that match this regular expression
    #[arg(value_name = "REGEX")]
    regex: Option<String>,
    /// The expression must match the whole name
    #[arg(short = 'f', long)]
    full_name: bool,
    /// Leave out what pip installed
    #[arg(long)]
    no_pip: bool,
    /// Show addresses, for an exact copy
    #[arg(long)]
    explicit: bool,
    /// With --explicit: add md5 sums
    #[arg(long)]
    md5: bool,
    /// With --explicit: add sha256 sums
    #[arg(long)]
    sha256: bool,
    /// Show CHANNEL/SUBDIR::NAME-VERSION-BUILD
    #[arg(short = 'c', long)]
    canonical: bool,
    /// Show NAME=VERSION=BUILD, for 'create --file'
    #[arg(short = 'e', long)]
    export: bool,
    /// Last name first
    #[arg(long)]
    reverse: bool,
    /// Show the history of the environment
    #[arg(long)]
    revisions: bool,
    #[command(flatten)]
    global: Global,
}

impl List {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session =
            Session::open(self.global.clone().or(outer), Overrides::new(), machine, Fallback::Active)?;
        self.list(&session).finish(&session)
    }

    fn list(&self, session: &Session<'_>) -> Outcome {
        let prefix = session.existing_target(Fallback::Active, None)?;
        let console = &session.console;
        if self.revisions {
            environment::revisions(&prefix)?.iter().for_each(|line| console.result(line));
            return Ok(());
        }
        let installed = environment::installed(session, &prefix)?;
        if self.explicit {
            let hash = explicit_list::Hash::of(self.md5, self.sha256, false);
            console.result(explicit_list::render(&installed, session.platform()?, hash));
            return Ok(());
        }
        let mut rows = self.rows(session, &prefix, &installed)?;
        if self.reverse {
            rows.reverse();
        }
        console.set_bare(json!(rows.iter().map(Listed::to_json).collect::<Vec<_>>()));
        if self.canonical {
            rows.iter().for_each(|row| console.result(row.canonical()));
        } else if self.export {
            rows.iter().for_each(|row| console.result(row.pinned()));
        } else {
            console.result(format!("List of packages in environment: \"{}\"\n", prefix.display()));
            let mut table = TextTable::new(&["Name", "Version", "Build", "Channel"]);
            rows.iter().for_each(|row| table.row(row.cells()));
            console.result(table.render().trim_end_matches('\n'));
        }
        Ok(())
    }

    fn rows(
        &self,
        session: &Session<'_>,
        prefix: &std::path::Path,
        installed: &crate::solve::Installed,
    ) -> Outcome<Vec<Listed>> {
        let mut rows = listed(session, prefix, installed, !self.no_pip);
        if let Some(text) = &self.regex {
            let text = if self.full_name { format!("^(?:{text})$") } else { text.clone() };
            let regex =
                Regex::new(&text).map_err(Failure::because(format!("'{text}' is no regular expression")))?;
            rows.retain(|row| regex.is_match(&row.name));
        }
        Ok(rows)
    }
}
