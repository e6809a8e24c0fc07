//! What `install`, `create`, `update` and `env create|update` have in common: request, solve, transaction.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mambox_config::Fallback;
use mambox_resolve::{Resolver, SolveError};
use rattler_conda_types::RepoDataRecord;

use crate::cli::Wanted;
use crate::console::Progress;
use crate::environment;
use crate::exact;
use crate::failure::{Failure, Outcome};
use crate::packages::{clean_index, remove_folder};
use crate::request::{Asked, SpecFile, Specs, Surroundings, gather, read};
use crate::runtime::{Cancel, block_on};
use crate::session::Session;
use crate::solve::{Changes, Goal, Installed, Rules, solve_request};
use crate::transaction::{Transaction, Wish};
use crate::virtual_packages;

/// How often an environment is looked at anew that others keep changing.
const MAX_TRIES: usize = 4;

/// How to go about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) goal: Goal,
    pub(crate) freeze: bool,
    pub(crate) force_reinstall: bool,
    pub(crate) no_deps: bool,
    pub(crate) only_deps: bool,
    /// `update` refuses names that are not installed.
    pub(crate) only_installed: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            goal: Goal::Install,
            freeze: false,
            force_reinstall: false,
            no_deps: false,
            only_deps: false,
            only_installed: false,
        }
    }
}

/// One run of such a command.
pub(crate) struct Flow<'s> {
    pub(crate) session: &'s Session<'s>,
    pub(crate) wanted: Wanted,
    pub(crate) manner: Manner,
    pub(crate) fallback: Fallback,
}

impl Flow<'_> {
    /// Changes an environment that is there; the root prefix comes into being. Where another process was quicker, what it
    /// left is looked at anew.
    pub(crate) fn install(&self) -> Outcome {
        block_on(async |cancel| {
            for _ in 1..MAX_TRIES {
                match self.install_once(&cancel).await {
                    Err(Failure::Overtaken(why)) => {
                        self.session
                            .console
                            .warn(format!("another process changed the environment ({why}); solving again"));
                    }
                    result => return result,
                }
            }
            self.install_once(&cancel).await
        })
    }

    async fn install_once(&self, cancel: &Cancel) -> Outcome {
        let (resolver, progress, asked) = self.prepare(cancel).await?;
        let prefix = self.session.target(self.fallback, yaml_name(&asked))?;
        self.recover(&prefix)?;
        let is_root = prefix == self.session.root_prefix;
        if !is_root && !prefix.join("conda-meta").is_dir() {
            return Err(Failure::Message(format!(
                "No prefix found at: {}\nCreate it with 'micromamba create'",
                prefix.display()
            )));
        }
        let installed = environment::installed(self.session, &prefix)?;
        let nothing = matches!(&asked, Asked::Specs(specs) if specs.texts.is_empty() && specs.pip.is_empty());
        if nothing && self.manner.goal != Goal::UpdateAll {
            self.session.console.say("Nothing to do.");
            self.session.console.set("message", "Nothing to do.");
            return Ok(());
        }
        self.transact(&resolver, &progress, cancel, asked, &prefix, installed, || Ok(())).await.map(drop)
    }

    /// Makes an environment; `before` runs when all is fetched and nothing is written yet. Says where it is.
    pub(crate) fn create(&self, before: impl FnOnce(&Path) -> Outcome) -> Outcome<Option<PathBuf>> {
        block_on(async |cancel| {
            let (resolver, progress, asked) = self.prepare(&cancel).await?;
            let prefix = self.session.target(Fallback::None, yaml_name(&asked))?;
            self.recover(&prefix)?;
            environment::check_creatable(self.session, &prefix)?;
            let installed = Installed::default();
            let before = || before(&prefix);
            let done =
                self.transact(&resolver, &progress, &cancel, asked, &prefix, installed, before).await?;
            Ok(done.then_some(prefix))
        })
    }

    fn recover(&self, prefix: &Path) -> Outcome {
        if self.session.settings.dry_run { Ok(()) } else { environment::recover(self.session, prefix) }
    }

    /// Reads the request. Channels that files name decide whether a default one is added.
    async fn prepare(&self, cancel: &Cancel) -> Outcome<(Resolver, Progress, Asked)> {
        let session = self.session;
        let progress = Progress::new(Arc::clone(&session.console));
        let mut files: Vec<SpecFile> = Vec::new();
        if !self.wanted.file.is_empty() {
            let reader = session.resolver(&[], &progress)?;
            for file in &self.wanted.file {
                files.push(cancel.or(read(file, &reader, session.machine)).await?);
            }
        }
        let around = Surroundings {
            platform: session.platform()?,
            variables: &session.machine.variables,
            categories: &self.wanted.category,
        };
        let asked =
            gather(&self.wanted.specs, &files, &around, &mut |warning| session.console.warn(warning))?;
        let resolver = match &asked {
            Asked::Specs(specs) => session.resolver(&file_channels(&specs.spec), &progress)?,
            Asked::Exact(_) => session.resolver(&[], &progress)?,
        };
        Ok((resolver, progress, asked))
    }

    #[allow(clippy::too_many_arguments, reason = "the two entries above differ in nothing else")]
    async fn transact(
        &self,
        resolver: &Resolver,
        progress: &Progress,
        cancel: &Cancel,
        asked: Asked,
        prefix: &Path,
        installed: Installed,
        before: impl FnOnce() -> Outcome,
    ) -> Outcome<bool> {
        let (changes, wish) = match asked {
            Asked::Specs(mut specs) => {
                let wish = self.wish(&mut specs);
                let wanted = cancel.or(self.solve(resolver, progress, specs, &installed)).await?;
                (wanted, wish)
            }
            Asked::Exact(exact) => exact::changes(exact, &installed, self.manner.force_reinstall)?,
        };
        let done = Transaction { session: self.session, prefix, changes, wish }
            .run(resolver, progress, cancel, before)
            .await?;
        Ok(done)
    }

    /// What goes beside the packages; pip's own package is added where a file has requirements for it.
    fn wish(&self, specs: &mut Specs) -> Wish {
        let session = self.session;
        if !specs.pip.is_empty() {
            let tool = if session.settings.use_uv { "uv" } else { "pip" };
            let names = specs.names();
            if !names.iter().any(|name| name == "pip" || name == "uv" || name == tool) {
                // A name of ours is a spec.
                let _ = specs.add(tool);
            }
        }
        Wish {
            update_specs: specs.texts.clone(),
            pip: std::mem::take(&mut specs.pip),
            pip_upgrade: self.manner.goal != Goal::Install,
            variables: match session.settings.no_env {
                true => Default::default(),
                false => std::mem::take(&mut specs.spec.variables),
            },
            ..Wish::default()
        }
    }

    async fn solve(
        &self,
        resolver: &Resolver,
        progress: &Progress,
        specs: Specs,
        installed: &Installed,
    ) -> Outcome<Changes> {
        let names = specs.names();
        if self.manner.only_installed {
            let missing = crate::solve::unknown_names(installed, &names);
            if !missing.is_empty() {
                return Err(Failure::Message(format!(
                    "cannot update what is not installed: {}; use 'micromamba install', or 'micromamba env update' for a \
                     file",
                    missing.join(", ")
                )));
            }
        }
        let records = self.solution(resolver, progress, specs, installed).await?;
        let asked: BTreeSet<String> = names.into_iter().collect();
        let reinstall = |name: &str| self.manner.force_reinstall && asked.contains(name);
        let mut changes = Changes::between(&installed.records, records, &reinstall);
        if self.manner.no_deps {
            changes.retain(|change| asked.contains(change.name()));
        }
        if self.manner.only_deps {
            changes.retain(|change| !asked.contains(change.name()));
        }
        Ok(changes)
    }

    /// Solves, and where that fails, tries what may help: without pip, which only came along with python; without
    /// the packages that nobody asked for; with fresh repodata.
    async fn solution(
        &self,
        resolver: &Resolver,
        progress: &Progress,
        specs: Specs,
        installed: &Installed,
    ) -> Outcome<Vec<RepoDataRecord>> {
        let settings = &self.session.settings;
        let mut spec = specs.spec.clone();
        let names = specs.names();
        let adds_pip = settings.add_pip_as_python_dependency
            && names.iter().any(|name| name == "python")
            && !names.iter().any(|name| name == "pip");
        if adds_pip {
            spec.add_spec("pip", "python")?;
        }
        let first = self.attempt(resolver, progress, spec, installed, true).await?;
        let error = match first {
            Ok(records) => return Ok(records),
            Err(error) => error,
        };
        if adds_pip && matches!(&error, SolveError::UnknownPackage { package, .. } if package == "pip") {
            return Ok(self.attempt(resolver, progress, specs.spec, installed, true).await??);
        }
        let unsolvable = matches!(error, SolveError::Unsolvable(_));
        if unsolvable && settings.allow_uninstall && !self.manner.freeze && !installed.records.is_empty() {
            let retry = self.attempt(resolver, progress, specs.spec.clone(), installed, false).await?;
            if let Ok(records) = retry {
                return Ok(records);
            }
        }
        if unsolvable && settings.retry_clean_cache {
            self.session
                .console
                .warn("Encountered problems while solving, retrying with a fresh repodata cache.");
            clean_index(&self.session.package_dirs())
                .iter()
                .for_each(|found| drop(remove_folder(&found.path)));
            let fresh = self.session.resolver(&file_channels(&specs.spec), progress)?;
            return Ok(self.attempt(&fresh, progress, specs.spec, installed, true).await??);
        }
        Err(error.into())
    }

    async fn attempt(
        &self,
        resolver: &Resolver,
        progress: &Progress,
        spec: mambox_env::EnvSpec,
        installed: &Installed,
        keep_all: bool,
    ) -> Outcome<Result<Vec<RepoDataRecord>, SolveError>> {
        let session = self.session;
        let facts = virtual_packages::facts(session.platform()?, session.machine);
        let rules = self.rules(installed);
        let request = solve_request(spec, self.manner.goal, installed, &rules, facts, keep_all)?;
        Ok(resolver.solve(request, progress).await.map(|solution| solution.records))
    }

    fn rules(&self, installed: &Installed) -> Rules {
        let settings = &self.session.settings;
        let pins = match settings.no_pin {
            true => Vec::new(),
            false => settings.pinned_packages.iter().chain(&installed.pins).cloned().collect(),
        };
        Rules {
            pins,
            pin_python: !settings.no_py_pin,
            freeze: self.manner.freeze,
            allow_downgrade: settings.allow_downgrade,
        }
    }
}

/// Channels of files; `nodefaults` in them keeps out the configured ones.
fn file_channels(spec: &mambox_env::EnvSpec) -> Vec<String> {
    let mut channels = spec.channels.clone();
    channels.extend(spec.nodefaults.then(|| "nodefaults".to_owned()));
    channels
}

fn yaml_name(asked: &Asked) -> Option<&str> {
    match asked {
        Asked::Specs(specs) => specs.spec.name.as_deref(),
        Asked::Exact(_) => None,
    }
}
