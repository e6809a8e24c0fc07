//! All that decides a layer's bytes.

use std::collections::BTreeSet;

use mambox_env::LockedPackage;
use mambox_link::Python;
use mambox_oci::{Compression, Digest};
use serde::{Deserialize, Serialize};

use crate::error::LayerError;
use crate::install_prefix::Prefix;
use crate::link::canonical_record;
use crate::slim::SlimPolicies;

/// Raised by whoever changes what a layer holds for the same inputs; the golden digests notice.
pub const LAYER_FORMAT: u32 = 2;

/// Same key, same bytes: on any machine, with any number of threads, at any time.
///
/// The key's JSON is canonical (fields in this order, no white space) and its digest names a cached layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerKey {
    /// [`LAYER_FORMAT`].
    pub format: u32,
    /// The layer's packages, in their order inside it.
    pub packages: Vec<PackageKey>,
    /// Where the environment lies.
    pub prefix: String,
    /// The environment's python, where the layer holds a package that may be installed by it.
    pub python: Option<Python>,
    /// Whether `.pyc` files are made, where the layer may hold a noarch python package; else [`PycPolicy::Off`].
    pub pyc: PycPolicy,
    /// Hash of python's archive, as of a [`PackageKey::archive`], where `.pyc` files are made: its compiler decides their
    /// bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
    /// What is left out to save space.
    pub slim: SlimPolicies,
    /// Encoder, level and the encoder's version: [`Compression::identity`].
    pub codec: String,
}

/// The part of a key that one package decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageKey {
    /// Name of the archive.
    pub file_name: String,
    /// `sha256:` or, where a lock has nothing else, `md5:` and the digits.
    pub archive: String,
    /// Digest of the repodata record with URL and channel, as it goes into conda-meta.
    pub record: Digest,
    /// Paths, relative to the prefix, that another package owns.
    pub masked: BTreeSet<String>,
}

/// Whether `.pyc` files are made for noarch python packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PycPolicy {
    /// They are not.
    Off,
    /// They are, and python takes them without a look at the source (PEP 552): neither its time nor its content.
    UncheckedHash,
}

impl PycPolicy {
    /// Whether none are made.
    pub fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

/// The environment's python and the package that it comes from.
pub(crate) struct Interpreter<'a> {
    pub(crate) python: &'a Python,
    pub(crate) package: &'a LockedPackage,
}

impl LayerKey {
    pub(crate) fn new<'a>(
        packages: impl IntoIterator<Item = &'a LockedPackage>,
        prefix: &Prefix,
        python: Option<&Interpreter<'_>>,
        (pyc, slim): (PycPolicy, SlimPolicies),
        compression: Compression,
    ) -> Result<Self, LayerError> {
        let mut keys = Vec::new();
        let mut by_python = false;
        for package in packages {
            by_python |= may_be_noarch_python(package);
            keys.push(PackageKey::new(package)?);
        }
        let python = python.filter(|_| by_python);
        let compiles = pyc != PycPolicy::Off && python.is_some_and(|python| python.python.can_make_pyc());
        Ok(Self {
            format: LAYER_FORMAT,
            packages: keys,
            prefix: prefix.as_str().to_owned(),
            python: python.map(|python| python.python.clone()),
            pyc: if compiles { pyc } else { PycPolicy::Off },
            compiler: python.filter(|_| compiles).map(|python| archive_hash(python.package)).transpose()?,
            slim,
            codec: compression.identity(),
        })
    }

    /// The canonical JSON.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, numbers and lists of them always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The name of the layer in a cache.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }
}

impl PackageKey {
    fn new(package: &LockedPackage) -> Result<Self, LayerError> {
        let record = canonical_record(package).map_err(|problem| problem.of(&package.file_name))?;
        let json = serde_json::to_vec(&record)
            .map_err(|error| LayerError::Record { package: package.file_name.clone(), error })?;
        Ok(Self {
            file_name: package.file_name.clone(),
            archive: archive_hash(package)?,
            record: Digest::of(&json),
            masked: BTreeSet::new(),
        })
    }
}

pub(crate) fn archive_hash(package: &LockedPackage) -> Result<String, LayerError> {
    match (&package.record.sha256, &package.record.md5) {
        (Some(sha256), _) => Ok(format!("sha256:{}", hex::encode(sha256))),
        (None, Some(md5)) => Ok(format!("md5:{}", hex::encode(md5))),
        (None, None) => Err(LayerError::NoHash { package: package.file_name.clone() }),
    }
}

/// Whether python can decide where the package's files go. Only the archive itself says so for sure (some lock
/// formats guess), so every package of the subdir noarch counts: at worst a cached layer is built once more.
pub(crate) fn may_be_noarch_python(package: &LockedPackage) -> bool {
    package.record.subdir == "noarch" || package.record.noarch.is_python()
}
