//! What is in a folder of sources.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::Path;

use super::error::SdistProblem;
use super::sources::{MOST_BYTES, MOST_ENTRIES};

/// Folders within folders; far more than honest sources have, and few enough for one call each.
const MOST_DEPTH: usize = 100;

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Relative, with `/`.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: Kind,
}

/// What tools leave at the top of a project. Deeper down, a folder may be called so for its own reasons.
const AT_THE_TOP: [&str; 11] = [
    "build",
    "dist",
    "venv",
    ".eggs",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pixi",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
];

/// What a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File {
        /// By its owner.
        executable: bool,
    },
    /// A symbolic link to something inside, with its target.
    Link(String),
}

/// What does not belong to the sources.
#[derive(Debug, Clone)]
pub(super) struct Skip {
    names: &'static [&'static str],
    endings: &'static [&'static str],
    /// Folders, by their whole path.
    folders: Vec<String>,
}

impl Skip {
    /// What is git's own.
    pub(super) const GIT: Self = Self { names: &[".git"], endings: &[], folders: Vec::new() };
    /// What version control, python, tools and earlier builds leave.
    pub(super) const LEFTOVERS: Self = Self {
        names: &[".git", "__pycache__", ".venv", "node_modules", ".tox"],
        endings: &[".pyc", ".egg-info"],
        folders: Vec::new(),
    };

    /// And what tools leave at the top, and at the top of the folder that is built: `build`, `venv`, `.pixi` and more.
    pub(super) fn and_top(mut self, subdirectory: Option<&str>) -> Self {
        for folder in AT_THE_TOP {
            self.folders.push(folder.to_owned());
            self.folders.extend(subdirectory.map(|above| format!("{above}/{folder}")));
        }
        self
    }

    fn fits(&self, path: &str, is_folder: bool) -> bool {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        self.names.contains(&name)
            || self.endings.iter().any(|ending| name.ends_with(ending))
            || (is_folder && self.folders.iter().any(|folder| folder == path))
    }
}

/// Lists a folder, sorted by path; parents come before what is in them. Nothing is followed.
pub(super) fn walk(folder: &Path, skip: &Skip) -> Result<Vec<Found>, SdistProblem> {
    let mut walker = Walker { root: folder, skip, found: BTreeMap::new(), bytes: 0 };
    walker.enter("", 0)?;
    Ok(walker.found.into_iter().map(|(path, kind)| Found { path, kind }).collect())
}

struct Walker<'a> {
    root: &'a Path,
    skip: &'a Skip,
    found: BTreeMap<String, Kind>,
    bytes: u64,
}

impl Walker<'_> {
    fn enter(&mut self, above: &str, depth: usize) -> Result<(), SdistProblem> {
        let folder = self.root.join(above);
        let failed = || SdistProblem::io("cannot read", &folder);
        if depth > MOST_DEPTH {
            return Err(SdistProblem::Folder(format!(
                "{} is more than {MOST_DEPTH} folders deep",
                folder.display()
            )));
        }
        for entry in fs::read_dir(&folder).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name().into_string().map_err(|name| {
                SdistProblem::Folder(format!(
                    "{} has '{}', whose name is not UTF-8",
                    folder.display(),
                    name.display()
                ))
            })?;
            let path = if above.is_empty() { name } else { format!("{above}/{name}") };
            let metadata = entry.metadata().map_err(SdistProblem::io("cannot read", entry.path()))?;
            if self.skip.fits(&path, metadata.is_dir()) {
                continue;
            }
            let kind = self.kind(&path, &metadata)?;
            self.count(&metadata)?;
            self.found.insert(path.clone(), kind);
            if metadata.is_dir() {
                self.enter(&path, depth + 1)?;
            }
        }
        Ok(())
    }

    fn kind(&self, path: &str, metadata: &Metadata) -> Result<Kind, SdistProblem> {
        let refused = |what: &str| Err(SdistProblem::Folder(format!("has '{path}', {what}")));
        if metadata.is_dir() {
            return Ok(Kind::Folder);
        }
        if metadata.is_file() {
            return Ok(Kind::File { executable: is_executable(metadata) });
        }
        if !metadata.is_symlink() {
            return refused("which is neither file, folder nor link");
        }
        let target = fs::read_link(self.root.join(path))
            .map_err(SdistProblem::io("cannot read", self.root.join(path)))?;
        match target.to_str() {
            Some(target) if stays_inside(path, target) => Ok(Kind::Link(target.to_owned())),
            _ => refused("a link that leads out of it"),
        }
    }

    fn count(&mut self, metadata: &Metadata) -> Result<(), SdistProblem> {
        self.bytes = self.bytes.saturating_add(if metadata.is_file() { metadata.len() } else { 0 });
        if self.bytes > MOST_BYTES || self.found.len() as u64 >= MOST_ENTRIES {
            let root = self.root.display();
            return Err(SdistProblem::Folder(format!(
                "{root} has more than {MOST_ENTRIES} files or {} GiB",
                MOST_BYTES >> 30
            )));
        }
        Ok(())
    }
}

/// Whether a link at `path` leads to something beside or below, by the letters of its target.
pub(super) fn stays_inside(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains('\0') {
        return false;
    }
    let mut depth = path.matches('/').count();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return false,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    true
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &Metadata) -> bool {
    false
}
