//! One image: layers, configuration, manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    ConfigChange, Descriptor, Digest, ImageConfig, InvalidConfig, Layer, MediaType, Platform, canonical_json,
};

/// An image manifest (image-spec, manifest.md; Docker's schema 2 has the same shape).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// Absent in some old OCI manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
    /// The configuration's blob.
    pub config: Descriptor,
    /// The layers' blobs, bottom first.
    pub layers: Vec<Descriptor>,
    /// Free remarks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Parses a manifest. An index is refused, as is the old schema 1.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(ImageError::Manifest)?;
        if manifest.schema_version != 2 || manifest.media_type.as_ref().is_some_and(|t| !t.is_manifest()) {
            return Err(ImageError::NoImage);
        }
        Ok(manifest)
    }
}

/// Parts that do not make an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The manifest cannot be parsed.
    #[error("the image manifest cannot be read: {0}")]
    Manifest(#[source] serde_json::Error),
    /// The manifest is something else, such as an index.
    #[error("this is no image manifest of schema 2")]
    NoImage,
    /// The configuration cannot be parsed.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// Manifest and configuration disagree.
    #[error("the manifest lists {manifest} layers, the configuration {config}")]
    LayerCount {
        /// Layers in the manifest.
        manifest: usize,
        /// diffIDs in the configuration.
        config: usize,
    },
    /// A blob is not the one that its descriptor names.
    #[error("the configuration has the digest {actual}, but the manifest says {expected}")]
    ConfigDigest {
        /// What the manifest says.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// More layers than engines accept.
    #[error(
        "{0} layers are more than engines accept ({MAX_LAYERS}); use a base with fewer, or a smaller layer budget"
    )]
    TooManyLayers(usize),
}

/// The most layers that an image of ours may have: Docker takes 127, and BuildKit needs a few itself.
pub const MAX_LAYERS: usize = 120;

/// An image. Cheap to clone; a change makes a new value that shares the layers.
#[derive(Debug, Clone)]
pub struct Image(Arc<ImageInner>);

#[derive(Debug)]
struct ImageInner {
    layers: Vec<Layer>,
    config: ImageConfig,
    config_bytes: Vec<u8>,
    manifest: Manifest,
    manifest_bytes: Vec<u8>,
}

impl Image {
    /// An image without layers: `scratch`.
    pub fn scratch(platform: &Platform) -> Self {
        Self::assemble(ImageConfig::empty(platform), Vec::new(), BTreeMap::new())
    }

    /// An image as somebody else stored it: the bytes stay as they are, and so does the digest.
    ///
    /// `layer` is called with each descriptor and diffID, bottom first.
    pub fn from_stored(
        manifest_bytes: Vec<u8>,
        config_bytes: Vec<u8>,
        mut layer: impl FnMut(&Descriptor, crate::DiffId) -> Layer,
    ) -> Result<Self, ImageError> {
        let manifest = Manifest::parse(&manifest_bytes)?;
        let actual = Digest::of(&config_bytes);
        if actual != manifest.config.digest {
            return Err(ImageError::ConfigDigest { expected: manifest.config.digest, actual });
        }
        let config = ImageConfig::parse(&config_bytes)?;
        let diff_ids = config.diff_ids();
        if diff_ids.len() != manifest.layers.len() {
            return Err(ImageError::LayerCount { manifest: manifest.layers.len(), config: diff_ids.len() });
        }
        let layers = manifest.layers.iter().zip(diff_ids).map(|(d, id)| layer(d, id)).collect();
        Ok(Self(Arc::new(ImageInner { layers, config, config_bytes, manifest, manifest_bytes })))
    }

    /// An image of a configuration and layers that may not yet be in it, such as a docker-archive's.
    /// The configuration's diffIDs must be those of `layers`.
    pub fn from_config(config: ImageConfig, layers: Vec<Layer>) -> Result<Self, ImageError> {
        let diff_ids = config.diff_ids();
        if diff_ids.len() != layers.len() {
            return Err(ImageError::LayerCount { manifest: layers.len(), config: diff_ids.len() });
        }
        Ok(Self::assemble(config, layers, BTreeMap::new()))
    }

    fn assemble(config: ImageConfig, layers: Vec<Layer>, annotations: BTreeMap<String, String>) -> Self {
        Self::spelled(config, layers, annotations, MediaType::to_oci)
    }

    /// Puts the parts together, with all media types in one spelling.
    fn spelled(
        config: ImageConfig,
        layers: Vec<Layer>,
        annotations: BTreeMap<String, String>,
        spelling: fn(&MediaType) -> MediaType,
    ) -> Self {
        let config_bytes = config.to_bytes();
        let respelled = |layer: &Layer| {
            let media_type = spelling(&layer.descriptor().media_type);
            if media_type == layer.descriptor().media_type {
                layer.clone()
            } else {
                layer.with_descriptor(|descriptor| descriptor.media_type = media_type)
            }
        };
        let layers: Vec<Layer> = layers.iter().map(respelled).collect();
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(spelling(&MediaType::OciManifest)),
            config: Descriptor::of(spelling(&MediaType::OciConfig), &config_bytes),
            layers: layers.iter().map(|layer| layer.descriptor().clone()).collect(),
            annotations,
        };
        // A struct of strings and numbers cannot fail to serialize.
        let manifest_bytes = canonical_json(&manifest).unwrap_or_default();
        Self(Arc::new(ImageInner { layers, config, config_bytes, manifest, manifest_bytes }))
    }

    /// Puts layers on top.
    pub fn with_layers(&self, more: &[Layer]) -> Result<Self, ImageError> {
        let layers: Vec<Layer> = self.layers().iter().chain(more).cloned().collect();
        if layers.len() > MAX_LAYERS {
            return Err(ImageError::TooManyLayers(layers.len()));
        }
        let described = more.iter().map(|layer| (layer.diff_id(), layer.history().clone()));
        Ok(Self::assemble(self.config().with_appended(described), layers, self.annotations().clone()))
    }

    /// Changes the configuration.
    #[must_use]
    pub fn with_config(&self, change: &ConfigChange) -> Self {
        Self::assemble(self.config().with(change), self.layers().to_vec(), self.annotations().clone())
    }

    /// Replaces the manifest's annotations.
    #[must_use]
    pub fn with_annotations(&self, annotations: BTreeMap<String, String>) -> Self {
        Self::assemble(self.config().clone(), self.layers().to_vec(), annotations)
    }

    /// Replaces layers one by one (another compression, say). The diffIDs must stay the same.
    #[must_use]
    pub fn with_recoded_layers(&self, layers: Vec<Layer>) -> Self {
        debug_assert!(layers.iter().map(Layer::diff_id).eq(self.layers().iter().map(Layer::diff_id)));
        Self::assemble(self.config().clone(), layers, self.annotations().clone())
    }

    /// The same image with Docker's media types (distribution's manifest v2, schema 2).
    ///
    /// podman and buildah keep `Shell` and `Healthcheck` of the configuration only under these. Docker's manifest has no
    /// annotations, so they go.
    #[must_use]
    pub fn with_docker_types(&self) -> Self {
        let layers = self.layers().to_vec();
        Self::spelled(self.config().clone(), layers, BTreeMap::new(), MediaType::to_docker)
    }

    /// The layers, bottom first.
    pub fn layers(&self) -> &[Layer] {
        &self.0.layers
    }

    /// The configuration.
    pub fn config(&self) -> &ImageConfig {
        &self.0.config
    }

    /// The configuration's bytes, which the manifest's descriptor names.
    pub fn config_bytes(&self) -> &[u8] {
        &self.0.config_bytes
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The manifest's bytes, whose digest is the image's.
    pub fn manifest_bytes(&self) -> &[u8] {
        &self.0.manifest_bytes
    }

    /// The manifest's annotations.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        &self.0.manifest.annotations
    }

    /// The manifest's media type, OCI's where it names none.
    pub fn media_type(&self) -> MediaType {
        self.0.manifest.media_type.clone().unwrap_or(MediaType::OciManifest)
    }

    /// The image's digest.
    pub fn digest(&self) -> Digest {
        Digest::of(self.manifest_bytes())
    }

    /// The platform that the image is for.
    pub fn platform(&self) -> Platform {
        self.config().platform()
    }

    /// The number of bytes to transfer for somebody who has nothing.
    pub fn size(&self) -> u64 {
        let layers: u64 = self.layers().iter().map(|layer| layer.descriptor().size).sum();
        layers + self.config_bytes().len() as u64 + self.manifest_bytes().len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compression, History, MemoryBlob};

    fn layer(tar: &[u8]) -> Layer {
        Layer::from_tar(tar, Compression::None, History::default()).unwrap()
    }

    #[test]
    fn a_stored_image_keeps_its_digest_and_a_changed_one_is_oci() {
        let first = Image::scratch(&Platform::linux("amd64")).with_layers(&[layer(b"one")]).unwrap();
        let stored = Image::from_stored(
            [first.manifest_bytes(), b"\n"].concat(),
            first.config_bytes().to_vec(),
            |descriptor, diff_id| {
                Layer::new(
                    descriptor.clone(),
                    diff_id,
                    History::default(),
                    MemoryBlob(b"one".as_slice().into()),
                )
            },
        )
        .unwrap();
        assert_ne!(stored.digest(), first.digest(), "the newline belongs to the stored manifest");
        let both = stored.with_layers(&[layer(b"two")]).unwrap();
        assert_eq!(both.manifest().layers.len(), 2);
        assert_eq!(both.config().history().len(), 2);
        assert_eq!(both.digest(), first.with_layers(&[layer(b"two")]).unwrap().digest());
    }

    #[test]
    fn an_image_can_have_dockers_types() {
        let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[layer(b"one")]).unwrap();
        let docker = image.with_docker_types();
        let types = |image: &Image| {
            let manifest = image.manifest();
            [image.media_type(), manifest.config.media_type.clone(), manifest.layers[0].media_type.clone()]
        };
        assert_eq!(
            types(&docker),
            [MediaType::DockerManifest, MediaType::DockerConfig, MediaType::DockerLayer]
        );
        assert_eq!(docker.config_bytes(), image.config_bytes(), "the image ID stays");
        assert_eq!(types(&docker.with_config(&ConfigChange::default())), types(&image));
    }

    #[test]
    fn parts_that_disagree_are_refused() {
        let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[layer(b"one")]).unwrap();
        let never = |_: &Descriptor, _| unreachable!("no layer is made of parts that disagree");
        let other = Image::scratch(&Platform::linux("arm64"));
        let error = Image::from_stored(image.manifest_bytes().to_vec(), other.config_bytes().to_vec(), never);
        assert!(matches!(error, Err(ImageError::ConfigDigest { .. })));
        assert!(matches!(
            Image::from_config(other.config().clone(), vec![layer(b"x")]),
            Err(ImageError::LayerCount { .. })
        ));
        assert!(matches!(image.with_layers(&vec![layer(b"x"); 120]), Err(ImageError::TooManyLayers(121))));
    }
}
