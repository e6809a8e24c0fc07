//! Reading lock files: our own, pixi.lock of every version, conda-lock.yml version 1.

use std::path::{Component, Path, PathBuf};

use rattler_conda_types::Subdir;
use rattler_lock::{CondaBinaryData, CondaPackageData, Environment, PypiPackageData, UrlOrPath};
use serde_yaml::Value;
use url::Url;

use crate::{
    lock::Lock,
    lock_error::LockError,
    lock_file::{DEFAULT_ENVIRONMENT, LockFile, build_environment},
    locked_package::LockedPackage,
    pip::{self, PipPackage},
    redact::for_message,
    yaml,
};

/// Largest lock file that is read, in bytes.
pub const MAX_LOCK_SIZE: usize = 64 << 20;

/// What to take from a lock file.
#[derive(Debug, Clone)]
pub struct LockSelection {
    /// Name of the environment.
    pub environment: String,
    /// Platforms that must be there; all that are there when empty.
    pub platforms: Vec<Subdir>,
    /// Categories of a conda-lock.yml; pixi.lock has none.
    pub categories: Vec<String>,
    /// Folder to which relative paths in the file belong: the lock file's own, as an absolute path.
    pub base_dir: Option<PathBuf>,
}

impl Default for LockSelection {
    fn default() -> Self {
        Self {
            environment: DEFAULT_ENVIRONMENT.to_owned(),
            platforms: Vec::new(),
            categories: vec!["main".to_owned()],
            base_dir: None,
        }
    }
}

impl LockFile {
    /// Reads a lock file. `file` is its name in messages.
    ///
    /// # Errors
    /// When the text is no lock file, lacks the environment or a platform, or when a selected conda package must be
    /// built from source, or any has no hash or is otherwise unusable.
    pub fn from_text(text: &str, file: &str, selection: &LockSelection) -> Result<Self, LockError> {
        if text.len() > MAX_LOCK_SIZE {
            return Err(LockError::TooLarge { file: file.to_owned(), size: text.len(), most: MAX_LOCK_SIZE });
        }
        let unreadable = |why: &dyn std::fmt::Display| LockError::Unreadable {
            file: file.to_owned(),
            why: why.to_string(),
        };
        yaml::check_depth(text).map_err(|why| unreadable(&why))?;
        let selected = select_categories(text, &selection.categories).map_err(|error| unreadable(&error))?;
        let parsed = rattler_lock::LockFile::from_str_with_base_directory(
            selected.as_deref().unwrap_or(text),
            selection.base_dir.as_deref(),
        )
        .map_err(|error| unreadable(&error))?;

        let name = &selection.environment;
        let environment = parsed.environment(name).ok_or_else(|| LockError::UnknownEnvironment {
            file: file.to_owned(),
            environment: name.clone(),
            available: sorted_list(parsed.environments().map(|(name, _)| name.to_owned())),
        })?;
        let source = Source { file, selection, environment, parsed: &parsed };
        let platforms = source.platforms()?;
        let locks = platforms.into_iter().map(|platform| source.lock(platform)).collect::<Result<_, _>>()?;
        Self::new(name, locks)
    }
}

/// conda-lock.yml lists packages of several categories side by side, which rattler_lock does not tell apart.
/// Returns the text with the chosen ones, or nothing where there are no categories.
fn select_categories(text: &str, categories: &[String]) -> Result<Option<String>, serde_yaml::Error> {
    if !text.contains("category:") {
        return Ok(None);
    }
    let mut document: Value = serde_yaml::from_str(text)?;
    let version_one = document.get("version").and_then(Value::as_u64) == Some(1);
    let Some(Value::Sequence(packages)) = document.get_mut("package").filter(|_| version_one) else {
        return Ok(None);
    };
    packages.retain(|package| {
        let category = package.get("category").and_then(Value::as_str).unwrap_or("main");
        categories.iter().any(|wanted| wanted == category)
    });
    serde_yaml::to_string(&document).map(Some)
}

fn sorted_list(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    if names.is_empty() { "none".to_owned() } else { for_message(&names.join(", ")) }
}

/// A lock file that was read, and what to take from it.
struct Source<'a> {
    file: &'a str,
    selection: &'a LockSelection,
    environment: Environment<'a>,
    parsed: &'a rattler_lock::LockFile,
}

impl Source<'_> {
    fn platforms(&self) -> Result<Vec<Subdir>, LockError> {
        let mut available: Vec<Subdir> =
            self.environment.packages_by_platform().map(|(platform, _)| platform.subdir()).collect();
        available.sort();
        available.dedup();
        let wanted = &self.selection.platforms;
        if let Some(missing) = wanted.iter().find(|platform| !available.contains(platform)) {
            return Err(LockError::UnknownPlatform {
                file: self.file.to_owned(),
                platform: *missing,
                environment: self.selection.environment.clone(),
                available: sorted_list(available.iter().map(Subdir::to_string)),
            });
        }
        Ok(if wanted.is_empty() { available } else { wanted.clone() })
    }

    fn lock(&self, platform: Subdir) -> Result<Lock, LockError> {
        let mut packages = Vec::new();
        let mut distributions = Vec::new();
        for package in self.packages(platform)? {
            match package {
                rattler_lock::LockedPackage::Conda(conda) => packages.push(self.package(conda)?),
                rattler_lock::LockedPackage::Pypi(data) => {
                    distributions.push(self.distribution(data, platform)?)
                }
            }
        }
        let channels = self.environment.channels().iter().map(|channel| &channel.url);
        let lock = Lock::new(platform, channels, packages).and_then(|lock| lock.with_pip(distributions));
        lock.map_err(|error| self.in_file(error))
    }

    /// A distribution; one of sources with what it is to be built with, where the file has an environment for that.
    fn distribution(&self, data: &PypiPackageData, platform: Subdir) -> Result<PipPackage, LockError> {
        let read = |data| {
            let base = self.selection.base_dir.as_deref();
            pip::from_rattler(data, base).map_err(|error| self.in_file(error))
        };
        let mut package = read(data)?;
        let environment = self.parsed.environment(&build_environment(&package.name));
        let has_platform = |environment: &Environment<'_>| {
            environment.packages_by_platform().any(|(candidate, _)| candidate.subdir() == platform)
        };
        if let Some(environment) = environment.filter(|it| !package.is_wheel() && has_platform(it)) {
            let source = Source { environment, ..*self };
            let packages = source.packages(platform)?;
            // Somebody's own environment of that name has conda packages.
            let is_ours = packages.iter().all(|package| package.as_pypi().is_some());
            let requires = packages.into_iter().filter_map(|package| package.as_pypi());
            let mut requires = requires.map(read).collect::<Result<Vec<_>, _>>()?;
            requires.sort_by(|a, b| a.name.cmp(&b.name));
            package.build_requires =
                Some(requires).filter(|all| is_ours && all.iter().all(PipPackage::is_wheel));
        }
        Ok(package)
    }

    /// A file may hold several platforms of one subdir, with names of their own and different virtual packages.
    /// The one with the subdir's name is meant, or the only one.
    fn packages(&self, platform: Subdir) -> Result<Vec<&rattler_lock::LockedPackage>, LockError> {
        let by_platform = self.environment.packages_by_platform();
        let mut candidates: Vec<(String, Vec<&rattler_lock::LockedPackage>)> = by_platform
            .filter(|(candidate, _)| candidate.subdir() == platform)
            .map(|(candidate, packages)| (candidate.name().to_string(), packages.collect()))
            .collect();
        let exact = candidates.iter().position(|(name, _)| name == platform.as_str());
        match (exact, candidates.len()) {
            (Some(index), _) => Ok(candidates.swap_remove(index).1),
            (None, 1) => Ok(candidates.swap_remove(0).1),
            (None, _) => Err(LockError::AmbiguousPlatform {
                file: self.file.to_owned(),
                platform,
                names: sorted_list(candidates.iter().map(|(name, _)| name.clone())),
            }),
        }
    }

    fn package(&self, package: &CondaPackageData) -> Result<LockedPackage, LockError> {
        let Some(binary) = package.as_binary() else {
            return Err(LockError::SourcePackage {
                file: self.file.to_owned(),
                package: for_message(package.name().as_source()),
                location: for_message(package.location().as_str()),
            });
        };
        let url = self.url(binary)?;
        let channel = binary.channel.as_ref().map(|channel| channel.as_str());
        let file_name = binary.file_name.to_file_name();
        LockedPackage::with_file_name(binary.package_record.clone(), &url, channel, &file_name)
            .map_err(|error| self.in_file(error))
    }

    fn url(&self, binary: &CondaBinaryData) -> Result<Url, LockError> {
        let url = match (&binary.location, &self.selection.base_dir) {
            (UrlOrPath::Url(url), _) => Some(url.clone()),
            (UrlOrPath::Path(path), base) => match (path.is_absolute(), base) {
                (true, _) => Url::from_file_path(path.as_str()).ok(),
                (false, Some(base)) => {
                    Url::from_file_path(lexically_joined(base, Path::new(path.as_str()))).ok()
                }
                (false, None) => None,
            },
        };
        url.ok_or_else(|| LockError::Location {
            file: self.file.to_owned(),
            location: for_message(binary.location.as_str()),
        })
    }

    fn in_file(&self, error: LockError) -> LockError {
        LockError::InFile { file: self.file.to_owned(), error: Box::new(error) }
    }
}

/// Joins without asking the file system; `..` at the root stays at the root.
pub(crate) fn lexically_joined(base: &Path, relative: &Path) -> PathBuf {
    let mut joined = base.to_path_buf();
    for component in relative.components() {
        match component {
            Component::ParentDir => {
                joined.pop();
            }
            Component::Normal(name) => joined.push(name),
            _ => {}
        }
    }
    joined
}
