//! Pushing: blobs that are missing, then manifests, then the index, and tags last, so that no tag ever
//! names something incomplete.

use std::collections::{BTreeMap, BTreeSet};

use mambox_oci::{Digest, Image};
use mambox_progress::Reporter;

use super::repository::Repository;
use super::target::Target;
use super::upload::{Content, Parcel};
use super::{Registry, RegistryError, RegistryReference};
use crate::Contents;

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSummary {
    /// The digest of the manifest or index.
    pub digest: Digest,
    /// Blobs that were sent.
    pub uploaded: Tally,
    /// Blobs that the registry took from another repository.
    pub mounted: Tally,
    /// Blobs that were there already.
    pub existing: Tally,
}

/// Blobs and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub blobs: usize,
    /// Their sizes' sum.
    pub bytes: u64,
}

impl Registry {
    /// Pushes to the reference's repository, under its tag and `tags`. A reference with a digest must state
    /// the very digest of `contents`.
    pub async fn push(
        &self,
        contents: &Contents,
        reference: &RegistryReference,
        tags: &[String],
        on: &dyn Reporter,
    ) -> Result<PushSummary, RegistryError> {
        let sources = sources(&layers(contents.images()), reference);
        Target::new(self, reference, &sources)?.push(contents, reference, tags, on).await
    }
}

impl Target {
    /// Brings what is missing into the repository and names it; `reference` is one of this repository.
    pub(crate) async fn push(
        &self,
        contents: &Contents,
        reference: &RegistryReference,
        tags: &[String],
        on: &dyn Reporter,
    ) -> Result<PushSummary, RegistryError> {
        let names = names(contents, reference, tags)?;
        if self.registry().settings().offline {
            return Err(RegistryError::OfflinePush(reference.clone()));
        }
        let mut summary = PushSummary {
            digest: contents.digest(),
            uploaded: Tally::default(),
            mounted: Tally::default(),
            existing: Tally::default(),
        };
        for parcels in [layers(contents.images()), configs(contents.images())] {
            self.place_all(&parcels, on, &mut summary).await?;
        }
        self.repository().put_manifests(contents, &names).await?;
        Ok(summary)
    }
}

impl Repository {
    async fn put_manifests(&self, contents: &Contents, names: &[String]) -> Result<(), RegistryError> {
        let (media_type, bytes) = match contents {
            Contents::Image(image) => (image.media_type(), image.manifest_bytes()),
            Contents::Index(index) => {
                for image in index.images() {
                    let name = image.digest().to_string();
                    self.put_manifest(&name, &image.media_type(), image.manifest_bytes()).await?;
                }
                (index.descriptor().media_type, index.bytes())
            }
        };
        for name in names {
            self.put_manifest(name, &media_type, bytes).await?;
        }
        Ok(())
    }
}

/// The names to store the whole under: tags, or its digest where there is no tag.
fn names(
    contents: &Contents,
    reference: &RegistryReference,
    tags: &[String],
) -> Result<Vec<String>, RegistryError> {
    let digest = contents.digest();
    if let Some(stated) = reference.digest().filter(|stated| *stated != digest) {
        return Err(RegistryError::Corrupt {
            what: reference.to_string(),
            problem: format!("the image to push has the digest {digest}, not {stated}; leave the digest out"),
        });
    }
    for tag in tags {
        reference.with_tag(tag)?;
    }
    let mut names: Vec<String> = Vec::new();
    for tag in reference.tag().map(str::to_owned).into_iter().chain(tags.iter().cloned()) {
        if !names.contains(&tag) {
            names.push(tag);
        }
    }
    if names.is_empty() {
        names.push(digest.to_string());
    }
    Ok(names)
}

/// Every layer once, in order.
fn layers(images: &[Image]) -> Vec<Parcel> {
    let mut seen = BTreeSet::new();
    let layers = images.iter().flat_map(Image::layers).filter(|layer| seen.insert(layer.descriptor().digest));
    layers.map(Parcel::layer).collect()
}

/// Every configuration once.
fn configs(images: &[Image]) -> Vec<Parcel> {
    let parcel = |image: &Image| {
        let config = &image.manifest().config;
        Parcel {
            digest: config.digest,
            size: config.size,
            name: format!("config {}", config.digest.short()),
            content: Content::Bytes(image.config_bytes().into()),
        }
    };
    let unique: BTreeMap<Digest, Parcel> =
        images.iter().map(parcel).map(|parcel| (parcel.digest, parcel)).collect();
    unique.into_values().collect()
}

/// Other repositories of the same registry that layers can be mounted from.
fn sources(layers: &[Parcel], reference: &RegistryReference) -> Vec<String> {
    let sources = layers.iter().filter_map(|parcel| parcel.content.source(reference.registry()));
    let names: BTreeSet<String> = sources.map(|source| source.repository).collect();
    names.into_iter().filter(|name| name != reference.repository()).collect()
}
