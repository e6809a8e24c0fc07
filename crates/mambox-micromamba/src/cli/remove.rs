//! `micromamba remove`.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use mambox_config::Fallback;
use mambox_env::parse_match_spec;

use super::{Global, Linking, Overrides};
use crate::console::Progress;
use crate::ending::Finish;
use crate::environment;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::runtime::block_on;
use crate::session::Session;
use crate::solve::{Changes, removal, unknown_names};
use crate::transaction::{Transaction, Wish};

/// Remove packages from an environment, with what needs them and what only they need
#[derive(Debug, Args)]
#[command(visible_alias = "uninstall")]
pub(crate) struct Remove {
    /// Names of packages
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// Remove every package
    #[arg(short = 'a', long)]
    all: bool,
    /// Remove these packages and no others, even if something needs them
    #[arg(short = 'f', long)]
    force: bool,
    /// Keep what only the removed packages needed
    #[arg(long, visible_alias = "no-prune")]
    no_prune_deps: bool,
    #[arg(long, hide = true)]
    prune_deps: bool,
    #[command(flatten)]
    linking: Linking,
    #[command(flatten)]
    global: Global,
}

impl Remove {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let mut overrides = Overrides::new();
        self.linking.settings(&mut overrides);
        let session =
            Session::open(self.global.clone().or(outer), overrides, machine, Fallback::CondaPrefixOnly)?;
        self.remove(&session).finish(&session)
    }

    fn remove(&self, session: &Session<'_>) -> Outcome {
        let prefix = session.existing_target(Fallback::CondaPrefixOnly, None)?;
        if !session.settings.dry_run {
            environment::recover(session, &prefix)?;
        }
        if !self.all && self.specs.is_empty() {
            session.console.say("Nothing to do.");
            return Ok(());
        }
        remove_packages(session, &prefix, self)
    }
}

fn remove_packages(session: &Session<'_>, prefix: &Path, wanted: &Remove) -> Outcome {
    let installed = environment::installed(session, prefix)?;
    let names = wanted.specs.iter().map(|spec| name_of(spec)).collect::<Outcome<Vec<_>>>()?;
    let gone = match wanted.all {
        true => installed.records.clone(),
        false => {
            let unknown = unknown_names(&installed, &names);
            if !unknown.is_empty() {
                let prefix = prefix.display();
                return Err(Failure::Message(format!("not installed in {prefix}: {}", unknown.join(", "))));
            }
            removal(&installed, &names, !wanted.no_prune_deps, wanted.force)
        }
    };
    let changes = Changes::removing(gone);
    let wish = Wish { remove_specs: wanted.specs.clone(), ..Wish::default() };
    block_on(async |cancel| {
        let progress = Progress::new(Arc::clone(&session.console));
        let resolver = session.resolver(&[], &progress)?;
        let transaction = Transaction { session, prefix, changes, wish };
        transaction.run(&resolver, &progress, &cancel, || Ok(())).await.map(drop)
    })
}

fn name_of(spec: &str) -> Outcome<String> {
    let parsed = parse_match_spec(spec, "the command line")?;
    match parsed.name.as_exact() {
        Some(name) => Ok(name.as_normalized().to_owned()),
        None => Err(Failure::Message(format!("'{spec}' names no package"))),
    }
}
