//! The image configuration (image-spec, config.md).
//!
//! A base image's configuration may hold fields that only Docker knows (`Shell`, `Healthcheck`, `OnBuild`,
//! …) and fields of the future. All are kept: the value is the parsed JSON object, read and changed by
//! typed functions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{DiffId, Platform, canonical_json};

/// How a layer came to be (config.md, `history`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The command or program that made the layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// A remark: for ours, the packages inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the step made no layer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

/// JSON that is no image configuration.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    /// Not JSON at all.
    #[error("the image configuration is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON of another shape.
    #[error("the image configuration's field '{field}' {problem}")]
    Field {
        /// Dotted path of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// An image configuration that has at least a platform and diffIDs.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageConfig(Map<String, Value>);

/// What to change in a configuration; empty fields change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigChange {
    /// Variables to set: one that exists keeps its place, a new one goes to the end.
    pub env: Vec<(String, String)>,
    /// Variables to take away.
    pub env_removed: BTreeSet<String>,
    /// The new entrypoint. As in a Dockerfile, it drops the base's command.
    pub entrypoint: Option<Vec<String>>,
    /// The new command.
    pub cmd: Option<Vec<String>>,
    /// `name`, `uid` or `uid:gid`.
    pub user: Option<String>,
    /// An absolute path.
    pub workdir: Option<String>,
    /// What `RUN`, `CMD` and `ENTRYPOINT` of a derived Dockerfile run texts with. Only Docker's format has the field.
    pub shell: Option<Vec<String>>,
    /// Labels to set.
    pub labels: BTreeMap<String, String>,
    /// RFC 3339; of the whole image.
    pub created: Option<String>,
}

impl ImageConfig {
    /// The configuration of an image without layers.
    pub fn empty(platform: &Platform) -> Self {
        let mut map = Map::new();
        map.insert("architecture".into(), platform.architecture.clone().into());
        map.insert("os".into(), platform.os.clone().into());
        if let Some(variant) = &platform.variant {
            map.insert("variant".into(), variant.clone().into());
        }
        map.insert("config".into(), json!({}));
        map.insert("rootfs".into(), json!({"type": "layers", "diff_ids": []}));
        map.insert("history".into(), json!([]));
        Self(map)
    }

    /// Parses a configuration and checks the fields that every image must have.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidConfig> {
        let map: Map<String, Value> = serde_json::from_slice(bytes)?;
        let config = Self(map);
        let field = |field, problem| Err(InvalidConfig::Field { field, problem });
        for (name, value) in [("architecture", config.text("architecture")), ("os", config.text("os"))] {
            if value.is_empty() {
                return field(name, "is missing");
            }
        }
        let ids = config.0.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids"));
        if serde_json::from_value::<Vec<DiffId>>(ids.cloned().unwrap_or_default()).is_err() {
            return field("rootfs.diff_ids", "is not a list of sha256 digests");
        }
        for key in ["config", "history"] {
            let value = config.0.get(key).unwrap_or(&Value::Null);
            if !(value.is_null() || if key == "config" { value.is_object() } else { value.is_array() }) {
                return field(key, "has the wrong type");
            }
        }
        Ok(config)
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A map of JSON values has string keys and cannot fail to serialize.
        canonical_json(&self.0).unwrap_or_default()
    }

    fn text(&self, key: &str) -> String {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default().into()
    }

    fn inner(&self, key: &str) -> &Value {
        self.0.get("config").and_then(|config| config.get(key)).unwrap_or(&Value::Null)
    }

    fn inner_text(&self, key: &str) -> Option<String> {
        self.inner(key).as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn inner_list(&self, key: &str) -> Option<Vec<String>> {
        serde_json::from_value(self.inner(key).clone()).ok().flatten()
    }

    /// The platform that the image is for.
    pub fn platform(&self) -> Platform {
        let variant = Some(self.text("variant")).filter(|v| !v.is_empty());
        Platform { architecture: self.text("architecture"), os: self.text("os"), variant }
    }

    /// When the image was made, RFC 3339.
    pub fn created(&self) -> Option<String> {
        Some(self.text("created")).filter(|v| !v.is_empty())
    }

    /// The variables, in order; an entry without `=` has an empty value.
    pub fn env(&self) -> Vec<(String, String)> {
        let split = |entry: String| match entry.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (entry, String::new()),
        };
        self.inner_list("Env").unwrap_or_default().into_iter().map(split).collect()
    }

    /// The value of one variable.
    pub fn env_var(&self, name: &str) -> Option<String> {
        self.env().into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The entrypoint, if any.
    pub fn entrypoint(&self) -> Option<Vec<String>> {
        self.inner_list("Entrypoint")
    }

    /// The command, if any.
    pub fn cmd(&self) -> Option<Vec<String>> {
        self.inner_list("Cmd")
    }

    /// The user, if not root by default.
    pub fn user(&self) -> Option<String> {
        self.inner_text("User")
    }

    /// The working directory, if set.
    pub fn workdir(&self) -> Option<String> {
        self.inner_text("WorkingDir")
    }

    /// The labels.
    pub fn labels(&self) -> BTreeMap<String, String> {
        serde_json::from_value(self.inner("Labels").clone()).unwrap_or_default()
    }

    /// The diffIDs of the layers, bottom first.
    pub fn diff_ids(&self) -> Vec<DiffId> {
        let ids = self.0.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids"));
        ids.and_then(|ids| serde_json::from_value(ids.clone()).ok()).unwrap_or_default()
    }

    /// The history, bottom first, steps without a layer included.
    pub fn history(&self) -> Vec<History> {
        self.0
            .get("history")
            .and_then(|history| serde_json::from_value(history.clone()).ok())
            .unwrap_or_default()
    }

    /// Applies a change.
    #[must_use]
    pub fn with(&self, change: &ConfigChange) -> Self {
        let mut map = self.0.clone();
        if let Some(created) = &change.created {
            map.insert("created".into(), created.clone().into());
        }
        let mut inner = match map.remove("config") {
            Some(Value::Object(inner)) => inner,
            _ => Map::new(),
        };
        if !change.env.is_empty() || !change.env_removed.is_empty() {
            let kept = self.env().into_iter().filter(|(name, _)| !change.env_removed.contains(name));
            inner.insert("Env".into(), merged_env(kept.collect(), &change.env).into());
        }
        if let Some(entrypoint) = &change.entrypoint {
            inner.insert("Entrypoint".into(), entrypoint.clone().into());
            inner.remove("Cmd");
        }
        for (key, value) in [("Cmd", &change.cmd), ("Shell", &change.shell)] {
            if let Some(value) = value {
                inner.insert(key.into(), value.clone().into());
            }
        }
        for (key, value) in [("User", &change.user), ("WorkingDir", &change.workdir)] {
            if let Some(value) = value {
                inner.insert(key.into(), value.clone().into());
            }
        }
        if !change.labels.is_empty() {
            let mut labels = self.labels();
            labels.extend(change.labels.clone());
            inner.insert("Labels".into(), json!(labels));
        }
        map.insert("config".into(), inner.into());
        Self(map)
    }

    /// Appends layers: their diffIDs, and a history entry for each.
    ///
    /// A base with too few history entries gets nameless ones, since readers pair them with layers by count.
    #[must_use]
    pub fn with_appended(&self, layers: impl IntoIterator<Item = (DiffId, History)>) -> Self {
        let mut diff_ids = self.diff_ids();
        let mut history = self.history();
        let described = history.iter().filter(|step| !step.empty_layer).count();
        for _ in described..diff_ids.len() {
            history.push(History { created_by: Some("unknown".into()), ..History::default() });
        }
        for (diff_id, step) in layers {
            diff_ids.push(diff_id);
            history.push(step);
        }
        let mut map = self.0.clone();
        map.insert("rootfs".into(), json!({"type": "layers", "diff_ids": diff_ids}));
        map.insert("history".into(), json!(history));
        Self(map)
    }
}

fn merged_env(mut env: Vec<(String, String)>, change: &[(String, String)]) -> Vec<String> {
    for (name, value) in change {
        match env.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => old.clone_from(value),
            None => env.push((name.clone(), value.clone())),
        }
    }
    env.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Digest;

    const BASE: &str = r#"{"architecture":"amd64","os":"linux","docker_version":"20.10",
        "config":{"Env":["PATH=/bin","A=1"],"Cmd":["sh"],"Shell":["/bin/bash","-c"]},
        "rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000001"]}}"#;

    #[test]
    fn a_change_touches_only_what_it_names() {
        let base = ImageConfig::parse(BASE.as_bytes()).unwrap();
        let change = ConfigChange {
            env: vec![("B".into(), "2".into()), ("PATH".into(), "/opt/conda/bin:/bin".into())],
            entrypoint: Some(vec!["python".into()]),
            user: Some("57439:0".into()),
            env_removed: BTreeSet::from(["A".into()]),
            ..ConfigChange::default()
        };
        let text = String::from_utf8(base.with(&change).to_bytes()).unwrap();
        insta::assert_snapshot!(text, @r#"{"architecture":"amd64","config":{"Entrypoint":["python"],"Env":["PATH=/opt/conda/bin:/bin","B=2"],"Shell":["/bin/bash","-c"],"User":"57439:0"},"docker_version":"20.10","os":"linux","rootfs":{"diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000001"],"type":"layers"}}"#);
    }

    #[test]
    fn appended_layers_are_paired_with_history() {
        let base = ImageConfig::parse(BASE.as_bytes()).unwrap();
        let step = History { created_by: Some("mambox".into()), ..History::default() };
        let config = base.with_appended([(DiffId(Digest::of(b"x")), step.clone())]);
        assert_eq!(config.diff_ids().len(), 2);
        assert_eq!(config.history().len(), 2);
        assert_eq!(config.history()[1], step);
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for (bad, why) in [
            ("<html>", "no JSON"),
            ("{}", "'architecture' is missing"),
            (r#"{"architecture":"amd64","os":"linux"}"#, "rootfs.diff_ids"),
            (r#"{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":["x"]}}"#, "rootfs.diff_ids"),
            (r#"{"architecture":"amd64","os":"linux","config":[],"rootfs":{"diff_ids":[]}}"#, "'config'"),
        ] {
            let error = ImageConfig::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
