//! Which of a distribution's files, folders and commits is taken.

use std::path::{Component, Path, PathBuf};

use mambox_env::{PipPackage, PipSource, TagRank, WheelName, normalize_pip_name};
use url::Url;

use crate::{
    error::PipError,
    hashes::Hashes,
    mask::mask_urls,
    platform::label,
    pylock::{Directory, Entry, File, Vcs},
    request::PipRequest,
};

/// How many files or hashes a message lists.
const SHOWN: usize = 5;

/// What the entries of a pylock.toml are read with.
pub(crate) struct Choice<'a> {
    pub(crate) request: &'a PipRequest<'a>,
    pub(crate) hashes: &'a Hashes,
    /// The folder of the pylock.toml, where its relative paths start.
    pub(crate) base: &'a Path,
    /// What lies here is there already.
    pub(crate) stubs: &'a Path,
}

/// A distribution that was chosen.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) package: PipPackage,
    /// Whether it was asked for as editable.
    pub(crate) editable: bool,
}

impl Choice<'_> {
    /// The distribution of an entry; `None` where a conda package brings it.
    ///
    /// # Errors
    /// Where nothing of it fits, or a hash is missing or another than the pinned one.
    pub(crate) fn of(&self, entry: &Entry) -> Result<Option<Chosen>, PipError> {
        if entry.archive.as_ref().is_some_and(|archive| self.is_stub(archive)) {
            return Ok(None);
        }
        let label = self.label(entry);
        let wrong = |why: String| self.no_file(&label, mask_urls(&why));
        let name = normalize_pip_name(&entry.name).map_err(|error| wrong(error.to_string()))?;
        if let Some(there) = self.request.installed.iter().find(|one| one.name == name) {
            let (file, conda) = (self.request.file.to_owned(), there.package.clone());
            return Err(PipError::Replaces { file, package: label, conda, name });
        }
        let source = self.source(&name, &label, entry)?;
        let mut version = entry.version.clone();
        if let (None, PipSource::Wheel { file_name, .. }) = (&version, &source) {
            version = WheelName::parse(file_name).ok().map(|wheel| wheel.version);
        }
        let mut package =
            PipPackage::new(&name, version.as_deref(), source).map_err(|error| wrong(error.to_string()))?;
        package.requires_python.clone_from(&entry.requires_python);
        let editable = entry.directory.as_ref().is_some_and(|directory| directory.editable);
        Ok(Some(Chosen { package, editable }))
    }

    fn source(&self, name: &str, label: &str, entry: &Entry) -> Result<PipSource, PipError> {
        let wrong = |why: String| self.no_file(label, mask_urls(&why));
        let source = match entry {
            Entry { vcs: Some(vcs), .. } => self.git(vcs).map_err(wrong)?,
            Entry { directory: Some(directory), .. } => self.folder(directory).map_err(wrong)?,
            Entry { archive: Some(archive), .. } => self.file(archive).map_err(wrong)?,
            _ => match self.best_wheel(name, entry).map_err(wrong)? {
                Some(wheel) => wheel,
                None => self
                    .file(entry.sdist.as_ref().ok_or_else(|| wrong(self.no_wheel(entry)))?)
                    .map_err(wrong)?,
            },
        };
        if let PipSource::Wheel { file_name, .. } = &source
            && self.rank(file_name).is_none()
        {
            return Err(wrong(format!(
                "the wheel {file_name} is for another python or platform; ask for one that fits"
            )));
        }
        if self.request.no_build && !matches!(source, PipSource::Wheel { .. }) {
            return Err(wrong(
                "there is no wheel of it that fits, only sources, and building is refused (--no-build); ask for a version that has \
                 one, use the conda package of that name, or allow building"
                    .to_owned(),
            ));
        }
        self.check_hash(name, label, &source)?;
        Ok(source)
    }

    /// The wheel that fits best, of those with a pinned hash where there are some. Only that one has to have a hash.
    fn best_wheel(&self, name: &str, entry: &Entry) -> Result<Option<PipSource>, String> {
        let fitting = entry.wheels.iter().filter_map(|file| {
            let file_name = file_name(&self.url(file).ok()?)?;
            let rank = self.rank(&file_name)?;
            Some(((!self.allows(name, &file_name, file), rank, file_name), file))
        });
        let best = fitting.min_by(|(a, _), (b, _)| a.cmp(b));
        best.map(|(_, file)| self.file(file)).transpose()
    }

    fn rank(&self, file_name: &str) -> Option<TagRank> {
        self.request.target.rank(&WheelName::parse(file_name).ok()?)
    }

    fn allows(&self, name: &str, file_name: &str, file: &File) -> bool {
        let sha256 = file.hashes.sha256.as_deref().unwrap_or_default();
        self.hashes.pinned(name, file_name).is_none_or(|pinned| pinned.contains(sha256))
    }

    fn check_hash(&self, name: &str, label: &str, source: &PipSource) -> Result<(), PipError> {
        let (file_name, found) = match source {
            PipSource::Wheel { file_name, sha256, .. } | PipSource::Sdist { file_name, sha256, .. } => {
                (file_name.as_str(), Some(hex::encode(sha256)))
            }
            PipSource::Folder { .. } | PipSource::Git { .. } => ("", None),
        };
        let Some(pinned) = self.hashes.pinned(name, file_name) else {
            let why = "no hash is pinned for it, although --require-hashes is among the requirements; add --hash=sha256:…";
            return if self.hashes.required { Err(self.no_file(label, why.to_owned())) } else { Ok(()) };
        };
        if found.as_ref().is_some_and(|found| pinned.contains(found)) {
            return Ok(());
        }
        let found =
            found.map_or_else(|| "it is no file".to_owned(), |found| format!("{file_name} has {found}"));
        let wanted = pinned.iter().map(String::as_str).take(SHOWN).collect::<Vec<_>>().join(", ");
        Err(PipError::Hash { file: self.request.file.to_owned(), package: label.to_owned(), found, wanted })
    }

    fn file(&self, file: &File) -> Result<PipSource, String> {
        let url = self.url(file)?;
        let Some(digits) = &file.hashes.sha256 else {
            return Err(format!(
                "neither its index nor uv gives a sha256 for {}, so that it could not be checked; a newer uv computes it",
                file_name(&url).unwrap_or_default()
            ));
        };
        let mut sha256 = [0; 32];
        hex::decode_to_slice(digits, &mut sha256).map_err(|_| "its sha256 has not 64 hexadecimal digits")?;
        PipSource::file(&url, Some(sha256.into()), file.subdirectory.clone())
    }

    fn url(&self, file: &File) -> Result<Url, String> {
        match (&file.url, &file.path) {
            (Some(url), _) => Url::parse(url).map_err(|error| format!("its address is none ({error})")),
            (None, Some(path)) => self.file_url(path),
            (None, None) => Err("it has neither an address nor a path".to_owned()),
        }
    }

    fn file_url(&self, path: &str) -> Result<Url, String> {
        Url::from_file_path(joined(self.base, path)).map_err(|()| "its path is none".to_owned())
    }

    fn git(&self, vcs: &Vcs) -> Result<PipSource, String> {
        if vcs.r#type != "git" {
            return Err(format!(
                "it comes from a repository of the kind '{}', and only git is supported",
                vcs.r#type.escape_debug()
            ));
        }
        let url = match (&vcs.url, &vcs.path) {
            (Some(url), _) => Url::parse(url).map_err(|error| format!("its address is none ({error})"))?,
            (None, Some(path)) => self.file_url(path)?,
            (None, None) => return Err("it has neither an address nor a path".to_owned()),
        };
        PipSource::git(&url, &vcs.commit_id, vcs.subdirectory.clone())
    }

    fn folder(&self, directory: &Directory) -> Result<PipSource, String> {
        let mut path = joined(self.base, &directory.path);
        if let Some(inner) = &directory.subdirectory {
            let inside = Path::new(inner)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !inside {
                return Err("its subdirectory leads out of the folder".to_owned());
            }
            path = joined(&path, inner);
        }
        Ok(PipSource::Folder { path })
    }

    fn is_stub(&self, file: &File) -> bool {
        let path =
            self.url(file).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok());
        path.is_some_and(|path| path.parent() == Some(self.stubs))
    }

    fn no_wheel(&self, entry: &Entry) -> String {
        let names =
            entry.wheels.iter().filter_map(|file| self.url(file).ok()).filter_map(|url| file_name(&url));
        let names: Vec<String> = names.take(SHOWN).collect();
        let threads = if self.request.target.free_threaded {
            ". uv cannot look for wheels of a python without the global lock"
        } else {
            ""
        };
        let there = if names.is_empty() { "nothing of it".to_owned() } else { names.join(", ") };
        format!(
            "it has no wheel that fits and no sources (there is {there}); ask for another version{threads}"
        )
    }

    fn no_file(&self, package: &str, why: String) -> PipError {
        let (file, target) = (self.request.file.to_owned(), label(self.request.target));
        PipError::NoFile { file, package: package.to_owned(), target, why }
    }

    fn label(&self, entry: &Entry) -> String {
        let text = match &entry.version {
            Some(version) => format!("{}=={version}", entry.name),
            None => entry.name.clone(),
        };
        text.chars().filter(|c| !c.is_control()).take(100).collect()
    }
}

/// What a URL ends in, decoded.
fn file_name(url: &Url) -> Option<String> {
    let mut local = Url::parse("file:///").ok()?;
    local.set_path(url.path_segments()?.next_back()?);
    Some(local.to_file_path().ok()?.file_name()?.to_str()?.to_owned())
}

/// A path from a folder, without `.` and `..`, which uv writes for files beside it.
fn joined(base: &Path, path: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                joined.pop();
            }
            other => joined.push(other),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
