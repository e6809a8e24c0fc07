//! What a project says of its own build: the table `[build-system]` of `pyproject.toml` (PEP 518, PEP 517).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mambox_oci::Digest;
use serde::Deserialize;

use super::archive::{self, Kind, damaged, refused};
use super::build_requirement::refusal;
use super::error::SdistProblem;
use super::sources::{self, Sources};
use crate::environment_facts::FactsCache;
use crate::{BuildError, Context};

const FILE: &str = "pyproject.toml";
const LEGACY: &str = "setup.py";
/// What a project without the table is built by, and requires (PEP 518, PEP 517).
const LEGACY_BACKEND: &str = "setuptools.build_meta:__legacy__";
const LEGACY_REQUIRES: &str = "setuptools>=40.8.0";

/// Larger is no honest one.
const MOST_BYTES: u64 = 4 << 20;
const MOST_REQUIREMENTS: usize = 1000;
const MOST_LETTERS: usize = 4096;

/// How a project is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Project {
    /// What may be PEP 508 requirements (see [`refusal`]), unparsed.
    pub(super) requires: Vec<String>,
    /// `module` or `module:object`.
    pub(super) backend: String,
    /// Folders of the project in which the backend is looked for first.
    pub(super) backend_path: Vec<String>,
}

#[derive(Deserialize)]
struct Pyproject {
    #[serde(rename = "build-system")]
    build_system: Option<BuildSystem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct BuildSystem {
    requires: Vec<String>,
    build_backend: Option<String>,
    #[serde(default)]
    backend_path: Vec<String>,
}

/// What `[build-system] requires` asks for, before anything is run: `setuptools>=40.8.0` where there is no such table.
/// Archives are read without being unpacked. For a commit it is remembered, so that one whose wheel is in the cache is
/// not checked out.
///
/// # Errors
/// [`BuildError::Sdist`] where the sources cannot be read or have no project, or the table is wrong.
pub(crate) async fn build_requirements(
    sources: &Sources,
    context: &Context,
) -> Result<Vec<String>, BuildError> {
    let of = |problem: SdistProblem| problem.of(sources.label());
    let Sources::Commit(commit) = sources else {
        let texts = Texts::of(sources).map_err(of)?;
        return Ok(texts.project(sources.subdirectory()).map_err(of)?.requires);
    };
    let remembered = FactsCache::new(&context.cache_dir);
    let content = sources::hash(sources).map_err(of)?;
    let key = Digest::of(format!("build requirements 2 {content} {:?}", sources.subdirectory()).as_bytes());
    if let Some(requires) = remembered.recall(key) {
        return Ok(requires);
    }
    let folder = commit.folder(context).await?;
    let project = Project::in_folder(&folder, sources.subdirectory()).map_err(of)?;
    remembered.put(key, &project.requires);
    Ok(project.requires)
}

impl Project {
    /// From a `pyproject.toml`.
    pub(super) fn parse(text: &str) -> Result<Self, SdistProblem> {
        let pyproject: Pyproject = toml::from_str(text)
            .map_err(|error| wrong(format!("cannot be read: {}", one_line(error.message()))))?;
        let Some(table) = pyproject.build_system else { return Ok(Self::legacy()) };
        let (backend, backend_path) = (table.build_backend, table.backend_path);
        let project = Self {
            requires: table.requires,
            backend: backend.unwrap_or_else(|| LEGACY_BACKEND.to_owned()),
            backend_path,
        };
        project.check()?;
        Ok(project)
    }

    fn legacy() -> Self {
        Self {
            requires: vec![LEGACY_REQUIRES.into()],
            backend: LEGACY_BACKEND.into(),
            backend_path: Vec::new(),
        }
    }

    fn check(&self) -> Result<(), SdistProblem> {
        if self.requires.len() > MOST_REQUIREMENTS {
            return Err(wrong(format!("has more than {MOST_REQUIREMENTS} build requirements")));
        }
        for entry in &self.requires {
            if let Some(why) = refusal(entry) {
                return Err(SdistProblem::BuildRequirement { entry: one_line(entry), why });
            }
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':');
        if self.backend.is_empty() || self.backend.len() > MOST_LETTERS || !self.backend.chars().all(is_name)
        {
            return Err(wrong(format!(
                "has '{}' as build-backend, which is no module",
                one_line(&self.backend)
            )));
        }
        let plain = |text: &&String| {
            !text.trim().is_empty() && text.len() <= MOST_LETTERS && !text.contains(|c: char| c.is_control())
        };
        let leaves = |path: &&String| {
            path.starts_with('/')
                || path.split('/').any(|part| part == "..")
                || !plain(path)
                || path.contains('\\')
        };
        match self.backend_path.iter().find(leaves) {
            Some(path) => {
                Err(wrong(format!("has '{}' in backend-path, which is no folder inside", one_line(path))))
            }
            None => Ok(()),
        }
    }

    /// Of a folder with sources.
    pub(super) fn in_folder(folder: &Path, subdirectory: Option<&str>) -> Result<Self, SdistProblem> {
        Texts::in_folder(folder, subdirectory)?.project(subdirectory)
    }
}

/// What of the sources tells.
#[derive(Default)]
struct Texts {
    pyproject: Option<Vec<u8>>,
    has_setup: bool,
}

impl Texts {
    fn of(sources: &Sources) -> Result<Self, SdistProblem> {
        match sources {
            Sources::Archive { path, subdirectory, .. } => Self::in_archive(path, subdirectory.as_deref()),
            Sources::Folder { path, subdirectory } => Self::in_folder(path, subdirectory.as_deref()),
            // It is asked for where it is checked out.
            Sources::Commit(_) => Ok(Self::default()),
        }
    }

    fn in_archive(path: &Path, subdirectory: Option<&str>) -> Result<Self, SdistProblem> {
        let (mut texts, mut tops) = (Self::default(), BTreeSet::new());
        archive::each(path, &mut |entry| {
            let (top, below) = entry.path.split_once('/').unwrap_or((entry.path, ""));
            if tops.len() < 2 {
                tops.insert(top.to_owned());
            }
            let below = match subdirectory {
                Some(folder) => {
                    below.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or("")
                }
                None => below,
            };
            if !matches!(entry.kind, Kind::File { .. }) && matches!(below, FILE | LEGACY) {
                return Err(refused(format!("has a {below} that is no plain file")));
            }
            texts.has_setup |= below == LEGACY;
            if below == FILE {
                let mut text = Vec::new();
                entry.content.take(MOST_BYTES + 1).read_to_end(&mut text).map_err(damaged)?;
                texts.pyproject = Some(text);
            }
            Ok(())
        })?;
        match tops.len() {
            1 => Ok(texts),
            0 => Err(refused("is empty")),
            _ => Err(refused("has more than one folder at its top, so that it is no source distribution")),
        }
    }

    fn in_folder(folder: &Path, subdirectory: Option<&str>) -> Result<Self, SdistProblem> {
        let folder = project_folder(folder, subdirectory)?;
        let has = |name| is_file(&folder.join(name));
        let mut texts = Self { pyproject: None, has_setup: has(LEGACY)? };
        if has(FILE)? {
            let (path, mut text) = (folder.join(FILE), Vec::new());
            let mut read = || File::open(&path)?.take(MOST_BYTES + 1).read_to_end(&mut text);
            read().map_err(SdistProblem::io("cannot read", &path))?;
            texts.pyproject = Some(text);
        }
        Ok(texts)
    }

    fn project(&self, subdirectory: Option<&str>) -> Result<Project, SdistProblem> {
        match &self.pyproject {
            Some(text) if text.len() as u64 > MOST_BYTES => Err(wrong("is larger than 4 MiB")),
            Some(text) => Project::parse(std::str::from_utf8(text).map_err(|_| wrong("is not UTF-8"))?),
            None if self.has_setup => Ok(Project::legacy()),
            None => Err(SdistProblem::NoProject(subdirectory.map(str::to_owned))),
        }
    }
}

/// The folder that is built; no part of it is a link.
fn project_folder(folder: &Path, subdirectory: Option<&str>) -> Result<PathBuf, SdistProblem> {
    let mut at = folder.to_owned();
    for part in subdirectory.unwrap_or_default().split('/').filter(|part| !part.is_empty()) {
        at.push(part);
        let is_folder = part != ".." && fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_dir());
        if !is_folder {
            return Err(SdistProblem::NoProject(subdirectory.map(str::to_owned)));
        }
    }
    Ok(at)
}

/// Whether there is a file; anything else of that name is refused.
fn is_file(path: &Path) -> Result<bool, SdistProblem> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(SdistProblem::Folder(format!("has {}, which is no plain file", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SdistProblem::io("cannot read", path)(error)),
    }
}

fn wrong(why: impl Into<String>) -> SdistProblem {
    SdistProblem::Pyproject(why.into())
}

fn one_line(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
