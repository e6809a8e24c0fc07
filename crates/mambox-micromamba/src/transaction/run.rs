//! The course of a transaction.

use std::path::Path;

use mambox_resolve::Resolver;
use rattler_conda_types::RepoDataRecord;
use serde_json::json;

use super::apply::{Applying, apply};
use super::{confirm, json, pip, table};
use crate::console::Progress;
use crate::failure::Outcome;
use crate::packages::{Obtained, PackageDirs, Source};
use crate::request::PipSection;
use crate::runtime::Cancel;
use crate::session::Session;
use crate::solve::{Change, Changes};

/// What is told and remembered of a transaction besides its packages.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Specs as written, for the screen and the history.
    pub(crate) update_specs: Vec<String>,
    /// Specs that were removed.
    pub(crate) remove_specs: Vec<String>,
    /// Requirements for pip.
    pub(crate) pip: Vec<PipSection>,
    /// Whether pip shall take newer versions (`-U`).
    pub(crate) pip_upgrade: bool,
    /// Variables of the environment.
    pub(crate) variables: std::collections::BTreeMap<String, String>,
    /// Records that are known by address alone until their archive is at hand.
    pub(crate) incomplete: bool,
}

/// A change of one prefix, ready to go.
pub(crate) struct Transaction<'a> {
    pub(crate) session: &'a Session<'a>,
    pub(crate) prefix: &'a Path,
    pub(crate) changes: Changes,
    pub(crate) wish: Wish,
}

impl Transaction<'_> {
    /// Shows, asks, fetches, applies. `Ok(false)` where nothing was done: a dry run, or somebody declined.
    pub(crate) async fn run(
        &self,
        resolver: &Resolver,
        progress: &Progress,
        cancel: &Cancel,
        before: impl FnOnce() -> Outcome,
    ) -> Outcome<bool> {
        let session = self.session;
        let dirs = session.package_dirs();
        let source = self.source(resolver, &dirs, progress);
        let links = self.changes.to_link();
        let fetched: Vec<RepoDataRecord> =
            links.iter().filter(|record| !source.has(record)).cloned().collect();
        self.show(&|change| {
            change.new.as_ref().is_some_and(|new| !fetched.iter().any(|it| it.url == new.url))
        });
        self.tell_json(&fetched);
        if session.settings.dry_run {
            session.console.say("Dry run. Not executing the transaction.");
            return Ok(false);
        }
        if !self.changes.is_empty() && !confirm::confirmed(session)? {
            session.console.say("Aborted.");
            return Ok(false);
        }
        pip::check_tool(&self.wish.pip)?;
        let obtained = self.obtain(&source, links, fetched.len(), cancel).await?;
        if session.settings.download_only {
            session
                .console
                .say("Download only - packages are downloaded and extracted. Skipping the linking phase.");
            return Ok(false);
        }
        before()?;
        let applying = Applying { session, prefix: self.prefix, wish: &self.wish, source: &source, cancel };
        apply(&applying, self.changes.to_unlink(), obtained).await?;
        for section in &self.wish.pip {
            pip::install(session, self.prefix, section, self.wish.pip_upgrade)?;
        }
        Ok(true)
    }

    fn source<'a>(&'a self, resolver: &'a Resolver, dirs: &'a PackageDirs, on: &'a Progress) -> Source<'a> {
        let settings = &self.session.settings;
        Source {
            resolver,
            dirs,
            downloads: settings.download_threads,
            extractions: settings.extract_workers(self.session.machine.processors),
            on,
        }
    }

    async fn obtain(
        &self,
        source: &Source<'_>,
        links: Vec<RepoDataRecord>,
        downloads: usize,
        cancel: &Cancel,
    ) -> Outcome<Vec<Obtained>> {
        if downloads > 0 {
            self.session.console.say(format!("\nFetching {downloads} packages"));
        }
        let mut obtained = cancel.or(source.obtain(links)).await?;
        if self.wish.incomplete {
            obtained = complete(obtained)?;
        }
        Ok(obtained)
    }

    fn show(&self, cached: &dyn Fn(&Change) -> bool) {
        let console = &self.session.console;
        console.say("\nTransaction\n");
        console.say(format!("  Prefix: {}\n", self.prefix.display()));
        for (heading, specs) in
            [("Updating specs:", &self.wish.update_specs), ("Removing specs:", &self.wish.remove_specs)]
        {
            if !specs.is_empty() {
                console.say(format!("  {heading}\n"));
                specs.iter().for_each(|spec| console.say(format!("   - {spec}")));
                console.say("");
            }
        }
        if self.changes.is_empty() {
            console.say("  All requested packages already installed\n");
        } else {
            console.say("");
            console.say(table::render(&self.changes, cached, &self.session.settings.channel_alias));
        }
    }

    fn tell_json(&self, fetched: &[RepoDataRecord]) {
        let console = &self.session.console;
        let prefix = self.prefix.display().to_string();
        console.set("dry_run", self.session.settings.dry_run);
        console.set("prefix", prefix.clone());
        if self.changes.is_empty() {
            console.set("message", "All requested packages already installed");
        } else {
            let alias = &self.session.settings.channel_alias;
            console.set("actions", json!(json::actions(&self.changes, &prefix, fetched, alias)));
        }
    }
}

/// Records out of the packages themselves, for those that came by address; then the order can be known.
fn complete(obtained: Vec<Obtained>) -> Outcome<Vec<Obtained>> {
    let mut complete =
        obtained.into_iter().map(super::apply::with_own_record).collect::<Outcome<Vec<_>>>()?;
    let records: Vec<RepoDataRecord> = complete.iter().map(|package| package.record.clone()).collect();
    let sorted = rattler_conda_types::PackageRecord::sort_topologically(records);
    let place = |package: &Obtained| sorted.iter().position(|record| record.url == package.record.url);
    complete.sort_by_key(place);
    Ok(complete)
}
