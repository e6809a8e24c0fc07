//! Reading an image out of a docker-archive.

use std::fs;
use std::io::{self, BufReader};
use std::path::Path;

use mambox_oci::{
    Descriptor, DiffId, Digest, HashingWriter, History, Image, ImageConfig, Layer, MediaType, Platform,
};
use serde::{Deserialize, Serialize};

use super::ManifestItem;
use crate::files::kind::Packing;
use crate::files::remember::{Memory, State};
use crate::files::store::{Found, Store};
use crate::job::Job;
use crate::layout::{MAX_CONFIG, MAX_MANIFEST};
use crate::{RegistryReference, TransportError};

/// What has to be hashed to be known of a packed layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Packed {
    digest: Digest,
    diff_id: DiffId,
}

/// Reads the image that `name` chooses, or the only one. Layers stay as they are packed.
pub(crate) fn read(
    store: &Store,
    name: Option<&str>,
    platform: &Platform,
    cache_dir: Option<&Path>,
    job: &Job,
) -> Result<Image, TransportError> {
    let path = store.path();
    let items: Vec<ManifestItem> = serde_json::from_slice(&store.read("manifest.json", MAX_MANIFEST)?)
        .map_err(|error| TransportError::malformed(path, format!("'manifest.json': {error}")))?;
    let item = choose(path, &items, name)?;
    let image_error = |source| TransportError::Image { reference: path.display().to_string(), source };
    let config = ImageConfig::parse(&store.read(&item.config, MAX_CONFIG)?)
        .map_err(|error| image_error(error.into()))?;
    if !config.platform().serves(platform) {
        return Err(TransportError::NoPlatform {
            reference: path.display().to_string(),
            wanted: platform.clone(),
            known: vec![config.platform().to_string()],
        });
    }
    let diff_ids = config.diff_ids();
    if diff_ids.len() != item.layers.len() {
        let (manifest, config) = (item.layers.len(), diff_ids.len());
        return Err(image_error(mambox_oci::ImageError::LayerCount { manifest, config }));
    }
    let layers = layers(store, item, &diff_ids, cache_dir, job)?;
    Image::from_config(config, layers).map_err(image_error)
}

fn choose<'a>(
    path: &Path,
    items: &'a [ManifestItem],
    name: Option<&str>,
) -> Result<&'a ManifestItem, TransportError> {
    let full = |text: &str| text.parse::<RegistryReference>().ok();
    let known = || items.iter().flat_map(|item| item.repo_tags.clone()).collect();
    let problem = |problem: String| TransportError::Choose { path: path.into(), problem, known: known() };
    match name {
        Some(name) => items
            .iter()
            .find(|item| {
                item.repo_tags
                    .iter()
                    .any(|tag| tag == name || (full(tag).is_some() && full(tag) == full(name)))
            })
            .ok_or_else(|| problem(format!("has no image named '{name}'"))),
        None => match items {
            [] => Err(problem("holds no image".into())),
            [only] => Ok(only),
            _ => Err(problem("holds several images; add the name of one after a colon".into())),
        },
    }
}

fn layers(
    store: &Store,
    item: &ManifestItem,
    diff_ids: &[DiffId],
    cache_dir: Option<&Path>,
    job: &Job,
) -> Result<Vec<Layer>, TransportError> {
    let path = store.path();
    let found = item.layers.iter().map(|name| store.need(name)).collect::<Result<Vec<_>, _>>()?;
    let packing = found.iter().map(|found| Ok(Packing::of(&found.start()?))).collect::<io::Result<Vec<_>>>();
    let packing = packing.map_err(TransportError::io("read", path))?;
    let packed = match packing.iter().all(|packing| *packing == Packing::Plain) {
        true => vec![None; found.len()],
        false => packed_layers(path, &found, &packing, cache_dir, job)?,
    };
    let mut layers = Vec::new();
    for (((found, packing), packed), expected) in found.into_iter().zip(packing).zip(packed).zip(diff_ids) {
        // A plain tar's digest is its diffID: the configuration states it, and reading verifies it.
        let packed = packed.unwrap_or(Packed { digest: expected.0, diff_id: *expected });
        if packed.diff_id != *expected {
            let problem = format!(
                "the layer with the diffID {} is not the {expected} of the configuration",
                packed.diff_id
            );
            return Err(TransportError::malformed(path, problem));
        }
        let media_type: MediaType = packing.layer_type();
        let descriptor = Descriptor::new(media_type, packed.digest, found.size());
        layers.push(Layer::new(descriptor, packed.diff_id, History::default(), found));
    }
    Ok(layers)
}

/// Hashes packed layers, or recalls what was found the last time.
fn packed_layers(
    path: &Path,
    found: &[Found],
    packing: &[Packing],
    cache_dir: Option<&Path>,
    job: &Job,
) -> Result<Vec<Option<Packed>>, TransportError> {
    let memory = Memory::new(cache_dir, "docker-archive-1");
    let read_error = || TransportError::io("read", path);
    let state = State::of(path, &fs::metadata(path).map_err(read_error())?);
    if let Some(known) = memory.recall::<Vec<Option<Packed>>>(&state)
        && known.len() == found.len()
    {
        return Ok(known);
    }
    let mut packed = Vec::new();
    for (found, packing) in found.iter().zip(packing) {
        packed.push(match packing {
            Packing::Plain => None,
            packing => Some(hash(found, *packing, job).map_err(read_error())?),
        });
    }
    if State::of(path, &fs::metadata(path).map_err(read_error())?) == state {
        memory.keep(&state, &packed);
    }
    Ok(packed)
}

/// Both digests of a packed layer in one pass.
fn hash(found: &Found, packing: Packing, job: &Job) -> io::Result<Packed> {
    let mut blob = HashingReader { inner: found.open()?, hash: HashingWriter::new(io::sink()) };
    let mut tar = HashingWriter::new(io::sink());
    {
        let mut unpacked = packing.unpack(BufReader::with_capacity(1 << 16, &mut blob))?;
        crate::files::copy(&mut unpacked, &mut tar, job)?;
    }
    // What follows the compressed stream belongs to the blob all the same.
    io::copy(&mut blob, &mut io::sink())?;
    let (_, digest, _) = blob.hash.finish();
    let (_, diff_id, _) = tar.finish();
    Ok(Packed { digest, diff_id: DiffId(diff_id) })
}

struct HashingReader<R> {
    inner: R,
    hash: HashingWriter<io::Sink>,
}

impl<R: io::Read> io::Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        io::Write::write_all(&mut self.hash, &buffer[..read])?;
        Ok(read)
    }
}
