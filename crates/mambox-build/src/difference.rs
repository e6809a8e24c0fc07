//! What differs between two images: packages, configuration, and the bytes to pull.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use mambox_oci::{Image, ImageConfig};

use crate::report::{Difference, InspectedPackage};

/// Compares two images and their packages.
pub(crate) fn difference(
    (old, old_packages): (&Image, &[InspectedPackage]),
    (new, new_packages): (&Image, &[InspectedPackage]),
) -> Difference {
    let before = by_name(old_packages);
    let after = by_name(new_packages);
    let only = |these: &ByName<'_>, those: &ByName<'_>| {
        these.iter().filter(|(name, _)| !those.contains_key(*name)).map(|(_, p)| (*p).clone()).collect()
    };
    let changed = before.iter().filter_map(|(name, old)| {
        let new = after.get(name)?;
        ((&old.version, &old.build) != (&new.version, &new.build)).then(|| ((*old).clone(), (*new).clone()))
    });
    let had: HashSet<_> = old.layers().iter().map(|layer| layer.descriptor().digest).collect();
    let (shared, pulled): (Vec<_>, Vec<_>) =
        new.layers().iter().partition(|layer| had.contains(&layer.descriptor().digest));
    let bytes = |layers: &[&mambox_oci::Layer]| layers.iter().map(|layer| layer.descriptor().size).sum();
    Difference {
        old: old.digest(),
        new: new.digest(),
        added: only(&after, &before),
        removed: only(&before, &after),
        changed: changed.collect(),
        configuration: configuration(old.config(), new.config()),
        layers_shared: shared.len(),
        bytes_shared: bytes(&shared),
        layers_to_pull: pulled.len(),
        bytes_to_pull: bytes(&pulled),
    }
}

/// Packages by environment and name.
type ByName<'a> = BTreeMap<(&'a str, &'a str), &'a InspectedPackage>;

fn by_name(packages: &[InspectedPackage]) -> ByName<'_> {
    packages.iter().map(|package| ((&*package.environment, &*package.name), package)).collect()
}

/// A line for each setting that differs, as "name: old → new".
pub(crate) fn configuration(old: &ImageConfig, new: &ImageConfig) -> Vec<String> {
    let (before, after) = (settings(old), settings(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let show = |value: Option<&String>| value.map_or("(none)".to_owned(), String::clone);
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| format!("{name}: {} → {}", show(before.get(name)), show(after.get(name))))
        .collect()
}

fn settings(config: &ImageConfig) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::from([("platform".into(), config.platform().to_string())]);
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            settings.insert(name.into(), value);
        }
    };
    let list = |words: Option<Vec<String>>| words.map(|words| format!("{words:?}"));
    set("entrypoint", list(config.entrypoint()));
    set("cmd", list(config.cmd()));
    set("user", config.user());
    set("workdir", config.workdir());
    set("created", config.created());
    for (name, value) in config.env() {
        set(&format!("env {name}"), Some(value));
    }
    for (name, value) in config.labels() {
        set(&format!("label {name}"), Some(value));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::{Compression, ConfigChange, History, Layer, Platform};

    fn package(name: &str, version: &str) -> InspectedPackage {
        InspectedPackage {
            environment: "base".into(),
            name: name.into(),
            version: version.into(),
            build: "0".into(),
            channel: None,
            size: None,
        }
    }

    #[test]
    fn packages_settings_and_bytes_are_compared() {
        let layer = |tar: &[u8]| Layer::from_tar(tar, Compression::None, History::default()).unwrap();
        let scratch = Image::scratch(&Platform::linux("amd64"));
        let old = scratch.with_layers(&[layer(b"shared"), layer(b"old")]).unwrap();
        let change = ConfigChange { user: Some("1000".into()), ..ConfigChange::default() };
        let new = scratch.with_layers(&[layer(b"shared"), layer(b"newer")]).unwrap().with_config(&change);
        let difference = difference(
            (&old, &[package("a", "1"), package("b", "1"), package("c", "1")]),
            (&new, &[package("a", "1"), package("b", "2"), package("d", "1")]),
        );
        assert_eq!(difference.added, [package("d", "1")]);
        assert_eq!(difference.removed, [package("c", "1")]);
        assert_eq!(difference.changed, [(package("b", "1"), package("b", "2"))]);
        assert_eq!(difference.configuration, ["user: (none) → 1000"]);
        assert_eq!((difference.layers_shared, difference.bytes_shared), (1, 6));
        assert_eq!((difference.layers_to_pull, difference.bytes_to_pull), (1, 5));
    }
}
