//! The family: what it is made of, and by which names its images are known.

use std::collections::BTreeMap;

use mambox_oci::{Digest, Platform};
use mambox_transport::Reference;
use serde::Serialize;

/// A family of base images, as `images.toml` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The repository of its images, such as `ghcr.io/me/micromamba`: no tag, no digest.
    pub repository: String,
    /// The name of the base whose images also get the tags without a base.
    pub default: String,
    /// The account that the images run as.
    pub user: User,
    /// Where environments are, absolute.
    pub root_prefix: String,
    /// The package manager inside.
    pub micromamba: Micromamba,
    /// In the order of the file.
    pub bases: Vec<Base>,
}

/// Name and ids of the account that images run as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// `MAMBA_USER`.
    pub name: String,
    /// `MAMBA_USER_ID`.
    pub uid: u32,
    /// `MAMBA_USER_GID`.
    pub gid: u32,
}

/// Which micromamba is inside; its version gives the tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Micromamba {
    /// X.Y.Z. Of ours, it is the version that it is compatible with.
    pub version: String,
    /// The conda channel whose package is taken; ours without.
    pub channel: Option<String>,
}

/// One base, and so one image of the family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its part of the tags, such as `debian13-slim`.
    pub name: String,
    /// The image to build on, in the words of `--base`.
    pub image: String,
    /// What it is a version of, such as `debian-slim`.
    pub kind: String,
    /// Whether its images also get the kind as a tag.
    pub newest: bool,
    /// At least one.
    pub platforms: Vec<Platform>,
    /// Packages whose files the image gets for want of the base's own, by what they give.
    pub runtime: BTreeMap<Runtime, BTreeMap<Platform, Package>>,
}

/// What a base may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// The shell of `CMD` and `RUN`.
    Bash,
    /// The C library that conda packages are linked with.
    Glibc,
}

impl Runtime {
    /// Its key in `images.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Glibc => "glibc",
        }
    }
}

/// A distribution's package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// A `.deb`: a path below a mirror (`pool/main/b/bash/…`), or a file beside `images.toml` (`./…`).
    pub deb: String,
    /// Of its bytes.
    pub sha256: Digest,
}

impl Base {
    /// The image's name in a registry, `docker.io/library/debian:13`. Any other reference is a place on this machine, which
    /// no image may tell of.
    pub fn registry_name(&self) -> Option<String> {
        match self.image.parse() {
            Ok(Reference::Registry(name)) => Some(name.to_string()),
            _ => None,
        }
    }
}

impl Family {
    /// The base of a name.
    pub fn base(&self, name: &str) -> Option<&Base> {
        self.bases.iter().find(|base| base.name == name)
    }

    /// Each base with each of its platforms.
    pub fn images(&self) -> impl Iterator<Item = (&Base, &Platform)> {
        self.bases.iter().flat_map(|base| base.platforms.iter().map(move |platform| (base, platform)))
    }

    /// All platforms that occur.
    pub fn platforms(&self) -> Vec<Platform> {
        let mut all: Vec<Platform> = self.images().map(|(_, platform)| platform.clone()).collect();
        all.sort();
        all.dedup();
        all
    }
}
