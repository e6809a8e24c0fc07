//! Several images under one name (image-spec, image-index.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Descriptor, Digest, Image, ImageError, MediaType, Platform, canonical_json};

/// An index as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexManifest {
    /// Always 2.
    pub schema_version: u32,
    /// Absent in some layouts' `index.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
    /// Manifests or further indexes.
    pub manifests: Vec<IndexEntry>,
    /// Free remarks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// One manifest of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexEntry {
    /// What the manifest is.
    pub media_type: MediaType,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The platform it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Free remarks; in a layout's `index.json`, the reference's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl IndexManifest {
    /// Parses an index.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        serde_json::from_slice(bytes).map_err(ImageError::Manifest)
    }

    /// The entry that serves a platform; attestations and other extras have none and are passed over.
    pub fn find(&self, wanted: &Platform) -> Option<&IndexEntry> {
        self.manifests.iter().find(|entry| entry.platform.as_ref().is_some_and(|p| p.serves(wanted)))
    }
}

/// One image, or one for each of several platforms.
#[derive(Debug, Clone)]
pub struct Index {
    media_type: MediaType,
    images: Vec<Image>,
    annotations: BTreeMap<String, String>,
    bytes: Vec<u8>,
}

impl Index {
    /// Makes an index; the images are ordered by platform, so that the order of a request does not matter.
    ///
    /// It is Docker's manifest list where all images have Docker's media types.
    pub fn new(mut images: Vec<Image>, annotations: BTreeMap<String, String>) -> Self {
        images.sort_by_key(Image::platform);
        let entry = |image: &Image| IndexEntry {
            media_type: image.media_type(),
            digest: image.digest(),
            size: image.manifest_bytes().len() as u64,
            platform: Some(image.platform()),
            annotations: BTreeMap::new(),
        };
        let docker = !images.is_empty() && images.iter().all(|i| i.media_type() == MediaType::DockerManifest);
        let media_type = if docker { MediaType::DockerIndex } else { MediaType::OciIndex };
        let manifest = IndexManifest {
            schema_version: 2,
            media_type: Some(media_type.clone()),
            manifests: images.iter().map(entry).collect(),
            annotations: annotations.clone(),
        };
        // A struct of strings and numbers cannot fail to serialize.
        let bytes = canonical_json(&manifest).unwrap_or_default();
        Self { media_type, images, annotations, bytes }
    }

    /// The images, ordered by platform.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The index's own annotations.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        &self.annotations
    }

    /// The index's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The index's digest.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// What points at the index.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor::of(self.media_type.clone(), &self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_request_does_not_matter() {
        let image = |arch| Image::scratch(&Platform::linux(arch));
        let a = Index::new(vec![image("arm64"), image("amd64")], BTreeMap::new());
        let b = Index::new(vec![image("amd64"), image("arm64")], BTreeMap::new());
        assert_eq!(a.digest(), b.digest());
        let parsed = IndexManifest::parse(a.bytes()).unwrap();
        let found = parsed.find(&"linux/arm64/v8".parse().unwrap()).unwrap();
        assert_eq!(found.digest, image("arm64").digest());
        assert!(parsed.find(&Platform::linux("s390x")).is_none());
        let docker = Index::new(vec![image("amd64").with_docker_types()], BTreeMap::new());
        assert_eq!(docker.descriptor().media_type, MediaType::DockerIndex);
    }
}
