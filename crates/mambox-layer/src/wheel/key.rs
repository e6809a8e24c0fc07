//! All that decides the bytes of a layer of wheels.

use std::collections::BTreeSet;

use mambox_link::Python;
use mambox_oci::Digest;
use serde::{Deserialize, Serialize};

use crate::key::PycPolicy;
use crate::slim::SlimPolicies;

/// Raised by whoever changes what a layer of wheels holds for the same inputs; the golden digests notice.
pub const WHEEL_FORMAT: u32 = 1;

/// Same key, same bytes, as with a [`LayerKey`](crate::LayerKey), whose JSON this one's never equals: that has
/// `packages`, this `wheels`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WheelKey {
    /// [`WHEEL_FORMAT`].
    pub format: u32,
    /// The layer's wheels, in their order inside it.
    pub wheels: Vec<WheelFile>,
    /// Where the environment lies.
    pub prefix: String,
    /// The environment's python.
    pub python: Python,
    /// Whether `.pyc` files are made.
    pub pyc: PycPolicy,
    /// Hash of python's archive where `.pyc` files are made, as in a [`LayerKey`](crate::LayerKey).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
    /// What is left out to save space.
    pub slim: SlimPolicies,
    /// Encoder, level and the encoder's version.
    pub codec: String,
}

/// The part of a key that one wheel decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WheelFile {
    /// Name of the wheel's file.
    pub file_name: String,
    /// Of the wheel.
    pub sha256: Digest,
    /// Paths, relative to the prefix, that another wheel owns.
    pub masked: BTreeSet<String>,
}

impl WheelKey {
    /// The canonical JSON: fields in this order, no white space.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, numbers and lists of them always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The name of the layer in a cache.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_json())
    }
}
