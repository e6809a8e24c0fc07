//! The lock of one platform.

use std::{collections::HashSet, fmt::Write};

use rattler_conda_types::Subdir;

use crate::{
    lock_error::LockError,
    locked_package::{LockedPackage, label},
    order::sort_canonically,
    pip::PipPackage,
    portable::{portable_channel, strip_channel_credentials},
};

/// More packages than this are no environment but an attack.
pub const MAX_PACKAGES: usize = 50_000;

/// A solved environment for one platform, in canonical order: dependencies first, by the depth of their
/// dependencies and then by name. Equal environments give equal locks, whatever order they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    platform: Subdir,
    channels: Vec<String>,
    packages: Vec<LockedPackage>,
    pip: Vec<PipPackage>,
}

impl Lock {
    /// Checks the packages and brings them into canonical order. Channels lose their credentials.
    ///
    /// # Errors
    /// When a name occurs twice, a package belongs to another platform, or there are more than
    /// [`MAX_PACKAGES`].
    pub fn new(
        platform: Subdir,
        channels: impl IntoIterator<Item = impl AsRef<str>>,
        packages: Vec<LockedPackage>,
    ) -> Result<Self, LockError> {
        if packages.len() > MAX_PACKAGES {
            return Err(LockError::TooManyPackages { count: packages.len(), most: MAX_PACKAGES });
        }
        let mut names = HashSet::new();
        for package in &packages {
            if !names.insert(package.name()) {
                let package = package.name().to_owned();
                return Err(LockError::DuplicatePackage { package, platform });
            }
            let subdir = package.record.subdir.as_str();
            if subdir != platform.as_str() && subdir != Subdir::NoArch.as_str() {
                let subdir = subdir.escape_debug().to_string();
                return Err(LockError::ForeignPlatform { package: label(&package.record), subdir, platform });
            }
        }
        let mut unique = HashSet::new();
        let channels = channels
            .into_iter()
            .map(|channel| strip_channel_credentials(channel.as_ref()))
            .filter(|channel| unique.insert(channel.clone()))
            .collect();
        let packages = sort_canonically(packages, |package| &package.record);
        Ok(Self { platform, channels, packages, pip: Vec::new() })
    }

    /// The lock with distributions of PyPI's kind instead of those that it has, sorted by name.
    ///
    /// # Errors
    /// When a name occurs twice, or there are more than [`MAX_PACKAGES`].
    pub fn with_pip(self, mut pip: Vec<PipPackage>) -> Result<Self, LockError> {
        if pip.len() > MAX_PACKAGES {
            return Err(LockError::TooManyPackages { count: pip.len(), most: MAX_PACKAGES });
        }
        pip.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = pip.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let package = format!("the pip package {}", pair[0].name);
            return Err(LockError::DuplicatePackage { package, platform: self.platform });
        }
        Ok(Self { pip, ..self })
    }

    /// For example `linux-64`.
    pub fn platform(&self) -> Subdir {
        self.platform
    }

    /// Channels in order of priority, without credentials and without repetition.
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// The same packages with other channels; those of a [`crate::LockFile`] share them.
    pub(crate) fn with_channels(self, channels: Vec<String>) -> Self {
        Self { channels, ..self }
    }

    /// Packages in canonical order.
    pub fn packages(&self) -> &[LockedPackage] {
        &self.packages
    }

    /// Distributions of PyPI's kind, by name.
    pub fn pip(&self) -> &[PipPackage] {
        &self.pip
    }

    /// The package of this normalised name.
    pub fn package(&self, name: &str) -> Option<&LockedPackage> {
        self.packages.iter().find(|package| package.name() == name)
    }

    /// The lock as it may stand in an image: local channels lose this machine's path.
    pub fn portable(&self) -> Self {
        let mut unique = HashSet::new();
        let channels = self.channels.iter().map(|channel| portable_channel(channel));
        Self {
            platform: self.platform,
            channels: channels.filter(|channel| unique.insert(channel.clone())).collect(),
            packages: self.packages.iter().map(LockedPackage::portable).collect(),
            pip: self.pip.iter().map(PipPackage::portable).collect(),
        }
    }

    /// The lock as an `@EXPLICIT` file, which conda, mamba, micromamba and rattler can install from.
    /// Packages stand in canonical order, with `#sha256:` or, where a lock has nothing else, `#md5`.
    pub fn to_explicit(&self) -> String {
        let mut text = format!("# platform: {}\n@EXPLICIT\n", self.platform);
        for package in &self.packages {
            let hash = match (&package.record.sha256, &package.record.md5) {
                (Some(sha256), _) => format!("#sha256:{}", hex::encode(sha256)),
                (None, Some(md5)) => format!("#{}", hex::encode(md5)),
                (None, None) => String::new(),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}{hash}", package.url);
        }
        text
    }
}
