//! Where each path of a package goes, before anything is written.

use std::collections::{BTreeSet, HashMap, HashSet};

use rattler_conda_types::package::{EntryPoint, PathType, PathsEntry};

use crate::error::LinkError;
use crate::python::Python;

/// PATH_MAX and NAME_MAX of Linux.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;
/// Directories above a path; honest packages have about thirty.
const MAX_DEPTH: usize = 256;

/// What a package says of itself that decides where its files go.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// `info/paths.json`.
    pub paths: &'a [PathsEntry],
    /// From `info/link.json`; they count for noarch python packages only.
    pub entry_points: &'a [EntryPoint],
    /// Whether it is installed according to the environment's python.
    pub is_noarch_python: bool,
}

/// A path that paths.json lists.
#[derive(Debug)]
pub struct Target<'a> {
    /// As listed.
    pub entry: &'a PathsEntry,
    /// As paths.json names it.
    pub path: &'a str,
    /// Relative to the prefix.
    pub destination: String,
    /// Another package, or an entry point of this one, owns the destination.
    pub masked: bool,
    /// Where its compiled form goes, if it is a python source to be compiled and nothing is there.
    pub pyc: Option<String>,
}

/// The destinations of a package: files and links first, in the order of paths.json, then entry points.
#[derive(Debug)]
pub struct Targets<'a> {
    /// In the order of paths.json.
    pub files: Vec<Target<'a>>,
    /// Indexes into `files` by the path that paths.json names.
    pub by_path: HashMap<&'a str, usize>,
    /// Of entry points, in their order; `None` where another package owns it.
    pub entry_points: Vec<Option<String>>,
}

impl<'a> Targets<'a> {
    /// Maps and checks all paths. `python` is needed for noarch python packages only; what `masked` names belongs to
    /// another package.
    ///
    /// # Errors
    /// When a path leaves the prefix, is one that no package may hold, or clashes with another of the package.
    pub fn new(
        contents: Contents<'a>,
        python: Option<&Python>,
        masked: &BTreeSet<String>,
    ) -> Result<Self, LinkError> {
        let python = python.filter(|_| contents.is_noarch_python);
        let mut files = Vec::with_capacity(contents.paths.len());
        let mut by_path = HashMap::new();
        for entry in contents.paths {
            let path = entry
                .relative_path
                .to_str()
                .ok_or_else(|| LinkError::path(&entry.relative_path.to_string_lossy(), "is not UTF-8"))?;
            let path = match entry.path_type {
                PathType::Directory => path.trim_end_matches('/'),
                PathType::HardLink | PathType::SoftLink => path,
            };
            let destination = python.map_or_else(|| path.to_owned(), |python| python.destination(path));
            check(path)?;
            check(&destination)?;
            if by_path.insert(path, files.len()).is_some() {
                return Err(LinkError::path(path, "is listed twice"));
            }
            let masked = masked.contains(&destination);
            files.push(Target { entry, path, destination, masked, pyc: None });
        }
        let entry_points = match python {
            Some(_) => entry_points(contents.entry_points)?,
            None => Vec::new(),
        };
        // Installers write entry points last, over a file of that name.
        let scripts: HashSet<&str> = entry_points.iter().map(String::as_str).collect();
        files.iter_mut().for_each(|target| target.masked |= scripts.contains(target.destination.as_str()));
        let entry_points =
            entry_points.into_iter().map(|path| Some(path).filter(|path| !masked.contains(path))).collect();
        let mut targets = Self { files, by_path, entry_points };
        if let Some(python) = python {
            targets.find_sources(python, masked);
        }
        targets.check_overlaps()?;
        Ok(targets)
    }

    /// Finds what conda compiles: files `site-packages/….py` of the archive. A `.pyc` that is there already stays.
    fn find_sources(&mut self, python: &Python, masked: &BTreeSet<String>) {
        let taken: HashMap<&str, PathType> =
            self.files.iter().map(|target| (target.destination.as_str(), target.entry.path_type)).collect();
        let is_free = |pyc: &String| {
            let folder = pyc.rsplit_once('/').map_or("", |(folder, _)| folder);
            !taken.contains_key(pyc.as_str())
                && taken.get(folder).is_none_or(|kind| *kind == PathType::Directory)
                && !masked.contains(pyc)
                && check(pyc).is_ok()
        };
        let compiled = |target: &Target<'_>| {
            let compiles = !target.masked && is_source(target);
            python.pyc_path(&target.destination).filter(|pyc| compiles && is_free(pyc))
        };
        let all: Vec<_> = self.files.iter().map(compiled).collect();
        self.files.iter_mut().zip(all).for_each(|(target, pyc)| target.pyc = pyc);
    }

    /// No two paths share a destination, and none leads through a file or link of the same package.
    fn check_overlaps(&self) -> Result<(), LinkError> {
        let kept = || self.files.iter().filter(|target| !target.masked);
        let mut leaves = HashSet::new();
        for target in kept() {
            if !leaves.insert(target.destination.as_str()) {
                return Err(LinkError::path(
                    target.path,
                    "would be installed over another one of this package",
                ));
            }
        }
        let directories: HashSet<&str> = kept()
            .filter(|target| target.entry.path_type == PathType::Directory)
            .map(|target| target.destination.as_str())
            .collect();
        let scripts = self.entry_points.iter().flatten().map(|path| (path.as_str(), path.as_str()));
        for (path, destination) in kept().map(|t| (t.path, t.destination.as_str())).chain(scripts) {
            if ancestors(destination).any(|above| leaves.contains(above) && !directories.contains(above)) {
                return Err(LinkError::path(path, "leads through a file or link of this package"));
            }
        }
        Ok(())
    }
}

/// conda's own rule: `^site-packages[/\\][^\t\n\r\f\v]+\.py$`.
fn is_source(target: &Target<'_>) -> bool {
    let name = target.path.strip_prefix("site-packages/").and_then(|path| path.strip_suffix(".py"));
    let plain = |name: &str| !name.is_empty() && !name.contains(['\t', '\n', '\r', '\x0c', '\x0b']);
    target.entry.path_type == PathType::HardLink && name.is_some_and(plain)
}

/// Every directory above a path, the nearest first.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(above, _)| above.rsplit_once('/')).map(|(above, _)| above)
}

/// Destinations of the entry points; rattler has checked that a command is a plain name.
fn entry_points(all: &[EntryPoint]) -> Result<Vec<String>, LinkError> {
    let mut seen = HashSet::new();
    let paths = all.iter().map(|entry_point| {
        let path = format!("bin/{}", entry_point.command);
        check(&path)?;
        if !seen.insert(&entry_point.command) {
            return Err(LinkError::path(&path, "is an entry point twice"));
        }
        Ok(path)
    });
    paths.collect()
}

/// Refuses a path that leaves the prefix or that no package may hold.
///
/// # Errors
/// [`LinkError::Path`], with the reason.
pub fn check(path: &str) -> Result<(), LinkError> {
    let why = if path.is_empty() {
        "is empty"
    } else if path.starts_with('/') {
        "is absolute"
    } else if path.split('/').any(|part| part == "..") {
        "leads out of the prefix"
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        "is not normalised"
    } else if path.contains('\0') {
        "holds a NUL byte"
    } else if path.starts_with("conda-meta/") && path.ends_with(".json") {
        "is a record that only installers write"
    } else if path.len() > MAX_PATH || path.split('/').any(|part| part.len() > MAX_NAME) {
        "is longer than Linux allows"
    } else if path.split('/').count() > MAX_DEPTH {
        "is nested too deeply"
    } else {
        return Ok(());
    };
    Err(LinkError::path(path, why))
}
