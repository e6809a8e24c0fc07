//! `manifest.json` (moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format").

use serde::{Deserialize, Serialize};

/// One image of the archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ManifestItem {
    /// The member that is the configuration.
    pub(crate) config: String,
    /// Names with tags; `null` where there are none.
    #[serde(default, deserialize_with = "or_empty")]
    pub(crate) repo_tags: Vec<String>,
    /// The members that are the layers' tars, bottom first.
    #[serde(default, deserialize_with = "or_empty")]
    pub(crate) layers: Vec<String>,
}

fn or_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
