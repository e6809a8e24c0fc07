//! What reading and writing in general call of this module.

use futures::{StreamExt, TryStreamExt, stream};
use mambox_oci::{Digest, Image, Layer, Platform};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use super::target::Target;
use super::{
    Artifact, BlobCache, PushSummary, Registry, RegistryError, RegistryReference, RegistrySettings, Tally,
};
use crate::{Contents, Transport, TransportError};

/// Pulls an image.
pub(crate) async fn read(
    name: &RegistryReference,
    platform: &Platform,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Image, TransportError> {
    let cache = match &transport.cache_dir {
        Some(folder) => BlobCache::new(folder),
        None => BlobCache::temporary().map_err(TransportError::io("write", "a temporary folder"))?,
    };
    Ok(Registry::new(settings(transport)).pull(name, platform, &cache, on).await?)
}

/// Pushes to a registry, and says what had to be sent. Of `names`, those of the same repository become
/// further tags; others belong to other outputs.
pub(crate) async fn write(
    contents: &Contents,
    name: &RegistryReference,
    names: &[String],
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    let summary =
        Registry::new(settings(transport)).push(contents, name, &further_tags(name, names), on).await?;
    on.note(told(name, &summary));
    Ok(summary.digest)
}

/// The same with a repository that may hold some of it.
pub(crate) async fn write_to(
    target: &Target,
    contents: &Contents,
    name: &RegistryReference,
    names: &[String],
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    let summary = target.push(contents, name, &further_tags(name, names), on).await?;
    on.note(told(name, &summary));
    Ok(summary.digest)
}

fn further_tags(name: &RegistryReference, names: &[String]) -> Vec<String> {
    let names = names.iter().filter_map(|other| other.parse::<RegistryReference>().ok());
    let of_same = names.filter(|other| other.mount_source() == name.mount_source());
    of_same.filter_map(|other| other.tag().map(str::to_owned)).collect()
}

/// The tags of a repository; none where there is no such repository yet.
pub async fn tags(name: &RegistryReference, transport: &Transport) -> Result<Vec<String>, TransportError> {
    Ok(Registry::new(settings(transport)).tags(name).await?)
}

/// Pushes a file as an artifact, and says what had to be sent.
pub(crate) async fn write_artifact(
    artifact: &Artifact,
    name: &RegistryReference,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    let summary = Registry::new(settings(transport)).push_artifact(artifact, name, on).await?;
    on.note(told(name, &summary));
    Ok(summary.digest)
}

pub(crate) fn settings(transport: &Transport) -> RegistrySettings {
    let own = &transport.registry;
    RegistrySettings {
        offline: own.offline || transport.offline,
        concurrency: transport.concurrency,
        ..own.clone()
    }
}

/// `pushed ghcr.io/me/x:1: 2 blobs uploaded (1.5 MB), 3 mounted, 4 there already`
fn told(name: &RegistryReference, summary: &PushSummary) -> String {
    let Tally { blobs, bytes } = summary.uploaded;
    let (mounted, existing) = (summary.mounted.blobs, summary.existing.blobs);
    let size = match bytes {
        0 => String::new(),
        1..1_000_000 => format!(" ({:.1} kB)", bytes as f64 / 1e3),
        _ => format!(" ({:.1} MB)", bytes as f64 / 1e6),
    };
    let noun = if blobs == 1 { "blob" } else { "blobs" };
    format!("pushed {name}: {blobs} {noun} uploaded{size}, {mounted} mounted, {existing} there already")
}

/// Downloads the layers of registries that are not in the cache yet, several at a time. Not needed for
/// correctness: a reader downloads what is missing, but one by one and without a word.
pub(crate) async fn prefetch(
    images: &[Image],
    concurrency: usize,
    on: &dyn Reporter,
) -> Result<(), RegistryError> {
    let missing = |layer: &&Layer| layer.blob().mount_source().is_some() && layer.blob().path().is_none();
    let mut layers: Vec<Layer> = images.iter().flat_map(Image::layers).filter(missing).cloned().collect();
    layers.sort_by_key(|layer| layer.descriptor().digest);
    layers.dedup_by_key(|layer| layer.descriptor().digest);
    let fetches = layers.into_iter().map(|layer| fetch(layer, on));
    stream::iter(fetches).buffer_unordered(concurrency.max(1)).boxed().try_collect().await
}

async fn fetch(layer: Layer, on: &dyn Reporter) -> Result<(), RegistryError> {
    let (digest, size) = (layer.descriptor().digest, layer.descriptor().size);
    let task = on.begin(Stage::Base, format!("layer {}", digest.short()), Some(size), Unit::Bytes);
    let opened = tokio::task::spawn_blocking(move || layer.blob().open().map(drop)).await;
    let failed = |source: std::io::Error| match source.downcast::<RegistryError>() {
        Ok(error) => error,
        Err(source) => RegistryError::Layer { digest, source },
    };
    opened.map_err(|_| RegistryError::Interrupted(format!("layer {digest}")))?.map_err(failed)?;
    task.advance(size);
    task.finish(Outcome::Done);
    Ok(())
}
