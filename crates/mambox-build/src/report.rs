//! What came of it, as values for people and programs.

use std::time::Duration;

use mambox_layer::{SlimPolicies, SlimPolicy};
use mambox_oci::{DiffId, Digest, Platform};
use serde::Serialize;

use crate::{ROOT_ENVIRONMENT, Sizes};

/// A finished build.
#[derive(Debug, Clone, Serialize)]
pub struct BuildReport {
    /// The digest of the image, or of the index where there are several platforms; none where it went to engines alone,
    /// which keep no manifest.
    pub digest: Option<Digest>,
    /// One for each platform.
    pub images: Vec<ImageReport>,
    /// What was written where.
    pub outputs: Vec<OutputReport>,
    /// How long it took.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// One platform's image.
#[derive(Debug, Clone, Serialize)]
pub struct ImageReport {
    /// The platform.
    pub platform: Platform,
    /// The manifest's digest.
    pub digest: Digest,
    /// The configuration's digest, which Docker calls the image ID.
    pub config_digest: Digest,
    /// Bytes of the blobs, base included; those of our layers are not compressed where the image went to engines alone.
    pub size: u64,
    /// Those of the base alone.
    pub base_size: u64,
    /// Package layers made now.
    pub layers_new: usize,
    /// Package layers found in the cache.
    pub layers_reused: usize,
    /// Layers of the base.
    pub layers_base: usize,
    /// Packages in the environment.
    pub packages: usize,
    /// What each slim policy left out, of all package layers.
    pub left_out: Vec<PolicySavings>,
}

/// What a slim policy left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicySavings {
    /// The policy.
    pub policy: SlimPolicy,
    /// Files and links.
    pub files: u64,
    /// Bytes of their content, before compression.
    pub bytes: u64,
}

/// One output.
#[derive(Debug, Clone, Serialize)]
pub struct OutputReport {
    /// Where to, in skopeo's words.
    pub reference: String,
    /// What is there now: differs from the build's digest where a format made other bytes necessary.
    pub digest: Digest,
    /// A remark for people, such as "3 blobs uploaded (4.1 MB), 60 already there".
    pub remark: Option<String>,
}

/// An image in another form, for `mambox convert`.
#[derive(Debug, Clone, Serialize)]
pub struct ConvertReport {
    /// How the image was named.
    pub source: String,
    /// The image's digest, or that of an index of several platforms.
    pub digest: Digest,
    /// What was written.
    pub output: OutputReport,
    /// How long it took.
    #[serde(skip)]
    pub elapsed: Duration,
}

/// What a build would make, for `mambox plan`.
#[derive(Debug, Clone, Serialize)]
pub struct PlanReport {
    /// The platform.
    pub platform: Platform,
    /// Bottom first.
    pub layers: Vec<PlannedLayer>,
    /// Paths that several packages own, with the winner.
    pub conflicts: Vec<String>,
}

/// One layer to be.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedLayer {
    /// The layer key's digest.
    pub key: Digest,
    /// `name-version-build` of each package.
    pub packages: Vec<String>,
    /// The packages' archives, in bytes.
    pub package_bytes: u64,
    /// Whether the cache has it.
    pub cached: bool,
    /// Why these packages are together, and here.
    pub reason: String,
}

/// What is in an image, for `mambox inspect`.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// How it was named.
    pub reference: String,
    /// The manifest's digest.
    pub digest: Digest,
    /// The platform.
    pub platform: Platform,
    /// RFC 3339.
    pub created: Option<String>,
    /// Compressed bytes.
    pub size: u64,
    /// What was left out to save space, by the recipe of the active environment.
    pub slim: SlimPolicies,
    /// The base, as the recipe names it.
    pub base: Option<String>,
    /// Variables that the configuration sets.
    pub env: Vec<(String, String)>,
    /// The entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// The command.
    pub cmd: Option<Vec<String>>,
    /// The user.
    pub user: Option<String>,
    /// The working directory.
    pub workdir: Option<String>,
    /// Labels.
    pub labels: std::collections::BTreeMap<String, String>,
    /// Bottom first.
    pub layers: Vec<InspectedLayer>,
    /// Packages of the environment; empty for an image that is not ours.
    pub packages: Vec<InspectedPackage>,
    /// What is wrong with the image; found only when asked to check.
    pub flaws: Vec<String>,
    /// What takes how much; told only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
}

/// One layer of an image.
#[derive(Debug, Clone, Serialize)]
pub struct InspectedLayer {
    /// The blob's digest.
    pub digest: Digest,
    /// The tar's digest.
    pub diff_id: DiffId,
    /// Compressed bytes.
    pub size: u64,
    /// What made it, and what is in it.
    pub created_by: Option<String>,
    /// For ours: the packages.
    pub comment: Option<String>,
}

/// One package of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedPackage {
    /// The environment that it is in: `base` unless there are several.
    pub environment: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its build string.
    pub build: String,
    /// Its channel, without credentials.
    pub channel: Option<String>,
    /// The archive's bytes.
    pub size: Option<u64>,
}

impl InspectedPackage {
    /// What a person calls it: its name, behind that of its environment where that is not the usual one.
    pub fn label(&self) -> String {
        match self.environment.as_str() {
            ROOT_ENVIRONMENT => self.name.clone(),
            environment => format!("{environment}/{}", self.name),
        }
    }
}

/// What differs between two images, for `mambox diff`.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// The old image's digest.
    pub old: Digest,
    /// The new image's digest.
    pub new: Digest,
    /// Packages only in the new one.
    pub added: Vec<InspectedPackage>,
    /// Packages only in the old one.
    pub removed: Vec<InspectedPackage>,
    /// Packages in both with another version or build: old, new.
    pub changed: Vec<(InspectedPackage, InspectedPackage)>,
    /// Other differences, a line each: variables, user, labels, base.
    pub configuration: Vec<String>,
    /// Layers in both.
    pub layers_shared: usize,
    /// Bytes of the new image's layers that the old one has.
    pub bytes_shared: u64,
    /// Layers that someone with the old image must pull.
    pub layers_to_pull: usize,
    /// Their compressed bytes.
    pub bytes_to_pull: u64,
}

/// What came of rebuilding an image from its own lock, for `mambox verify`.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// The image's digest.
    pub digest: Digest,
    /// Bottom first.
    pub layers: Vec<VerifiedLayer>,
    /// What the configuration says otherwise than the recipe, a line each.
    pub configuration: Vec<String>,
    /// Whether every layer of ours was made again with the same diffID, and nothing else differs.
    pub reproduced: bool,
}

/// One layer of a verified image.
#[derive(Debug, Clone, Serialize)]
pub struct VerifiedLayer {
    /// The blob's digest in the image.
    pub digest: Digest,
    /// What the layer is: the packages, "base", "environment", "files of the application".
    pub name: String,
    /// What was found.
    pub state: LayerState,
}

/// What was found of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "detail", rename_all = "kebab-case")]
pub enum LayerState {
    /// Made again, with the same diffID.
    Reproduced,
    /// Its bytes match its digests; there is nothing to make it again from (base, application files).
    Intact,
    /// Made again, and it is another; the text says what it should be.
    Differs(String),
    /// Its bytes do not match its digests; the text says how.
    Damaged(String),
}

/// What the caches hold, for `mambox cache info`.
#[derive(Debug, Clone, Serialize)]
pub struct CacheInfo {
    /// The folder.
    pub path: String,
    /// One for each kind of entry.
    pub parts: Vec<CachePart>,
}

/// One kind of cache entry.
#[derive(Debug, Clone, Serialize)]
pub struct CachePart {
    /// `packages`, `layers`, `blobs`, …
    pub name: String,
    /// Entries.
    pub entries: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

/// What to remove, for `mambox cache prune`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PruneRequest {
    /// Remove what was not used for so long.
    pub max_age: Option<Duration>,
    /// Then remove the least recently used until so many bytes are left.
    pub max_bytes: Option<u64>,
    /// Remove everything.
    pub all: bool,
}
