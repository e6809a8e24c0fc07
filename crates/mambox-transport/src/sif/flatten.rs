//! The layers as one tree whose contents stay in the layers.

use std::io::{self, Read};

use mambox_oci::{Image, Layer};

use crate::TransportError;
use crate::files::read_ahead::{ReadAhead, read_ahead};
use crate::files::tar_stream::invalid;
use crate::job::Job;
use crate::tree::{Content, Names, Tree, apply_tar};

/// Reads every layer once, to the end, where its digest is checked; whiteouts are applied. `advance` is told the
/// size of each layer read.
///
/// Up to `threads` layers are unpacked at a time.
///
/// Device nodes are refused, but for those in `dev/`, over which every engine mounts its own.
pub(super) fn flatten(
    image: &Image,
    threads: usize,
    advance: &dyn Fn(u64),
    job: &Job,
) -> Result<Tree, TransportError> {
    let mut tree = Tree::default();
    for (number, (layer, tar)) in read_ahead(image.layers().iter(), threads).enumerate() {
        apply(&mut tree, number, layer, tar, job).map_err(TransportError::io("read", name(layer)))?;
        advance(layer.descriptor().size);
    }
    Ok(tree)
}

/// What errors call a layer.
pub(super) fn name(layer: &Layer) -> String {
    format!("layer {}", layer.descriptor().digest)
}

fn apply(tree: &mut Tree, number: usize, layer: &Layer, mut tar: ReadAhead, job: &Job) -> io::Result<()> {
    let applied = apply_tar(tree, &mut tar, Names::Layer, |entry, _| {
        job.check()?;
        Ok(Content::Entry { layer: number, entry })
    });
    let read = applied.and_then(|devices| rest(&mut tar).map(|()| devices));
    match read.as_deref() {
        Ok([]) => Ok(()),
        Ok([device, ..]) => Err(invalid(format!(
            "'{device}' is a device node, which needs root to make; leave it out of the image"
        ))),
        // Where the layer is not what its digest says, that tells more than what a parser makes of it.
        Err(error) if error.kind() != io::ErrorKind::Interrupted => match rest(&mut layer.open()?) {
            Ok(()) => read.map(drop),
            damaged => damaged,
        },
        Err(_) => read.map(drop),
    }
}

/// Reads what comes behind the last entry: only the end tells whether the digest is right.
pub(super) fn rest(from: &mut impl Read) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}
