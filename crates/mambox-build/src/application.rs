//! The layer of `--copy`, cached by what is in it.

use mambox_oci::{Compression, Image, Layer};

use crate::created::rfc3339;
use crate::request::CopySpec;
use crate::tree::FileTree;
use crate::tree_layer::{places_of, tree_layer};
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
    let history = marks::history(marks::FILES, Some(rfc3339(created)), None);
    tree_layer(&tree, mtime, compression, history, ("files of --copy", &context.cache_dir)).map(Some)
}

/// The tree as it must be to lie upon an image.
pub(crate) async fn settled(
    tree: FileTree,
    below: &Image,
    context: &Context,
) -> Result<FileTree, BuildError> {
    let places = places_of(tree.paths(), below, context).await?;
    tree.settled(&places).map_err(|path| BuildError::Occupied { path })
}
