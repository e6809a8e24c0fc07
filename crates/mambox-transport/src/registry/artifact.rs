//! Pushing one file as an artifact (image-spec, manifest.md, "Guidelines for Artifact Usage").

use std::collections::BTreeMap;

use mambox_oci::{Descriptor, DiffId, Digest, FileBlob, History, Layer, MediaType, canonical_json};
use mambox_progress::Reporter;
use serde_json::json;

use super::target::Target;
use super::upload::{Content, Parcel};
use super::{PushSummary, Registry, RegistryError, RegistryReference, Tally};

/// A file to push.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    pub(crate) file: FileBlob,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    /// The name that `oras pull` gives the file.
    pub(crate) title: String,
    pub(crate) config_type: &'static str,
    pub(crate) file_type: &'static str,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// The configuration of what has none.
const CONFIG: &[u8] = b"{}";

impl Artifact {
    fn file_descriptor(&self) -> Descriptor {
        let mut descriptor = Descriptor::new(MediaType::Other(self.file_type.into()), self.digest, self.size);
        descriptor.annotations.insert("org.opencontainers.image.title".into(), self.title.clone());
        descriptor
    }

    fn manifest(&self) -> Vec<u8> {
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MediaType::OciManifest,
            "config": Descriptor::of(MediaType::Other(self.config_type.into()), CONFIG),
            "layers": [self.file_descriptor()],
        });
        if !self.annotations.is_empty() {
            manifest["annotations"] = json!(self.annotations);
        }
        canonical_json(&manifest).unwrap_or_default()
    }

    fn parcels(&self) -> [Parcel; 2] {
        // Verified on its way like any layer.
        let layer =
            Layer::new(self.file_descriptor(), DiffId(self.digest), History::default(), self.file.clone());
        let config = Digest::of(CONFIG);
        [
            Parcel {
                digest: self.digest,
                size: self.size,
                name: self.title.clone(),
                content: Content::Layer(layer),
            },
            Parcel {
                digest: config,
                size: CONFIG.len() as u64,
                name: format!("config {}", config.short()),
                content: Content::Bytes(CONFIG.into()),
            },
        ]
    }
}

impl Registry {
    /// Pushes a file under the reference's tag, or under its digest where there is none.
    pub(crate) async fn push_artifact(
        &self,
        artifact: &Artifact,
        reference: &RegistryReference,
        on: &dyn Reporter,
    ) -> Result<PushSummary, RegistryError> {
        if self.settings().offline {
            return Err(RegistryError::OfflinePush(reference.clone()));
        }
        let manifest = artifact.manifest();
        let digest = Digest::of(&manifest);
        let target = Target::new(self, reference, &[])?;
        let mut summary = PushSummary {
            digest,
            uploaded: Tally::default(),
            mounted: Tally::default(),
            existing: Tally::default(),
        };
        target.place_all(&artifact.parcels(), on, &mut summary).await?;
        let name = reference.tag().map_or_else(|| digest.to_string(), str::to_owned);
        target.repository().put_manifest(&name, &MediaType::OciManifest, &manifest).await?;
        Ok(summary)
    }
}
