//! A transaction from its checks to its commit.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use mambox_link::Python;

use crate::changes::Changes;
use crate::compile::Compiling;
use crate::error::{LockError, TransactionError};
use crate::file::{Destination, Origin};
use crate::history::{self, dist};
use crate::journal::{Folder, Journal, Phase};
use crate::linker::{self, AllPatched};
use crate::lock::{Guard, lock_unless};
use crate::package::Source;
use crate::parallel;
use crate::placed::{self, Placed};
use crate::plan::{Applied, Event, Observer, Options, Plan};
use crate::prefix::Prefix;
use crate::record::{self, Installed as Done};
use crate::recover::{Made, Recovered, finish, recover_locked, roll_back};
use crate::removal::{Folders, Installed, Leaving};
use crate::script::Scripts;
use crate::state;

/// Removes and installs packages: all of the plan, or nothing of it. An interrupted transaction is taken back first.
/// A prefix that is not there is made. `cancel` may be set at any time by another thread or a signal's handler.
///
/// What link scripts do besides the package's files is theirs: it is not taken back.
///
/// # Errors
/// Whatever the error, the prefix is as it was before, except for [`TransactionError::RollBack`].
pub fn apply(
    prefix: &Prefix,
    plan: &Plan,
    options: &Options,
    cancel: &AtomicBool,
    on: &dyn Observer,
) -> Result<Applied, TransactionError> {
    let mut made = Made { meta: !prefix.meta().exists(), prefix: !prefix.path().exists() };
    prefix.make().map_err(TransactionError::io("make", prefix.meta()))?;
    let result = match lock_unless(prefix, options.lock, cancel) {
        Ok(guard) => {
            if let Some(warning) = guard.warning() {
                on.event(Event::warning(warning));
            }
            let run = Run { prefix, plan, options, cancel, on, guard: &guard };
            recover_locked(prefix, &guard).and_then(|(recovered, before)| {
                // The interrupted transaction may have made what this one found.
                made = Made { meta: made.meta || before.meta, prefix: made.prefix || before.prefix };
                if recovered != Recovered::Nothing {
                    on.event(Event::Recovered(recovered.clone()));
                }
                run.all(recovered, made)
            })
        }
        Err(LockError::Cancelled) => Err(TransactionError::Cancelled),
        Err(error) => Err(error.into()),
    };
    if result.is_err() {
        made.remove(prefix);
    }
    result
}

/// What a transaction works with.
#[derive(Clone, Copy)]
struct Run<'a> {
    prefix: &'a Prefix,
    plan: &'a Plan,
    options: &'a Options,
    cancel: &'a AtomicBool,
    on: &'a dyn Observer,
    guard: &'a Guard,
}

impl Run<'_> {
    fn all(&self, recovered: Recovered, made: Made) -> Result<Applied, TransactionError> {
        let Self { prefix, plan, options, .. } = *self;
        self.check_names()?;
        let installed = Installed::read(prefix, &plan.remove, options.threads)?;
        for package in &plan.install {
            let name = package.record.package_record.name.as_normalized();
            if let Some(there) = installed.kept(name) {
                let (dist, there) = (dist(&package.record), there.to_owned());
                return Err(TransactionError::AlreadyThere { dist, there });
            }
        }
        let python = self.python(&installed)?;
        let sources = parallel::map(&plan.install, options.threads, Source::read)?;
        let (mut placed, clobbers) = placed::place(&sources, python.as_ref(), options.threads)?;
        placed.iter_mut().for_each(|placed| {
            placed.drop_compiled(|pyc| !options.compile_pyc || installed.owner(pyc).is_some());
        });
        let origins: Vec<Origin<'_>> = sources.iter().map(Origin::new).collect();
        let folder = Folder::of(prefix);
        folder.create()?;
        let work = Work { run: *self, folder: &folder, placed: &placed, origins: &origins, python };
        let done = work.change(&installed, clobbers, made);
        if done.is_err() && folder.read().is_ok_and(|journal| journal.is_none()) {
            // Nothing was done yet.
            let _ = fs::remove_dir_all(folder.path());
        }
        let compiled = done?;
        Ok(Applied { removed: plan.remove.len(), installed: plan.install.len(), compiled, recovered })
    }

    fn check_names(&self) -> Result<(), TransactionError> {
        let mut names = HashMap::new();
        for package in &self.plan.install {
            let name = package.record.package_record.name.as_normalized();
            if let Some(first) = names.insert(name, dist(&package.record)) {
                let second = dist(&package.record);
                return Err(TransactionError::Twice { name: name.to_owned(), first, second });
            }
        }
        Ok(())
    }

    /// The python that the environment will have.
    fn python(&self, installed: &Installed) -> Result<Option<Python>, TransactionError> {
        let is_python = |name: &str| name == "python";
        let new = self.plan.install.iter().map(|package| &package.record);
        match new.into_iter().find(|record| is_python(record.package_record.name.as_normalized())) {
            Some(record) => Python::of(&record.package_record)
                .map(Some)
                .map_err(|problem| TransactionError::Python { dist: dist(record), problem }),
            None => installed.python(),
        }
    }

    fn check_cancelled(&self) -> Result<(), TransactionError> {
        if self.cancel.load(Ordering::Relaxed) { Err(TransactionError::Cancelled) } else { Ok(()) }
    }
}

/// A transaction whose packages have been checked.
struct Work<'a> {
    run: Run<'a>,
    folder: &'a Folder,
    placed: &'a [Placed<'a>],
    origins: &'a [Origin<'a>],
    python: Option<Python>,
}

impl Work<'_> {
    /// Compares with the disk, writes the journal, does what it says, and commits or takes back.
    fn change(
        &self,
        installed: &Installed,
        clobbers: Vec<String>,
        made: Made,
    ) -> Result<usize, TransactionError> {
        let Run { prefix, plan, options, on, .. } = self.run;
        // Before the comparison, since scripts change what is on the disk.
        for record in &plan.remove {
            let record = &record.repodata_record;
            self.scripts().run("pre-unlink", &dist(record), &record.package_record)?;
        }
        let mut folders = Folders::new(prefix);
        let leaving = Leaving::find(prefix, &plan.remove, installed, &mut folders);
        let state = match options.variables.is_empty() {
            true => None,
            false => Some(state::with(&prefix.meta(), &options.variables)?),
        };
        let extra: &[&str] = if state.is_some() { &["conda-meta/state"] } else { &[] };
        let changes = Changes::find(prefix, leaving, self.placed, extra, installed, folders)?;
        clobbers.into_iter().chain(changes.warnings).for_each(|text| on.event(Event::Warning { text }));
        let history = prefix.meta().join("history");
        let journal = Journal {
            remove: plan.remove.iter().map(|record| dist(&record.repodata_record)).collect(),
            install: self.placed.iter().map(|placed| placed.source.dist.clone()).collect(),
            history: fs::metadata(&history).ok().map(|there| there.len()),
            made_meta: made.meta,
            made_prefix: made.prefix,
            ..changes.journal
        };
        self.run.check_cancelled()?;
        self.folder.begin(&journal)?;
        let mut phase = Phase::Removing;
        match self.forward(&journal, &changes.starts, state.as_deref(), &mut phase) {
            Ok(compiled) => {
                // The next command tidies up what cannot be tidied up now.
                if let Err(error) = finish(prefix, self.folder, &journal) {
                    on.event(Event::warning(error.to_string()));
                }
                Ok(compiled)
            }
            Err(cause) => match roll_back(prefix, self.folder, phase, &journal) {
                Ok(_) => Err(cause),
                Err(error) => {
                    Err(TransactionError::RollBack { cause: Box::new(cause), error: Box::new(error) })
                }
            },
        }
    }

    /// All that the journal says, up to the commit; gives how many `.pyc` files were made.
    fn forward(
        &self,
        journal: &Journal,
        starts: &[usize],
        state: Option<&str>,
        phase: &mut Phase,
    ) -> Result<usize, TransactionError> {
        let Run { prefix, plan, options, cancel, on, .. } = self.run;
        self.remove(journal, starts)?;
        self.folder.step(Phase::Removing, Phase::Linking)?;
        *phase = Phase::Linking;
        linker::make_folders(prefix, &journal.folders)?;
        let destination = Destination::open(prefix, options.links)?;
        let patched = linker::link(&destination, self.origins, self.placed, options.threads, cancel, on)?;
        let scripts = self
            .placed
            .iter()
            .map(|placed| linker::entry_points(&destination, prefix, placed, self.python.as_ref()));
        let scripts = scripts.collect::<Result<Vec<_>, _>>()?;
        let compiled = self.compile()?;
        self.records(&destination, &patched, &scripts, &compiled)?;
        for package in &plan.install {
            let record = &package.record;
            self.scripts().run("post-link", &dist(record), &record.package_record)?;
        }
        if let Some(state) = state {
            destination.write("conda-meta/state", 0o644, None, state.as_bytes())?;
        }
        self.history()?;
        self.run.check_cancelled()?;
        self.folder.step(Phase::Linking, Phase::Committed)?;
        Ok(compiled.iter().map(Vec::len).sum())
    }

    /// Moves to the trash what goes.
    fn remove(&self, journal: &Journal, starts: &[usize]) -> Result<(), TransactionError> {
        let mut starts = journal.remove.iter().zip(starts).peekable();
        for (index, moved) in journal.moved.iter().enumerate() {
            while let Some((dist, _)) = starts.next_if(|(_, start)| **start <= index) {
                self.run.on.event(Event::Unlinking { dist: dist.clone() });
            }
            self.run.check_cancelled()?;
            let path = self.run.prefix.path().join(&moved.path);
            match fs::rename(&path, self.folder.slot(index)) {
                Ok(()) => {}
                // Reached by another name as well, through a link to its folder.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                // Layered file systems do not move folders of lower layers; this one is empty.
                Err(error) if moved.is_folder && error.kind() == std::io::ErrorKind::CrossesDevices => {
                    fs::remove_dir(&path).map_err(TransactionError::io("remove", &path))?;
                }
                Err(error) => return Err(TransactionError::io("move away", &path)(error)),
            }
        }
        starts.for_each(|(dist, _)| self.run.on.event(Event::Unlinking { dist: dist.clone() }));
        Ok(())
    }

    /// For each package, the `.pyc` files that were made.
    fn compile(&self) -> Result<Vec<Vec<&str>>, TransactionError> {
        let Run { prefix, options, cancel, on, guard, .. } = self.run;
        let files: Vec<(&str, &str)> = self.placed.iter().flat_map(Placed::compiled).collect();
        if files.is_empty() {
            return Ok(vec![Vec::new(); self.placed.len()]);
        }
        on.event(Event::Compiling { files: files.len() });
        let compiling =
            Compiling { prefix, folder: self.folder.path(), guard, processes: options.threads, cancel };
        let compiled = compiling.run(&files)?;
        if let Some(text) = compiled.warning {
            on.event(Event::Warning { text });
        }
        let made = |placed: &Placed<'_>| -> Vec<&str> {
            let all = placed.targets.files.iter().filter_map(|target| target.pyc.as_deref());
            all.filter_map(|pyc| compiled.made.get(pyc).copied()).collect()
        };
        Ok(self.placed.iter().map(made).collect())
    }

    fn records(
        &self,
        destination: &Destination<'_>,
        patched: &AllPatched,
        scripts: &[Vec<(String, String)>],
        compiled: &[Vec<&str>],
    ) -> Result<(), TransactionError> {
        let packages: Vec<usize> = (0..self.placed.len()).collect();
        let write = |package: &usize| {
            let package = *package;
            self.run.check_cancelled()?;
            let text = record::render(&Done {
                placed: &self.placed[package],
                origin: &self.origins[package],
                patched: &|file| patched.get(&(package, file)).copied(),
                scripts: &scripts[package],
                compiled: &compiled[package],
            })?;
            let path = &self.placed[package].record;
            let beside = format!("conda-meta/.transaction/record-{package}");
            destination.write(&beside, 0o644, None, &text)?;
            let (from, to) = (self.run.prefix.path().join(beside), self.run.prefix.path().join(path));
            fs::rename(from, &to).map_err(TransactionError::io("create", &to))
        };
        parallel::map(&packages, self.run.options.threads, write).map(drop)
    }

    fn history(&self) -> Result<(), TransactionError> {
        let path = self.run.prefix.meta().join("history");
        let text = history::render(&self.run.options.history, self.run.plan);
        let append = || {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            // Not synced: that would wait for all that was linked to reach the disk.
            file.write_all(text.as_bytes())
        };
        append().map_err(TransactionError::io("write", &path))
    }

    fn scripts(&self) -> Scripts<'_> {
        let Run { prefix, options, cancel, on, guard, .. } = self.run;
        Scripts { prefix, folder: self.folder.path(), guard, options, cancel, on }
    }
}
