//! Locks of several platforms in one file, in rattler_lock's format (that of pixi.lock).

use std::{collections::HashSet, path::Path, str::FromStr};

use rattler_conda_types::Subdir;
use rattler_lock::{
    CondaBinaryData, CondaPackageData, LockFileBuilder, ParseCondaLockError, PlatformData, UrlOrPath,
};
use url::Url;

use crate::{
    lock::Lock,
    lock_error::LockError,
    locked_package::{LockedPackage, file_path, label},
    pip,
    portable::channel_url,
};

/// Name of the environment when nobody named one.
pub const DEFAULT_ENVIRONMENT: &str = "default";

/// One environment, locked for several platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile {
    environment: String,
    locks: Vec<Lock>,
}

impl LockFile {
    /// Locks in the order of their platforms' names. The format has one list of channels for all platforms, so
    /// each lock gets the union.
    ///
    /// # Errors
    /// When two locks are for one platform.
    pub fn new(environment: impl Into<String>, mut locks: Vec<Lock>) -> Result<Self, LockError> {
        locks.sort_by_key(Lock::platform);
        if let Some(pair) = locks.windows(2).find(|pair| pair[0].platform() == pair[1].platform()) {
            return Err(LockError::DuplicatePlatform { platform: pair[0].platform() });
        }
        let channels = union_of_channels(&locks);
        let locks = locks.into_iter().map(|lock| lock.with_channels(channels.clone())).collect();
        Ok(Self { environment: environment.into(), locks })
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The locks, by platform.
    pub fn locks(&self) -> &[Lock] {
        &self.locks
    }

    /// The lock for a platform.
    pub fn lock(&self, platform: Subdir) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.platform() == platform)
    }

    /// The file as it may stand in an image: see [`Lock::portable`].
    pub fn portable(&self) -> Self {
        Self { environment: self.environment.clone(), locks: self.locks.iter().map(Lock::portable).collect() }
    }

    /// The file's text in rattler_lock's current format, which pixi reads, too. Equal values give equal
    /// bytes.
    ///
    /// # Errors
    /// When a public field of a package was changed to what the format cannot hold.
    pub fn to_yaml(&self) -> Result<String, LockError> {
        self.render(None)
    }

    /// [`Self::to_yaml`] for a file in `folder` (absolute): local wheels and folders of sources at or below it are named
    /// relative to it, so that both can be moved together.
    ///
    /// # Errors
    /// As [`Self::to_yaml`].
    pub fn to_yaml_in(&self, folder: &Path) -> Result<String, LockError> {
        self.render(Some(folder))
    }

    fn render(&self, beside: Option<&Path>) -> Result<String, LockError> {
        let platforms = self.locks.iter().map(|lock| PlatformData {
            name: (&lock.platform()).into(),
            subdir: lock.platform(),
            virtual_packages: Vec::new(),
        });
        let mut builder = rattler_lock::LockFile::builder()
            .with_platforms(platforms.collect())
            .map_err(|error| LockError::Write(error.to_string()))?;
        builder.set_channels(&self.environment, union_of_channels(&self.locks));
        for lock in &self.locks {
            add_lock(&mut builder, &self.environment, lock, beside)?;
        }
        builder.finish().render_to_string().map_err(|error| LockError::Write(error.to_string()))
    }
}

/// The name of the environment that a source distribution is built in.
pub(crate) fn build_environment(distribution: &str) -> String {
    format!("build-{distribution}")
}

fn add_lock(
    builder: &mut LockFileBuilder,
    environment: &str,
    lock: &Lock,
    beside: Option<&Path>,
) -> Result<(), LockError> {
    let failed = |error: ParseCondaLockError| LockError::Write(error.to_string());
    let platform = lock.platform().as_str();
    builder.add_environment_platform(environment, platform).map_err(failed)?;
    for package in lock.packages() {
        builder.add_conda_package(environment, platform, to_rattler(package)?).map_err(failed)?;
    }
    for distribution in lock.pip() {
        builder
            .add_pypi_package(environment, platform, pip::to_rattler(distribution, beside)?)
            .map_err(failed)?;
        let Some(requires) = &distribution.build_requires else { continue };
        let environment = build_environment(&distribution.name);
        builder.add_environment_platform(&environment, platform).map_err(failed)?;
        for distribution in requires {
            builder
                .add_pypi_package(&environment, platform, pip::to_rattler(distribution, beside)?)
                .map_err(failed)?;
        }
    }
    Ok(())
}

fn union_of_channels(locks: &[Lock]) -> Vec<String> {
    let mut seen = HashSet::new();
    locks.iter().flat_map(Lock::channels).filter(|channel| seen.insert(*channel)).cloned().collect()
}

fn to_rattler(package: &LockedPackage) -> Result<CondaPackageData, LockError> {
    let file_name = package.identifier().ok_or_else(|| {
        LockError::Write(format!("{}: '{}' is no file name", label(&package.record), package.file_name))
    })?;
    Ok(CondaPackageData::from(CondaBinaryData {
        package_record: package.record.clone(),
        location: location(&package.url)?,
        file_name,
        channel: package.channel.as_deref().and_then(channel_url).map(Into::into),
    }))
}

/// A `file:` URL becomes a path, as the format wants it. rattler_lock's own conversion forgets to decode the
/// first segment.
fn location(url: &Url) -> Result<UrlOrPath, LockError> {
    match file_path(url) {
        Some(path) => UrlOrPath::from_str(&path).map_err(|error| LockError::Write(error.to_string())),
        None => Ok(UrlOrPath::Url(url.clone())),
    }
}
