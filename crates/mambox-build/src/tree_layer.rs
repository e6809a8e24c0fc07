//! A handful of files as a cached layer.

use std::fs::File;
use std::io;
use std::path::Path;

use mambox_oci::{Compression, Digest, HashingWriter, History, Image, Layer};

use crate::layer_cache::LayerCache;
use crate::places::{self, Places};
use crate::tree::FileTree;
use crate::{BuildError, Context};

/// Makes the layer of a tree, or finds it in the cache by its bytes. `what` names the files in an error, `mtime` is the
/// time of files and links in seconds since 1970.
///
/// The files are read twice, once to know them and once to compress them: they are few, and a build that changes
/// nothing compresses nothing.
pub fn tree_layer(
    tree: &FileTree,
    mtime: u64,
    compression: Compression,
    history: History,
    (what, cache_dir): (&str, &Path),
) -> Result<Layer, BuildError> {
    let failed = |e| BuildError::io("cannot put into the image:", what, e);
    let hash = tree.write(mtime, HashingWriter::new(io::sink())).map_err(failed)?;
    let (_, tar, _) = hash.finish();
    let key = Digest::of(format!("tree {tar} {}", compression.identity()).as_bytes());
    let cache = LayerCache::new(cache_dir);
    if let Some(layer) = cache.get(key, compression, history.clone()) {
        return Ok(layer);
    }
    cache.insert(key, compression, history, |file: &mut File| {
        tree.encode(mtime, compression, file).map_err(failed)
    })
}

/// Where paths, and the folders above them, really are in an image; remembered by its layers.
pub async fn places_of<'a>(
    paths: impl IntoIterator<Item = &'a str>,
    below: &Image,
    context: &Context,
) -> Result<Places, BuildError> {
    let wanted = places::wanted(paths);
    let paths: String = wanted.iter().map(|wanted| format!("\n{}", wanted.path)).collect();
    let question = format!("mambox places 1 {}", Digest::of(paths.as_bytes()));
    let (transport, on) = (&context.transport, context.on());
    Ok(mambox_transport::facts(below, &question, &wanted, places::places, transport, on).await?)
}
