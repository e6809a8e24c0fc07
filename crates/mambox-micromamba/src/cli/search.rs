//! `micromamba search` and `micromamba repoquery`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use mambox_config::Fallback;
use mambox_env::EnvSpec;
use rattler_conda_types::{MatchSpec, Matches, ParseMatchSpecOptions, RepoDataRecord};
use serde_json::json;

use super::{Channels, Global, Overrides};
use crate::console::Progress;
use crate::ending::Finish;
use crate::environment;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::runtime::block_on;
use crate::session::Session;
use crate::text_table::TextTable;
use crate::transaction::{channel_name, record_json};

/// Find packages in channels
#[derive(Debug, Args)]
pub(crate) struct Search {
    #[command(flatten)]
    query: Query,
}

/// Ask channels or an environment about packages
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Repoquery {
    #[command(subcommand)]
    command: RepoqueryCommand,
}

#[derive(Debug, Subcommand)]
enum RepoqueryCommand {
    /// Find packages
    Search(Query),
    /// Show what a package depends on
    Depends(Query),
    /// Show what depends on a package
    Whoneeds(Query),
}

#[derive(Debug, Args)]
struct Query {
    /// Match specs; * stands for anything
    #[arg(value_name = "SPEC", required = true)]
    specs: Vec<String>,
    /// Look at what is installed
    #[arg(long, overrides_with = "remote")]
    local: bool,
    /// Look at channels
    #[arg(long)]
    remote: bool,
    #[arg(long, hide = true)]
    pretty: bool,
    #[arg(short = 't', long, hide = true)]
    tree: bool,
    #[arg(long, hide = true)]
    recursive: bool,
    #[command(flatten)]
    channels: Channels,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Search,
    Depends,
    Whoneeds,
}

impl Search {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        self.query.run(Kind::Search, outer, machine)
    }
}

impl Repoquery {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        match self.command {
            RepoqueryCommand::Search(query) => query.run(Kind::Search, outer, machine),
            RepoqueryCommand::Depends(query) => query.run(Kind::Depends, outer, machine),
            RepoqueryCommand::Whoneeds(query) => query.run(Kind::Whoneeds, outer, machine),
        }
    }
}

impl Query {
    fn run(self, kind: Kind, outer: Global, machine: &Machine) -> Outcome {
        let mut overrides = Overrides::new();
        self.channels.settings(&mut overrides);
        let session = Session::open(self.global.clone().or(outer), overrides, machine, Fallback::Active)?;
        self.answer(kind, &session).finish(&session)
    }

    fn answer(&self, kind: Kind, session: &Session<'_>) -> Outcome {
        let mut spec = EnvSpec::default();
        self.specs.iter().try_for_each(|word| add(&mut spec, word))?;
        let all = match self.local {
            true => {
                let prefix = session.existing_target(Fallback::Active, None)?;
                environment::installed(session, &prefix)?.repodata().cloned().collect()
            }
            false => self.remote(kind, session, &spec)?,
        };
        let mut found = answer(kind, &spec.specs, all);
        found.sort_by(|a, b| a.cmp(b).reverse());
        found.dedup_by(|a, b| a.url == b.url);
        tell(session, &self.specs, kind, &found)
    }

    fn remote(&self, kind: Kind, session: &Session<'_>, spec: &EnvSpec) -> Outcome<Vec<RepoDataRecord>> {
        block_on(async |cancel| {
            let progress = Progress::new(Arc::clone(&session.console));
            let resolver = session.resolver(&spec.channels, &progress)?;
            let platform = session.platform()?;
            let mut asked = spec.clone();
            if kind == Kind::Whoneeds || spec.specs.iter().any(|spec| spec.name.as_exact().is_none()) {
                // Anything may match, or need it.
                asked.specs = resolver
                    .names(spec, platform)
                    .await?
                    .iter()
                    .filter_map(|name| name.parse().ok())
                    .collect();
            }
            let recursive = kind == Kind::Depends;
            cancel.or(async { Ok(resolver.records(&asked, platform, recursive, &progress).await?) }).await
        })
    }
}

fn answer(kind: Kind, specs: &[MatchSpec], all: Vec<RepoDataRecord>) -> Vec<RepoDataRecord> {
    let named = |record: &RepoDataRecord| specs.iter().any(|spec| spec.matches(record));
    match kind {
        Kind::Search => all.into_iter().filter(named).collect(),
        Kind::Whoneeds => {
            let subjects: Vec<&RepoDataRecord> = all.iter().filter(|record| named(record)).collect();
            let needs = |record: &&RepoDataRecord| {
                let depends = record.package_record.depends.iter();
                depends
                    .filter_map(|depend| parse(depend))
                    .any(|need| subjects.iter().any(|it| need.matches(*it)))
            };
            all.iter().filter(needs).cloned().collect()
        }
        Kind::Depends => {
            let newest = all.iter().filter(|record| named(record)).max();
            let depends: Vec<MatchSpec> = newest
                .iter()
                .flat_map(|record| &record.package_record.depends)
                .filter_map(|depend| parse(depend))
                .collect();
            let best = |need: &MatchSpec| all.iter().filter(|record| need.matches(*record)).max().cloned();
            depends.iter().filter_map(best).collect()
        }
    }
}

/// A word of the command line; its name may be a pattern, as that of nothing else may.
fn add(spec: &mut EnvSpec, word: &str) -> Outcome {
    let name = word.split(['=', '<', '>', '!', '~', '[', ' ']).next().unwrap_or(word);
    if !name.contains('*') {
        return Ok(spec.add_spec(word, "the command line")?);
    }
    let options = ParseMatchSpecOptions::lenient().with_exact_names_only(false);
    let pattern = MatchSpec::from_str(word, options)
        .map_err(Failure::because(format!("cannot search for '{word}'")))?;
    spec.specs.push(pattern);
    Ok(())
}

fn parse(spec: &str) -> Option<MatchSpec> {
    mambox_env::parse_match_spec(spec, "repodata").ok()
}

fn tell(session: &Session<'_>, specs: &[String], kind: Kind, found: &[RepoDataRecord]) -> Outcome {
    let alias = &session.settings.channel_alias;
    let word = match kind {
        Kind::Search => "search",
        Kind::Depends => "depends",
        Kind::Whoneeds => "whoneeds",
    };
    let pkgs: Vec<_> = found.iter().map(|record| record_json(record, alias)).collect();
    session.console.set("query", json!({ "query": specs.join(" "), "type": word }));
    session.console.set("result", json!({ "msg": "", "pkgs": pkgs, "status": "OK" }));
    if found.is_empty() {
        return Err(Failure::Message(format!("No entries matching \"{}\" found", specs.join(" "))));
    }
    let mut table = TextTable::new(&["Name", "Version", "Build", "Channel", "Subdir"]);
    for record in found {
        let package = &record.package_record;
        table.row(vec![
            package.name.as_normalized().to_owned(),
            package.version.to_string(),
            package.build.to_string(),
            channel_name(record, alias),
            package.subdir.clone(),
        ]);
    }
    session.console.result(table.render().trim_end_matches('\n'));
    Ok(())
}
