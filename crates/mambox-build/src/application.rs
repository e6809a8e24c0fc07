//! The layer of `--copy`, cached by what is in it.

use std::fs::File;
use std::io;

use mambox_oci::{Compression, Digest, HashingWriter, Image, Layer};

use crate::created::rfc3339;
use crate::layer_cache::LayerCache;
use crate::places;
use crate::request::CopySpec;
use crate::tree::FileTree;
use crate::{BuildError, Context, copies, marks};

/// What the files are laid upon.
pub(crate) struct Below<'a> {
    /// The base with all of our layers.
    pub(crate) image: &'a Image,
    /// How many of its layers lie below the packages; they alone are read where nothing is copied into
    /// the prefix, so that a changed package does not make the rest be read again.
    pub(crate) without_packages: usize,
    /// Where the packages are.
    pub(crate) prefix: &'a str,
}

/// Makes the layer; `None` where nothing is copied.
pub(crate) async fn layer(
    copies: &[CopySpec],
    below: &Below<'_>,
    created: i64,
    compression: Compression,
    context: &Context,
) -> Result<Option<Layer>, BuildError> {
    let tree = copies::tree(copies)?;
    if tree.is_empty() {
        return Ok(None);
    }
    let prefix = below.prefix.trim_start_matches('/');
    let all = below.image.layers();
    let within = tree.paths().any(|path| path.starts_with(prefix));
    let layers = if within { all } else { &all[..below.without_packages.min(all.len())] };
    let below = Image::scratch(&below.image.platform()).with_layers(layers)?;
    let tree = settled(tree, &below, context).await?;
    let mtime = u64::try_from(created).unwrap_or(0);
    let failed = |e| BuildError::io("cannot copy into the image:", "files of --copy", e);
    // The files are read twice, once to know them and once to compress them: they are few beside the packages,
    // and a build that changes nothing compresses nothing.
    let hash = tree.write(mtime, HashingWriter::new(io::sink())).map_err(failed)?;
    let (_, tar, _) = hash.finish();
    let key = Digest::of(format!("copy {tar} {}", compression.identity()).as_bytes());
    let history = marks::history(marks::FILES, Some(rfc3339(created)), None);
    let cache = LayerCache::new(&context.cache_dir);
    if let Some(layer) = cache.get(key, compression, history.clone()) {
        return Ok(Some(layer));
    }
    let layer = cache.insert(key, compression, history, |file: &mut File| {
        tree.encode(mtime, compression, file).map_err(failed)
    })?;
    Ok(Some(layer))
}

/// The tree as it must be to lie upon an image; what the image has there is remembered by its layers.
pub(crate) async fn settled(
    tree: FileTree,
    below: &Image,
    context: &Context,
) -> Result<FileTree, BuildError> {
    let wanted = places::wanted(tree.paths());
    let paths: String = wanted.iter().map(|wanted| format!("\n{}", wanted.path)).collect();
    let question = format!("mambox places 1 {}", Digest::of(paths.as_bytes()));
    let (transport, on) = (&context.transport, context.on());
    let places = mambox_transport::facts(below, &question, &wanted, places::places, transport, on).await?;
    tree.settled(&places).map_err(|path| BuildError::Occupied { path })
}
