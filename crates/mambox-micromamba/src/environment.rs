//! Environments on disk: which there are, what is in one, and what has to be true before one is made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mambox_prefix::Prefix;

use crate::console::{Answer, ask};
use crate::failure::{Failure, Outcome};
use crate::packages::{Cleaned, remove_folder, size_of};
use crate::session::Session;
use crate::solve::Installed;

/// What is installed in a prefix, and what somebody asked for.
pub(crate) fn installed(session: &Session<'_>, path: &Path) -> Outcome<Installed> {
    let prefix = Prefix::new(path).map_err(Failure::new)?;
    let records = prefix.records().map_err(Failure::new)?;
    let requested = prefix.requested().map_err(Failure::new)?;
    let pins = prefix.pinned().map_err(Failure::new)?;
    if records.is_empty() && !prefix.is_environment() {
        session.console.log(crate::console::Level::Info, format!("{} is no environment yet", path.display()));
    }
    Ok(Installed { records, requested, pins })
}

/// Takes back, or finishes, what a killed transaction began, so that a command starts from what is truly installed.
pub(crate) fn recover(session: &Session<'_>, path: &Path) -> Outcome {
    let prefix = Prefix::new(path).map_err(Failure::new)?;
    match mambox_prefix::recover(&prefix, session.lock_options()).map_err(Failure::new)? {
        mambox_prefix::Recovered::Nothing => {}
        recovered => session.console.warn(format!("an earlier transaction was interrupted: {recovered:?}")),
    }
    Ok(())
}

/// Lines of the history, for `list --revisions`.
pub(crate) fn revisions(path: &Path) -> Outcome<Vec<String>> {
    let file = path.join("conda-meta/history");
    let text =
        fs::read_to_string(&file).map_err(Failure::because(format!("cannot read {}", file.display())))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Refuses a prefix that cannot be created; asks before an environment is replaced.
pub(crate) fn check_creatable(session: &Session<'_>, prefix: &Path) -> Outcome {
    let is_environment = prefix.join("conda-meta").is_dir();
    if prefix == session.root_prefix && is_environment {
        return Err(Failure::Message("Overwriting root prefix is not permitted".to_owned()));
    }
    if is_environment {
        return may_overwrite(session, prefix);
    }
    let holds_something = fs::read_dir(prefix).is_ok_and(|mut entries| entries.next().is_some());
    // A root prefix may hold a package cache before it holds an environment.
    if holds_something && prefix != session.root_prefix {
        return Err(Failure::Message(format!(
            "Non-conda folder exists at prefix - aborting: {} holds files and is no environment",
            prefix.display()
        )));
    }
    if prefix.exists() && !prefix.is_dir() {
        return Err(Failure::Message(format!("{} is a file", prefix.display())));
    }
    Ok(())
}

fn may_overwrite(session: &Session<'_>, prefix: &Path) -> Outcome {
    if session.settings.always_yes || session.settings.dry_run {
        return Ok(());
    }
    session.console.say(format!("Found conda-prefix at '{}'.", prefix.display()));
    match ask(&session.console, "Overwrite?", Some(false)) {
        Answer::Yes => Ok(()),
        _ => Err(Failure::Message("Aborting.".to_owned())),
    }
}

/// An environment that is put aside while another one takes its place, and comes back if that fails.
#[derive(Debug, Default)]
pub(crate) struct Aside(Mutex<Option<(PathBuf, PathBuf)>>);

impl Aside {
    /// Puts away what is at a prefix.
    pub(crate) fn put(&self, prefix: &Path) -> Outcome {
        if !prefix.join("conda-meta").is_dir() {
            return Ok(());
        }
        let name = prefix.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let aside = prefix.with_file_name(format!(".{name}.replaced-{}", std::process::id()));
        if fs::rename(prefix, &aside).is_ok() {
            *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                Some((prefix.to_owned(), aside));
            return Ok(());
        }
        // A mount point, or a folder of a lower image layer, cannot be renamed.
        let entries =
            fs::read_dir(prefix).map_err(Failure::because(format!("cannot read {}", prefix.display())))?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            remove_folder(&path).map_err(Failure::because(format!("cannot remove {}", path.display())))?;
        }
        Ok(())
    }

    /// Ends it: what was put away goes, or comes back.
    pub(crate) fn settle<T>(&self, result: Outcome<T>) -> Outcome<T> {
        let Some((prefix, aside)) = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
        else {
            return result;
        };
        if result.is_ok() {
            let _ = remove_folder(&aside);
        } else {
            let _ = remove_folder(&prefix);
            fs::rename(&aside, &prefix).map_err(Failure::because(format!(
                "the environment that was there lies in {} and cannot be put back",
                aside.display()
            )))?;
        }
        result
    }
}

/// Remembers the platform that an environment was made for, as micromamba does.
pub(crate) fn write_platform(prefix: &Path, platform: &str) -> Outcome {
    let file = prefix.join(".mambarc");
    fs::write(&file, format!("platform: {platform}\n"))
        .map_err(Failure::because(format!("cannot write {}", file.display())))
}

/// Tells conda of an environment outside the usual folders (`~/.conda/environments.txt`). A home that cannot be
/// written to is no failure.
pub(crate) fn register(session: &Session<'_>, prefix: &Path) {
    let usual = prefix == session.root_prefix
        || session.settings.envs_dirs.iter().any(|folder| prefix.parent() == Some(folder.as_path()));
    let Some(home) = session.machine.home.as_ref().filter(|home| !usual && home.is_dir()) else { return };
    let file = home.join(".conda/environments.txt");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let line = prefix.display().to_string();
    if !text.lines().any(|known| known == line) {
        let _ = fs::create_dir_all(home.join(".conda"));
        let _ = fs::write(&file, format!("{text}{line}\n"));
    }
}

/// Every environment that is known: root, those in `envs_dirs`, and those of `~/.conda/environments.txt`.
pub(crate) fn known(session: &Session<'_>) -> Vec<PathBuf> {
    let mut all = BTreeSet::from([session.root_prefix.clone()]);
    for folder in &session.settings.envs_dirs {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        all.extend(entries.map(|entry| entry.path()).filter(|path| path.join("conda-meta").is_dir()));
    }
    let listed = session.machine.home.as_ref().map(|home| home.join(".conda/environments.txt"));
    let text = listed.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    all.extend(text.lines().map(PathBuf::from).filter(|path| path.join("conda-meta").is_dir()));
    if let Some(active) = session.machine.var("CONDA_PREFIX").map(PathBuf::from) {
        all.extend(Some(active).filter(|path| path.join("conda-meta").is_dir()));
    }
    all.into_iter().collect()
}

/// Repodata caches outside the package cache: conda's and micromamba's folder in the home.
pub(crate) fn shared_cache(session: &Session<'_>, all: bool) -> Vec<Cleaned> {
    let cache = session.machine.var("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| session.machine.home.as_ref().map(|home| home.join(".cache")));
    let folder = cache.map(|cache| cache.join("conda")).filter(|folder| all && folder.is_dir());
    folder.into_iter().map(|path| Cleaned { size: size_of(&path), path }).collect()
}

/// What transactions that were interrupted put aside in environments.
pub(crate) fn trash(session: &Session<'_>) -> Vec<Cleaned> {
    let mut found = Vec::new();
    for prefix in known(session) {
        let entries = fs::read_dir(prefix.join("conda-meta")).into_iter().flatten().filter_map(Result::ok);
        let trash = entries.map(|entry| entry.path()).filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "c~" || ending == "mamba_trash" || ending == "trash")
        });
        found.extend(trash.map(|path| Cleaned { size: size_of(&path), path }));
    }
    found
}

/// Channels' folders that are empty after cleaning.
pub(crate) fn remove_empty_folders(session: &Session<'_>) {
    for cache in session.package_dirs().folders() {
        for scheme in ["http", "https", "file", "oci", "cache"] {
            remove_if_empty(&cache.join(scheme), 0);
        }
    }
}

fn remove_if_empty(folder: &Path, depth: usize) {
    if depth > 12 || folder.join("info").is_dir() {
        return;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).for_each(|entry| {
        remove_if_empty(&entry.path(), depth + 1);
    });
    // Fails where something is left, as it should.
    let _ = fs::remove_dir(folder);
}
