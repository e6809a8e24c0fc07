//! What decides an image of the family, and what differs between two.

use std::collections::BTreeMap;

use mambox_oci::{Digest, Platform};
use serde::Serialize;

use crate::family::{Base, Family, Runtime, User};
use crate::lock::FamilyLock;

/// All that an image's digest depends on: the same key, the same digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageKey {
    /// The base's name in a registry, which a label holds.
    pub image: Option<String>,
    /// The base's manifest.
    pub base: Digest,
    /// The entry program.
    pub mambox_init: Digest,
    /// The package manager.
    pub micromamba: Digest,
    /// Scripts, certificates and rules that come with mambox.
    pub furnishings: Digest,
    /// The version, which a label holds.
    pub version: String,
    /// The account.
    pub user: User,
    /// Where environments are.
    pub root_prefix: String,
    /// Packages for what the base lacks.
    pub runtime: BTreeMap<Runtime, Digest>,
}

/// Why an image has no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpinned {
    /// The lock does not know the base for the platform.
    #[error("images.lock does not pin {base} for {platform}")]
    Base {
        /// The base's name.
        base: String,
        /// The platform.
        platform: Platform,
    },
    /// The lock knows the base under another reference.
    #[error("images.lock pins {base} as {locked}, and images.toml says {wanted}")]
    Image {
        /// The base's name.
        base: String,
        /// The reference that was looked up.
        locked: String,
        /// That of `images.toml`.
        wanted: String,
    },
    /// The lock knows no programs for the platform.
    #[error("images.lock pins no programs for {0}")]
    Programs(Platform),
    /// The lock pins another micromamba than the family wants.
    #[error("images.lock pins a micromamba {locked}, and images.toml wants one {wanted}")]
    Source {
        /// Where the lock's is from.
        locked: &'static str,
        /// Where the family's is to be from.
        wanted: &'static str,
    },
    /// The lock was written before anything was furnished.
    #[error("images.lock does not pin what mambox itself puts into images")]
    Furnishings,
}

/// An input of an image, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The base's reference.
    Image,
    /// The base's digest.
    BaseDigest,
    /// The entry program.
    EntryProgram,
    /// The package manager.
    Micromamba,
    /// What comes with mambox.
    Furnishings,
    /// The version.
    Version,
    /// The account.
    User,
    /// Where environments are.
    RootPrefix,
    /// Packages for bash or glibc.
    Runtime,
}

impl Cause {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "the base's name",
            Self::BaseDigest => "the base's digest",
            Self::EntryProgram => "the entry program",
            Self::Micromamba => "micromamba",
            Self::Furnishings => "scripts and certificates of mambox",
            Self::Version => "micromamba's version",
            Self::User => "the user",
            Self::RootPrefix => "the root prefix",
            Self::Runtime => "the packages for bash or glibc",
        }
    }
}

impl ImageKey {
    /// The key of one image; an error where the lock does not pin all of it.
    pub fn new(
        family: &Family,
        base: &Base,
        platform: &Platform,
        lock: &FamilyLock,
    ) -> Result<Self, Unpinned> {
        let unpinned = || Unpinned::Base { base: base.name.clone(), platform: platform.clone() };
        let locked = lock.bases.get(&base.name).ok_or_else(unpinned)?;
        if locked.image != base.image {
            let (locked, wanted) = (locked.image.clone(), base.image.clone());
            return Err(Unpinned::Image { base: base.name.clone(), locked, wanted });
        }
        let programs = lock.programs.get(platform).ok_or_else(|| Unpinned::Programs(platform.clone()))?;
        let source = |of_channel| if of_channel { "of a channel" } else { "of mambox" };
        let (locked_url, channel) = (programs.url.is_some(), family.micromamba.channel.is_some());
        if locked_url != channel {
            return Err(Unpinned::Source { locked: source(locked_url), wanted: source(channel) });
        }
        let runtime = base.runtime.iter().filter_map(|(kind, of)| Some((*kind, of.get(platform)?.sha256)));
        Ok(Self {
            image: base.registry_name(),
            base: *locked.digests.get(platform).ok_or_else(unpinned)?,
            mambox_init: programs.mambox_init,
            micromamba: programs.micromamba,
            furnishings: lock.furnishings.ok_or(Unpinned::Furnishings)?,
            version: family.micromamba.version.clone(),
            user: family.user.clone(),
            root_prefix: family.root_prefix.clone(),
            runtime: runtime.collect(),
        })
    }

    /// What differs; nothing for two keys of one image.
    pub fn causes(&self, new: &Self) -> Vec<Cause> {
        let differs = [
            (Cause::Image, self.image != new.image),
            (Cause::BaseDigest, self.base != new.base),
            (Cause::EntryProgram, self.mambox_init != new.mambox_init),
            (Cause::Micromamba, self.micromamba != new.micromamba),
            (Cause::Furnishings, self.furnishings != new.furnishings),
            (Cause::Version, self.version != new.version),
            (Cause::User, self.user != new.user),
            (Cause::RootPrefix, self.root_prefix != new.root_prefix),
            (Cause::Runtime, self.runtime != new.runtime),
        ];
        differs.into_iter().filter_map(|(cause, differs)| differs.then_some(cause)).collect()
    }
}
