//! Base, layers and configuration become an image: the pure last step.

use std::collections::BTreeMap;

use mambox_oci::{ConfigChange, Image, Layer};

use crate::compose::{self, Active};
use crate::created::rfc3339;
use crate::recipe::{BaseRecord, PREFIX_LABEL};
use crate::request::ImageOptions;
use crate::{BuildError, account, entry_program};

/// Everything that goes on top of a base.
pub(crate) struct Parts<'a> {
    /// The base as read.
    pub(crate) base: &'a Image,
    /// What is remembered of it.
    pub(crate) base_record: &'a BaseRecord,
    /// All of ours, bottom first.
    pub(crate) layers: &'a [Layer],
    /// The base's shell.
    pub(crate) shell: Option<&'a str>,
    /// Where the environment is.
    pub(crate) prefix: &'a str,
    /// How it becomes active.
    pub(crate) active: &'a Active,
    /// Whether our program goes before the entrypoint.
    pub(crate) entered: bool,
    /// Variables by which that program knows the environments, where there are several.
    pub(crate) choice: &'a [(String, String)],
    /// What the person asked for.
    pub(crate) options: &'a ImageOptions,
    /// The environment's name, for the title.
    pub(crate) name: Option<&'a str>,
    /// In seconds since 1970.
    pub(crate) created: i64,
}

/// Puts the parts together. The only failure is a stack of more layers than engines accept.
pub(crate) fn assemble(parts: &Parts<'_>) -> Result<Image, BuildError> {
    let described = describe(parts);
    let image = parts.base.with_layers(parts.layers)?.with_config(&change(parts, &described));
    let mut annotations = described;
    annotations.extend(parts.options.annotations.clone());
    Ok(image.with_annotations(annotations))
}

fn change(parts: &Parts<'_>, described: &BTreeMap<String, String>) -> ConfigChange {
    let base = parts.base.config();
    let activation = parts.active.activation();
    let path = base.env_var("PATH");
    let mut env = activation.map(|activation| activation.env(path.as_deref())).unwrap_or_default();
    let unset = |name: &str| activation.is_some_and(|activation| activation.unset.contains(name));
    env.extend(compose::default_locale(&base.env()).filter(|(name, _)| !unset(name)));
    env.extend(parts.choice.iter().cloned());
    env.extend(parts.options.env.iter().cloned());
    let mut labels = described.clone();
    labels.insert(PREFIX_LABEL.into(), parts.prefix.into());
    labels.extend(parts.options.labels.clone());
    ConfigChange {
        env,
        env_removed: activation.map(|activation| activation.unset.clone()).unwrap_or_default(),
        entrypoint: entrypoint(parts),
        cmd: parts.options.cmd.clone().or_else(|| kept_cmd(parts)).or_else(|| default_cmd(parts)),
        user: Some(parts.options.user.clone().unwrap_or_else(account::numeric)),
        workdir: parts.options.workdir.clone(),
        shell: None,
        labels,
        created: Some(rfc3339(parts.created)),
    }
}

/// Where scripts must run at each start, our program goes before whatever is the entrypoint.
fn entrypoint(parts: &Parts<'_>) -> Option<Vec<String>> {
    let asked = parts.options.entrypoint.clone();
    if !parts.entered {
        return asked;
    }
    let then = asked.or_else(|| parts.base.config().entrypoint()).unwrap_or_default();
    Some(std::iter::once(entry_program::PATH.to_owned()).chain(then).collect())
}

/// A new entrypoint drops the base's command; one that only goes before the base's own must not.
fn kept_cmd(parts: &Parts<'_>) -> Option<Vec<String>> {
    let only_before = parts.entered && parts.options.entrypoint.is_none();
    parts.base.config().cmd().filter(|_| only_before)
}

/// A root file system says nothing of what to start; as in distributions' own images, that is a shell.
fn default_cmd(parts: &Parts<'_>) -> Option<Vec<String>> {
    let base = parts.base.config();
    let silent = base.entrypoint().is_none() && base.cmd().is_none() && parts.options.entrypoint.is_none();
    parts.shell.filter(|_| silent).map(|shell| vec![shell.to_owned()])
}

/// The image-spec's own keys (annotations.md), as annotations and as labels.
fn describe(parts: &Parts<'_>) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::from([
        ("org.opencontainers.image.created".into(), rfc3339(parts.created)),
        ("org.opencontainers.image.base.digest".into(), parts.base_record.digest.to_string()),
    ]);
    if let Some(name) = &parts.base_record.name {
        keys.insert("org.opencontainers.image.base.name".into(), name.clone());
    }
    if let Some(name) = parts.name {
        keys.insert("org.opencontainers.image.title".into(), name.into());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActivationMode;
    use mambox_activate::Activation;
    use mambox_oci::Platform;

    #[test]
    fn the_configuration_says_all_that_an_engine_needs() {
        let base = Image::scratch(&Platform::linux("amd64"));
        let record = BaseRecord {
            name: Some("docker.io/library/debian:13".into()),
            digest: base.digest(),
            diff_ids: vec![],
            env: vec![],
        };
        let activation = Activation::new("/opt/conda", "base", [], &BTreeMap::new());
        let active = Active { activation, is_active: true, mode: ActivationMode::Captured, document: None };
        let options = ImageOptions {
            env: vec![("LANG".into(), "de_DE".into())],
            cmd: Some(vec!["python".into()]),
            ..ImageOptions::default()
        };
        let parts = Parts {
            base: &base,
            base_record: &record,
            layers: &[],
            shell: Some("/bin/bash"),
            prefix: "/opt/conda",
            active: &active,
            entered: false,
            choice: &[],
            options: &options,
            name: Some("demo"),
            created: 0,
        };
        let config: serde_json::Value =
            serde_json::from_slice(assemble(&parts).unwrap().config_bytes()).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&config).unwrap(), @r#"
        {
          "architecture": "amd64",
          "config": {
            "Cmd": [
              "python"
            ],
            "Env": [
              "PATH=/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
              "CONDA_PREFIX=/opt/conda",
              "CONDA_SHLVL=1",
              "CONDA_DEFAULT_ENV=base",
              "CONDA_PROMPT_MODIFIER=(base) ",
              "LANG=de_DE"
            ],
            "Labels": {
              "dev.mambox.prefix": "/opt/conda",
              "org.opencontainers.image.base.digest": "sha256:99bf7df39b336e6f73ee7cf1f19bb871015e7a38b87a131cc28696540d540535",
              "org.opencontainers.image.base.name": "docker.io/library/debian:13",
              "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
              "org.opencontainers.image.title": "demo"
            },
            "User": "57439:57439"
          },
          "created": "1970-01-01T00:00:00Z",
          "history": [],
          "os": "linux",
          "rootfs": {
            "diff_ids": [],
            "type": "layers"
          }
        }
        "#);
    }
}
