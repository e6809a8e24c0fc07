//! What travels inside an image, so that anybody can make it again: the lock and the recipe.
//!
//! Both lie beside conda's records, in `<prefix>/conda-meta/mambox/`, where conda, mamba and rattler
//! look for nothing. Neither holds a path of the machine, a time of the clock, or a credential.

use mambox_layer::{PycPolicy, SlimPolicies};
use mambox_oci::{DiffId, Digest};
use serde::{Deserialize, Serialize};

use crate::{BuildError, ScriptRequest};

/// The folder, relative to the prefix.
pub(crate) const FOLDER: &str = "conda-meta/mambox";

/// The format that this version writes and reads.
const FORMAT: u32 = 1;

/// A label of the image that says where its prefix is, so that the recipe can be found.
pub(crate) const PREFIX_LABEL: &str = "dev.mambox.prefix";

/// `recipe.json`: all that decides our layers besides the packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// 1.
    pub(crate) format: u32,
    /// The environment's name, `base` unless there are several.
    pub(crate) name: String,
    /// Names of other environments below it, whose layers count as the base's.
    pub(crate) others: Vec<String>,
    /// Where the environment is.
    pub(crate) prefix: String,
    /// The budget of package layers.
    pub(crate) max_layers: usize,
    /// `gzip:6` and the like.
    pub(crate) compression: String,
    /// The entrypoint's program, where the image has one of ours.
    pub(crate) entry_program: Option<Digest>,
    /// What became of scripts of packages.
    pub(crate) scripts: ScriptRequest,
    /// Whether there are `.pyc` files of noarch python packages that were made at build.
    #[serde(default = "no_pyc", skip_serializing_if = "PycPolicy::is_off")]
    pub(crate) pyc: PycPolicy,
    /// What was left out to save space.
    #[serde(default, skip_serializing_if = "SlimPolicies::is_none")]
    pub(crate) slim: SlimPolicies,
    /// Whether wheels replaced what conda packages have of the same distribution or at the same path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) pip_override: bool,
    /// Wheels that were built from sources for this image, by distribution.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub(crate) built_wheels: std::collections::BTreeMap<String, BuiltWheel>,
    /// The base.
    pub(crate) base: BaseRecord,
    /// The environment's own variables.
    pub(crate) variables: std::collections::BTreeMap<String, String>,
    /// Variables of the image that were asked for besides the environment's.
    pub(crate) env: Vec<(String, String)>,
    /// What was asked for, as match specs; empty where a lock was.
    pub(crate) specs: Vec<String>,
    /// The image's time in seconds since 1970.
    pub(crate) created: i64,
    /// The image's configuration, without layers and history; see [`crate::essence`].
    pub(crate) configuration: serde_json::Map<String, serde_json::Value>,
}

/// A wheel that was built from sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuiltWheel {
    /// Its name, which has the version.
    pub(crate) file_name: String,
    /// Of its bytes.
    pub(crate) sha256: Digest,
}

/// The base of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaseRecord {
    /// The reference, where it is the same for everybody: a registry's.
    pub(crate) name: Option<String>,
    /// The manifest's digest.
    pub(crate) digest: Digest,
    /// The layers, bottom first.
    pub(crate) diff_ids: Vec<DiffId>,
    /// The variables of its configuration, which scripts of packages may have read.
    pub(crate) env: Vec<(String, String)>,
}

fn no_pyc() -> PycPolicy {
    PycPolicy::Off
}

impl Recipe {
    /// A recipe of the present format.
    pub(crate) fn current_format() -> u32 {
        FORMAT
    }

    /// The text for the image.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // A struct of texts and numbers cannot fail to serialize.
        let mut text = mambox_oci::canonical_json(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Reads an image's recipe.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, BuildError> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let damaged = |e: serde_json::Error| BuildError::Recipe { problem: e.to_string() };
        let version: Version = serde_json::from_slice(bytes).map_err(damaged)?;
        if version.format != FORMAT {
            return Err(BuildError::Recipe {
                problem: format!(
                    "it has the format {}, this version reads {FORMAT}; use the mambox that made the image",
                    version.format
                ),
            });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_round_trips_and_foreign_ones_are_named() {
        let recipe = Recipe {
            format: FORMAT,
            name: "base".into(),
            others: vec![],
            prefix: "/opt/conda".into(),
            max_layers: 64,
            compression: "gzip:6".into(),
            entry_program: None,
            scripts: ScriptRequest::default(),
            pyc: PycPolicy::UncheckedHash,
            slim: SlimPolicies::all(),
            pip_override: true,
            built_wheels: [(
                "tool".into(),
                BuiltWheel { file_name: "tool-1-py3-none-any.whl".into(), sha256: Digest::of(b"") },
            )]
            .into(),
            base: BaseRecord { name: None, digest: Digest::of(b""), diff_ids: vec![], env: vec![] },
            variables: [("A".into(), "1".into())].into(),
            env: vec![],
            specs: vec!["python 3.13.*".into()],
            created: 0,
            configuration: Default::default(),
        };
        assert_eq!(Recipe::parse(&recipe.to_json()).unwrap(), recipe);
        assert!(Recipe::parse(b"{\"format\": 9}").unwrap_err().to_string().contains("format 9"));
        assert!(Recipe::parse(b"<html>").is_err());
    }
}
