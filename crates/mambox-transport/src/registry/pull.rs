//! Pulling: manifest and configuration now, layers when somebody reads them.

use std::collections::BTreeSet;
use std::sync::Arc;

use mambox_oci::{Digest, History, Image, ImageConfig, IndexEntry, IndexManifest, Layer, Manifest, Platform};
use mambox_progress::Reporter;
use reqwest::StatusCode;

use super::layer::RegistryBlob;
use super::manifest::{Kind, kind};
use super::repository::Repository;
use super::{BlobCache, Registry, RegistryError, RegistryReference};

/// Real configurations have kilobytes.
const MAX_CONFIG: u64 = 16 << 20;
/// An index may name an index; nobody needs more than that.
const MAX_DEPTH: usize = 3;

impl Registry {
    /// Reads an image for a platform. A tag is looked up anew each time, unless offline; what a digest
    /// names is taken from the cache if it is there. Needs a tokio runtime, also later for its layers.
    pub async fn pull(
        &self,
        reference: &RegistryReference,
        platform: &Platform,
        cache: &BlobCache,
        on: &dyn Reporter,
    ) -> Result<Image, RegistryError> {
        let repository = Arc::new(Repository::pull(self, reference)?);
        let mut bytes = repository.top(cache, on).await?;
        for _ in 0..MAX_DEPTH {
            match kind(&bytes) {
                Some(Kind::Image) => return repository.image(bytes, platform, cache).await,
                Some(Kind::Index) => {
                    let digest = repository.choose(&bytes, platform)?;
                    bytes = repository.manifest_of_digest(digest, cache).await?;
                }
                None => break,
            }
        }
        Err(RegistryError::Corrupt {
            what: reference.to_string(),
            problem: "it is neither an image manifest of schema 2 nor an index of such".into(),
        })
    }
}

impl Repository {
    /// The manifest or index that the reference names.
    async fn top(&self, cache: &BlobCache, on: &dyn Reporter) -> Result<Vec<u8>, RegistryError> {
        if let Some(digest) = self.reference.digest() {
            return self.manifest_of_digest(digest, cache).await;
        }
        let tag = self.reference.tag().unwrap_or("latest");
        if self.registry.settings().offline {
            let offline = || RegistryError::Offline { reference: self.reference.to_string() };
            let digest = cache.recall(&self.reference).ok_or_else(offline)?;
            on.note(format!(
                "offline: {} is taken as {digest}, which it was when last looked up",
                self.reference
            ));
            return self.manifest_of_digest(digest, cache).await;
        }
        // A look does not count against Docker Hub's limit, a download does.
        let bytes = match self.look_up(tag).await? {
            Some(digest) => self.manifest_of_digest(digest, cache).await?,
            None => self.manifest_of_tag(tag).await?,
        };
        let digest = Digest::of(&bytes);
        cache.keep_small(digest, &bytes);
        cache.remember(&self.reference, digest);
        Ok(bytes)
    }

    /// The entry of an index for a platform.
    fn choose(&self, bytes: &[u8], wanted: &Platform) -> Result<Digest, RegistryError> {
        let image = |source| RegistryError::Image { reference: self.reference.clone(), source };
        let index = IndexManifest::parse(bytes).map_err(image)?;
        if let Some(entry) = index.find(wanted) {
            return Ok(entry.digest);
        }
        // The only entry may do without a platform; its configuration is asked later.
        if let [IndexEntry { platform: None, digest, .. }] = index.manifests.as_slice() {
            return Ok(*digest);
        }
        let known = index.manifests.iter().filter_map(|entry| entry.platform.as_ref());
        // Attestations are for no platform.
        Err(self.no_platform(wanted, known.filter(|platform| platform.os != "unknown")))
    }

    fn no_platform<'a>(&self, wanted: &Platform, known: impl Iterator<Item = &'a Platform>) -> RegistryError {
        const SHOWN: usize = 20;
        let sane = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.');
        let known: BTreeSet<String> =
            known.map(|platform| platform.to_string().chars().filter(sane).take(60).collect()).collect();
        let mut available = known.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        if known.len() > SHOWN {
            available += ", …";
        } else if known.is_empty() {
            available += "none";
        }
        RegistryError::NoPlatform { reference: self.reference.clone(), wanted: wanted.clone(), available }
    }

    async fn image(
        self: Arc<Self>,
        manifest_bytes: Vec<u8>,
        wanted: &Platform,
        cache: &BlobCache,
    ) -> Result<Image, RegistryError> {
        let failed = |source| RegistryError::Image { reference: self.reference.clone(), source };
        let manifest = Manifest::parse(&manifest_bytes).map_err(failed)?;
        let config_bytes = self.config(manifest.config.digest, manifest.config.size, cache).await?;
        let mut steps = steps(&config_bytes, manifest.layers.len());
        let runtime = tokio::runtime::Handle::current();
        let layer = |descriptor: &mambox_oci::Descriptor, diff_id| {
            let blob = RegistryBlob::new(self.clone(), descriptor, cache.clone(), runtime.clone());
            Layer::new(descriptor.clone(), diff_id, steps.next().unwrap_or_default(), blob)
        };
        let image = Image::from_stored(manifest_bytes, config_bytes, layer).map_err(failed)?;
        match image.platform().serves(wanted) {
            true => Ok(image),
            false => Err(self.no_platform(wanted, std::iter::once(&image.platform()))),
        }
    }

    async fn config(&self, digest: Digest, size: u64, cache: &BlobCache) -> Result<Vec<u8>, RegistryError> {
        if let Some(bytes) = cache.small(digest, MAX_CONFIG) {
            return Ok(bytes);
        }
        if self.registry.settings().offline {
            return Err(RegistryError::Offline { reference: format!("{}@{digest}", self.reference.place()) });
        }
        let what = format!("the request for the configuration {digest} of {}", self.reference.repository());
        let url = self.blob_url(digest)?;
        let response = self.send(&what, |client| client.get(url.clone())).await?;
        let bytes = match response.status() {
            StatusCode::OK => self.body(&what, response, size.min(MAX_CONFIG)).await?,
            StatusCode::NOT_FOUND => {
                return Err(RegistryError::NoBlob { place: self.reference.place(), digest });
            }
            _ => return Err(self.refused(&what, response).await),
        };
        let actual = Digest::of(&bytes);
        if actual != digest {
            return Err(RegistryError::Corrupt {
                what: format!("the configuration {digest} of {}", self.reference.place()),
                problem: format!("it has the digest {actual}"),
            });
        }
        cache.keep_small(digest, &bytes);
        Ok(bytes)
    }
}

/// The history of each layer; nothing where the configuration does not tell.
fn steps(config: &[u8], layers: usize) -> impl Iterator<Item = History> + use<> {
    let history = ImageConfig::parse(config).map(|config| config.history()).unwrap_or_default();
    let steps: Vec<History> = history.into_iter().filter(|step| !step.empty_layer).collect();
    if steps.len() == layers { steps } else { Vec::new() }.into_iter()
}
