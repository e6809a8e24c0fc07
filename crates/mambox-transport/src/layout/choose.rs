//! Which of a layout's entries is meant.

use mambox_oci::{IndexEntry, IndexManifest, Platform};

use crate::{RegistryReference, TransportError};
use std::path::Path;

/// The tag of an entry, as skopeo and podman read it.
pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The full name, as containerd and BuildKit read it.
pub(crate) const IMAGE_NAME: &str = "io.containerd.image.name";

/// The entry that a tag, or the lack of one, means.
///
/// A flat index of several platforms has one nameless entry for each: then the platform decides.
pub(crate) fn choose<'a>(
    path: &Path,
    index: &'a IndexManifest,
    tag: Option<&str>,
    platform: &Platform,
) -> Result<&'a IndexEntry, TransportError> {
    let images: Vec<&IndexEntry> =
        index.manifests.iter().filter(|entry| is_image(entry) && !is_attestation(entry)).collect();
    let named: Vec<&IndexEntry> =
        images.iter().copied().filter(|e| tag.is_none_or(|tag| has_name(e, tag))).collect();
    let problem =
        |problem: String| TransportError::Choose { path: path.into(), problem, known: names(&images) };
    match (named.as_slice(), tag) {
        ([], Some(tag)) => Err(problem(format!("has no image named '{tag}'"))),
        ([], None) => Err(problem("holds no image".into())),
        ([first, rest @ ..], _) if rest.iter().all(|entry| entry.digest == first.digest) => Ok(first),
        (several, _) => {
            let flat = several.iter().all(|entry| entry.platform.is_some() && entry.media_type.is_manifest());
            let one_name = several.iter().all(|entry| name(entry) == name(several[0]));
            if !(flat && one_name) {
                return Err(problem("holds several images; add the name of one after a colon".into()));
            }
            let serving = several.iter().find(|e| e.platform.as_ref().is_some_and(|p| p.serves(platform)));
            serving.copied().ok_or_else(|| no_platform(path, platform, several.iter().copied()))
        }
    }
}

/// An error that lists the platforms there are.
pub(crate) fn no_platform<'a>(
    path: &Path,
    wanted: &Platform,
    entries: impl IntoIterator<Item = &'a IndexEntry>,
) -> TransportError {
    let known = entries.into_iter().filter(|e| !is_attestation(e)).filter_map(|e| e.platform.as_ref());
    TransportError::NoPlatform {
        reference: path.display().to_string(),
        wanted: wanted.clone(),
        known: known.map(ToString::to_string).collect(),
    }
}

fn is_image(entry: &IndexEntry) -> bool {
    entry.media_type.is_index() || entry.media_type.is_manifest()
}

/// BuildKit's provenance travels as an image for the platform `unknown/unknown`.
fn is_attestation(entry: &IndexEntry) -> bool {
    entry.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
}

fn name(entry: &IndexEntry) -> Option<&String> {
    entry.annotations.get(IMAGE_NAME).or_else(|| entry.annotations.get(REF_NAME))
}

fn names(entries: &[&IndexEntry]) -> Vec<String> {
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| name(entry).cloned().unwrap_or_else(|| "an unnamed image".into()))
        .collect();
    names.dedup();
    names
}

fn has_name(entry: &IndexEntry, tag: &str) -> bool {
    let full = |text: &str| text.parse::<RegistryReference>().ok();
    [REF_NAME, IMAGE_NAME].iter().filter_map(|key| entry.annotations.get(*key)).any(|name| {
        name == tag || (tag.contains([':', '/']) && full(name).is_some() && full(name) == full(tag))
    })
}
