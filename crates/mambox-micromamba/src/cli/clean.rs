//! `micromamba clean`.

use std::path::PathBuf;

use clap::Args;
use mambox_config::Fallback;
use serde_json::json;

use super::{Common, Global, Overrides};
use crate::console::{Answer, ask};
use crate::ending::Finish;
use crate::environment;
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::packages::{
    Cleaned, clean_index, clean_locks, clean_packages, clean_tarballs, remove_folder, size_of,
};
use crate::session::Session;
use crate::transaction::human_size;

/// Remove cached packages and repodata
#[derive(Debug, Args)]
#[command(
    after_help = "Example in a Dockerfile:\n  RUN micromamba install -y -n base -f env.yaml && micromamba clean --all --yes"
)]
pub(crate) struct Clean {
    /// Repodata, lock files, archives and unused packages
    #[arg(short = 'a', long)]
    all: bool,
    /// Cached repodata
    #[arg(short = 'i', long)]
    index_cache: bool,
    /// Extracted packages that no environment uses
    #[arg(short = 'p', long)]
    packages: bool,
    /// Archives of packages
    #[arg(short = 't', long)]
    tarballs: bool,
    /// Lock files
    #[arg(short = 'l', long)]
    locks: bool,
    /// What interrupted transactions left in environments
    #[arg(long)]
    trash: bool,
    /// The whole package cache, also what environments were linked from
    #[arg(short = 'f', long)]
    force_pkgs_dirs: bool,
    /// Folder of the base environment, the package cache and named environments
    #[arg(short = 'r', long, value_name = "FOLDER", help_heading = "Global options")]
    root_prefix: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// What is done about one kind of file.
struct Part {
    say: &'static str,
    question: Option<&'static str>,
    key: &'static str,
    found: Vec<Cleaned>,
}

impl Clean {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let global =
            Global { root_prefix: self.root_prefix.clone(), prefix: None, common: self.common.clone() };
        let session = Session::open(global.or(outer), Overrides::new(), machine, Fallback::Active)?;
        self.clean(&session).finish(&session)
    }

    fn clean(&self, session: &Session<'_>) -> Outcome {
        let any = self.all || self.index_cache || self.packages || self.tarballs || self.locks || self.trash;
        if !any && !self.force_pkgs_dirs {
            session.console.say("Nothing to do.");
            return Ok(());
        }
        session.console.say("Collect information..");
        let mut freed = 0;
        for part in self.parts(session) {
            freed += part.remove(session)?;
        }
        if self.force_pkgs_dirs {
            freed += force(session)?;
        }
        session.console.say(format!("Cleaned {}", human_size(freed)));
        session.console.set("freed", freed);
        Ok(())
    }

    fn parts(&self, session: &Session<'_>) -> Vec<Part> {
        let dirs = session.package_dirs();
        let mut parts = Vec::new();
        let mut part = |on: bool, say, question, key, find: &dyn Fn() -> Vec<Cleaned>| {
            if on {
                parts.push(Part { say, question, key, found: find() });
            }
        };
        part(self.all || self.index_cache, "Cleaning index cache..", None, "index_cache", &|| {
            let mut found = clean_index(&dirs);
            found.extend(environment::shared_cache(session, self.all));
            found
        });
        part(self.all || self.locks, "Cleaning lock files..", None, "lock_files", &|| clean_locks(&dirs));
        part(self.all || self.tarballs, "Cleaning tarballs..", Some("Remove tarballs"), "tarballs", &|| {
            clean_tarballs(&dirs)
        });
        part(
            self.all || self.packages,
            "Cleaning packages..",
            Some("Remove unused packages"),
            "packages",
            &|| clean_packages(&dirs, &environment::known(session)),
        );
        part(self.trash, "Cleaning trash..", None, "trash", &|| environment::trash(session));
        parts
    }
}

impl Part {
    /// Removes it, if somebody agrees; says how much that freed.
    fn remove(self, session: &Session<'_>) -> Outcome<u64> {
        let console = &session.console;
        console.say(self.say);
        let size: u64 = self.found.iter().map(|found| found.size).sum();
        let paths: Vec<String> = self.found.iter().map(|found| found.path.display().to_string()).collect();
        console.set(self.key, json!(paths));
        if self.found.is_empty() {
            return Ok(0);
        }
        if let Some(question) = self.question {
            for found in &self.found {
                console.say(format!("  {:>8}  {}", human_size(found.size), found.path.display()));
            }
            console.say(format!("  Total: {} in {} places\n", human_size(size), self.found.len()));
            if !session.settings.always_yes && ask(console, question, Some(true)) != Answer::Yes {
                return Ok(0);
            }
        }
        if session.settings.dry_run {
            console.say("Dry run. Nothing is removed.");
            return Ok(0);
        }
        let mut freed = 0;
        for found in &self.found {
            match remove_folder(&found.path) {
                Ok(()) => freed += found.size,
                Err(error) => console.warn(format!("cannot remove {}: {error}", found.path.display())),
            }
        }
        environment::remove_empty_folders(session);
        Ok(freed)
    }
}

/// The package caches themselves. Without anybody to ask, nothing is removed.
fn force(session: &Session<'_>) -> Outcome<u64> {
    let mut freed = 0;
    for folder in session.package_dirs().folders().iter().filter(|folder| folder.is_dir()) {
        session.console.say(format!("Removing the package cache {}", folder.display()));
        if !session.settings.always_yes {
            match ask(&session.console, "Remove all of it", None) {
                Answer::Yes => {}
                Answer::No => continue,
                Answer::Nobody => {
                    return Err(Failure::Message(
                        "nobody is there to answer; repeat it with --yes".to_owned(),
                    ));
                }
            }
        }
        if session.settings.dry_run {
            continue;
        }
        freed += size_of(folder);
        remove_folder(folder).map_err(Failure::because(format!("cannot remove {}", folder.display())))?;
    }
    Ok(freed)
}
