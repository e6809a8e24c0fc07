//! Layers by the digest of their key, on disk, shared by processes.
//!
//! One folder an entry: `<cache>/layers/<2 hex>/<64 hex>/{blob,layer.json}`. An entry is made in a
//! temporary folder beside and renamed into place, so that it is whole or absent; who comes second
//! throws its own work away. What is read from the cache is checked against its digest when it is
//! copied to an output (`Layer::open` verifies), since a shared cache is no more trusted than a network.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mambox_layer::Savings;
use mambox_oci::codec::Encoded;
use mambox_oci::{Compression, Descriptor, DiffId, Digest, FileBlob, History, Layer};
use serde::{Deserialize, Serialize};

use crate::{BuildError, cache_entry};

/// The folder of cached layers.
#[derive(Debug, Clone)]
pub(crate) struct LayerCache {
    root: PathBuf,
}

/// `layer.json`: what is known of a blob without reading it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    digest: Digest,
    size: u64,
    diff_id: DiffId,
    tar_size: u64,
    /// What was left out of it to save space.
    #[serde(default, skip_serializing_if = "Savings::is_empty")]
    left_out: Savings,
}

/// A layer that was written.
pub(crate) struct Made {
    pub(crate) encoded: Encoded,
    pub(crate) left_out: Savings,
}

impl From<Encoded> for Made {
    fn from(encoded: Encoded) -> Self {
        Self { encoded, left_out: Savings::NONE }
    }
}

impl LayerCache {
    /// The cache below `cache_dir`; nothing is created before something is stored.
    pub(crate) fn new(cache_dir: &Path) -> Self {
        Self { root: cache_dir.join("layers") }
    }

    /// Where the entries are.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, key: Digest) -> PathBuf {
        cache_entry::folder(&self.root, key)
    }

    /// Whether an entry is there, without touching it.
    pub(crate) fn contains(&self, key: Digest) -> bool {
        self.folder(key).join("layer.json").exists()
    }

    /// What was left out of a layer that is there.
    pub(crate) fn left_out(&self, key: Digest) -> Savings {
        whole(&self.folder(key)).map(|stored| stored.left_out).unwrap_or_default()
    }

    /// Looks an entry up and marks it as used. An entry that is damaged counts as absent.
    pub(crate) fn get(&self, key: Digest, compression: Compression, history: History) -> Option<Layer> {
        let folder = self.folder(key);
        let stored = whole(&folder)?;
        cache_entry::mark_used(&folder.join("layer.json"));
        let descriptor = Descriptor::new(compression.media_type(), stored.digest, stored.size);
        Some(Layer::new(descriptor, stored.diff_id, history, FileBlob(folder.join("blob"))))
    }

    /// Makes an entry: `write` gets the file of the blob and says what it wrote.
    pub(crate) fn insert<M: Into<Made>>(
        &self,
        key: Digest,
        compression: Compression,
        history: History,
        write: impl FnOnce(&mut File) -> Result<M, BuildError>,
    ) -> Result<Layer, BuildError> {
        let folder = self.folder(key);
        let failed = |e| BuildError::cache(&folder, e);
        let temporary = cache_entry::beside(&folder).map_err(failed)?;
        let mut file = File::create_new(temporary.path().join("blob")).map_err(failed)?;
        let Made { encoded, left_out } = write(&mut file)?.into();
        file.sync_all().map_err(failed)?;
        describe(temporary.path(), &encoded, left_out).map_err(failed)?;
        cache_entry::publish(temporary, &folder, |folder| whole(folder).is_some()).map_err(failed)?;
        let descriptor = Descriptor::new(compression.media_type(), encoded.digest, encoded.size);
        Ok(Layer::new(descriptor, encoded.diff_id, history, FileBlob(folder.join("blob"))))
    }
}

fn describe(folder: &Path, encoded: &Encoded, left_out: Savings) -> io::Result<()> {
    let stored = Stored {
        digest: encoded.digest,
        size: encoded.size,
        diff_id: encoded.diff_id,
        tar_size: encoded.tar_size,
        left_out,
    };
    let mut file = File::create_new(folder.join("layer.json"))?;
    file.write_all(&serde_json::to_vec(&stored)?)?;
    file.sync_all()
}

/// What an entry says of itself, if it is not damaged at first sight.
fn whole(folder: &Path) -> Option<Stored> {
    let stored: Stored = serde_json::from_slice(&fs::read(folder.join("layer.json")).ok()?).ok()?;
    (fs::metadata(folder.join("blob")).ok()?.len() == stored.size).then_some(stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_oci::codec::Encoder;
    use std::io::Read;

    fn store(cache: &LayerCache, key: Digest, tar: &[u8]) -> Layer {
        cache
            .insert(key, Compression::GZIP, History::default(), |file| {
                let mut encoder = Encoder::new(Compression::GZIP, file).unwrap();
                encoder.write_all(tar).unwrap();
                Ok(encoder.finish().unwrap().1)
            })
            .unwrap()
    }

    fn read(layer: &Layer) -> Vec<u8> {
        let mut tar = Vec::new();
        layer.open_tar().unwrap().read_to_end(&mut tar).unwrap();
        tar
    }

    #[test]
    fn what_was_stored_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = LayerCache::new(folder.path());
        let key = Digest::of(b"key");
        assert!(cache.get(key, Compression::GZIP, History::default()).is_none());
        let stored = store(&cache, key, b"tar");
        let found = cache.get(key, Compression::GZIP, History::default()).unwrap();
        assert_eq!((found.descriptor(), found.diff_id()), (stored.descriptor(), stored.diff_id()));
        assert_eq!(read(&found), b"tar");
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let cache = LayerCache::new(folder.path());
        let key = Digest::of(b"key");
        let failed = cache.insert(key, Compression::GZIP, History::default(), |_| {
            Err::<Encoded, _>(BuildError::cache(Path::new("x"), io::Error::other("no")))
        });
        assert!(failed.is_err());
        let shard = cache.folder(key);
        assert_eq!(fs::read_dir(shard.parent().unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_entry_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = LayerCache::new(folder.path());
        let key = Digest::of(b"key");
        store(&cache, key, b"tar");
        fs::write(cache.folder(key).join("blob"), b"shorter").unwrap();
        assert!(cache.get(key, Compression::GZIP, History::default()).is_none());
        store(&cache, key, b"tar");
        assert_eq!(read(&cache.get(key, Compression::GZIP, History::default()).unwrap()), b"tar");
    }

    #[test]
    fn many_may_make_and_read_one_entry_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..50u8 {
            let key = Digest::of(&[round]);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        assert_eq!(read(&store(&LayerCache::new(folder.path()), key, b"tar")), b"tar")
                    });
                }
            });
        }
    }
}
