//! The blobs of an image or index, and the index that names it.

use std::collections::BTreeMap;

use mambox_oci::{Digest, IndexEntry, IndexManifest, Layer, MediaType};

use super::{IMAGE_NAME, REF_NAME};
use crate::{Contents, InvalidReference, RegistryReference, TransportError};

/// A blob to write.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// A manifest, an index, a configuration.
    Bytes(Vec<u8>),
    /// A layer.
    Layer(Layer),
}

impl Piece {
    /// The number of bytes.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Layer(layer) => layer.descriptor().size,
        }
    }
}

/// All blobs, each once.
pub(crate) fn pieces(contents: &Contents) -> BTreeMap<Digest, Piece> {
    let mut pieces = BTreeMap::new();
    for image in contents.images() {
        pieces.insert(image.digest(), Piece::Bytes(image.manifest_bytes().to_vec()));
        pieces.insert(image.manifest().config.digest, Piece::Bytes(image.config_bytes().to_vec()));
        for layer in image.layers() {
            pieces.insert(layer.descriptor().digest, Piece::Layer(layer.clone()));
        }
    }
    if let Contents::Index(index) = contents {
        pieces.insert(index.digest(), Piece::Bytes(index.bytes().to_vec()));
    }
    pieces
}

/// The annotations of a layout's entries, one set for each name.
///
/// As BuildKit does it: the full name for containerd, Docker and podman; the bare tag for skopeo and umoci,
/// unless two names share it. The first name goes along with a layout's own tag: Apptainer reads no layout
/// with more than one entry.
pub(crate) fn annotations(
    tag: Option<&str>,
    names: &[String],
) -> Result<Vec<BTreeMap<String, String>>, TransportError> {
    let mut sets: Vec<BTreeMap<String, String>> = Vec::new();
    let mut add = |short: &str, long: &str, full: Option<&RegistryReference>| {
        let taken = sets.iter().any(|set| set.get(REF_NAME).is_some_and(|name| name == short));
        let ref_name = if taken { long } else { short };
        let mut set = BTreeMap::from([(REF_NAME.to_owned(), ref_name.to_owned())]);
        set.extend(full.map(|full| (IMAGE_NAME.to_owned(), full.to_string())));
        if !sets.contains(&set) {
            sets.push(set);
        }
    };
    let names = full_names(names)?;
    let mut names = names.iter();
    if let Some(tag) = tag {
        let own = tag.contains([':', '/']).then(|| tag.parse().ok()).flatten();
        add(tag, tag, own.as_ref().or_else(|| names.next()));
    }
    for full in names {
        let text = full.to_string();
        add(full.tag().unwrap_or(&text), &text, Some(full));
    }
    if sets.is_empty() {
        sets.push(BTreeMap::new());
    }
    Ok(sets)
}

/// The names as registries have them.
pub(crate) fn full_names(names: &[String]) -> Result<Vec<RegistryReference>, TransportError> {
    let parse = |name: &String| match name.parse::<RegistryReference>() {
        Ok(full) => Ok(full),
        Err(error) => Err(InvalidReference::new(name, error.to_string(), None).into()),
    };
    names.iter().map(parse).collect()
}

/// A layout's `index.json`: the old entries but those whose names are taken over, then the new.
///
/// Several platforms stay nested, as an index in the index: podman, skopeo and Apptainer fail on a flat
/// one, which for them is several images without names.
pub(crate) fn index_json(
    contents: &Contents,
    names: &[BTreeMap<String, String>],
    old: Option<&IndexManifest>,
) -> IndexManifest {
    let descriptor = contents.descriptor();
    let ref_name = |annotations: &BTreeMap<String, String>| annotations.get(REF_NAME).cloned();
    let replaced = |entry: &&IndexEntry| {
        let name = ref_name(&entry.annotations);
        let same = entry.digest == descriptor.digest && name.is_none();
        !same && (name.is_none() || !names.iter().any(|new| ref_name(new) == name))
    };
    let mut manifests: Vec<IndexEntry> =
        old.iter().flat_map(|old| &old.manifests).filter(replaced).cloned().collect();
    manifests.extend(names.iter().map(|annotations| IndexEntry {
        media_type: descriptor.media_type.clone(),
        digest: descriptor.digest,
        size: descriptor.size,
        platform: None,
        annotations: annotations.clone(),
    }));
    IndexManifest {
        schema_version: 2,
        media_type: Some(MediaType::OciIndex),
        manifests,
        annotations: old.map(|old| old.annotations.clone()).unwrap_or_default(),
    }
}
