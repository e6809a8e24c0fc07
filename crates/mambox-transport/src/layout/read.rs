//! Reading an image out of a layout.

use mambox_oci::{
    Descriptor, Digest, History, Image, ImageConfig, IndexEntry, IndexManifest, Layer, Manifest, Platform,
};

use super::choose::{choose, no_platform};
use crate::TransportError;
use crate::files::store::{Found, Store};

/// The size of a manifest or index that registries accept at most (distribution-spec).
pub(crate) const MAX_MANIFEST: u64 = 4 << 20;
/// A configuration is seldom larger than a few kilobytes.
pub(crate) const MAX_CONFIG: u64 = 8 << 20;
/// How deep an index may lie in indexes.
const MAX_DEPTH: usize = 4;

/// Reads the image that `tag` and `platform` choose.
pub(crate) fn read(store: &Store, tag: Option<&str>, platform: &Platform) -> Result<Image, TransportError> {
    let path = store.path();
    let image_error = |source| TransportError::Image { reference: path.display().to_string(), source };
    let index = IndexManifest::parse(&store.read("index.json", MAX_MANIFEST)?).map_err(image_error)?;
    let entry = choose(path, &index, tag, platform)?;
    let manifest_bytes = manifest(store, entry, platform)?;
    let manifest = Manifest::parse(&manifest_bytes).map_err(image_error)?;
    let config_bytes = small_blob(store, &manifest.config, MAX_CONFIG)?;
    let found = manifest.layers.iter().map(|layer| blob(store, layer)).collect::<Result<Vec<_>, _>>()?;
    let mut found = found.into_iter();
    let image = Image::from_stored(manifest_bytes, config_bytes, |descriptor, diff_id| {
        // `from_stored` asks for each of the manifest's layers once, in order.
        let blob = found.next().unwrap_or_else(|| Found::File(path.into(), 0));
        Layer::new(descriptor.clone(), diff_id, History::default(), blob)
    })
    .map_err(image_error)?;
    match image.platform().serves(platform) {
        true => Ok(image),
        false => Err(wrong_platform(store, platform, image.config())),
    }
}

fn wrong_platform(store: &Store, wanted: &Platform, config: &ImageConfig) -> TransportError {
    TransportError::NoPlatform {
        reference: store.path().display().to_string(),
        wanted: wanted.clone(),
        known: vec![config.platform().to_string()],
    }
}

/// Follows indexes down to a manifest's bytes.
fn manifest(store: &Store, entry: &IndexEntry, platform: &Platform) -> Result<Vec<u8>, TransportError> {
    let mut entry = entry.clone();
    for _ in 0..MAX_DEPTH {
        let descriptor = Descriptor::new(entry.media_type.clone(), entry.digest, entry.size);
        let bytes = small_blob(store, &descriptor, MAX_MANIFEST)?;
        if !entry.media_type.is_index() {
            return Ok(bytes);
        }
        let index = IndexManifest::parse(&bytes).map_err(|source| TransportError::Image {
            reference: format!("{}: index {}", store.path().display(), entry.digest),
            source,
        })?;
        // An only entry may leave its platform out: the configuration names it, too.
        let next = match index.manifests.as_slice() {
            [only] if only.platform.is_none() => Some(only),
            _ => index.find(platform),
        };
        entry = next.ok_or_else(|| no_platform(store.path(), platform, &index.manifests))?.clone();
    }
    Err(TransportError::malformed(
        store.path(),
        format!("indexes lie more than {MAX_DEPTH} deep in each other"),
    ))
}

/// Finds a blob of the right size; its digest is checked by whoever reads it.
fn blob(store: &Store, descriptor: &Descriptor) -> Result<Found, TransportError> {
    let name = blob_name(&descriptor.digest);
    let found = store.need(&name)?;
    match found.size() == descriptor.size {
        true => Ok(found),
        false => Err(TransportError::malformed(
            store.path(),
            format!("'{name}' has {} bytes, its descriptor says {}", found.size(), descriptor.size),
        )),
    }
}

fn small_blob(store: &Store, descriptor: &Descriptor, limit: u64) -> Result<Vec<u8>, TransportError> {
    let name = blob_name(&descriptor.digest);
    blob(store, descriptor)?;
    let bytes = store.read(&name, limit)?;
    let actual = Digest::of(&bytes);
    match actual == descriptor.digest {
        true => Ok(bytes),
        false => Err(TransportError::malformed(store.path(), format!("'{name}' has the digest {actual}"))),
    }
}

/// Where a layout keeps a blob.
pub(crate) fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
