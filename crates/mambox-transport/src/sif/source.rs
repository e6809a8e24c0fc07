//! Contents of a flattened tree, out of its layers once more.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use mambox_oci::{Image, Layer};

use super::flatten::{name, rest};
use crate::files::tar_stream::for_each_entry;
use crate::job::Job;
use crate::squashfs::DataWriter;
use crate::tree::{Content, Kind, Node, Tree};

/// The entries of one layer whose content is in the tree.
type Wanted<'a> = HashMap<usize, &'a Arc<Node>>;

/// Hands every content in: what is in memory first, then layer by layer. Layers of which nothing is left are not
/// read again; the others are verified again, since files may change between two readings.
pub(super) fn fill(
    image: &Image,
    tree: &Tree,
    data: &mut DataWriter<'_>,
    advance: &dyn Fn(u64),
    job: &Job,
) -> io::Result<()> {
    let mut layers: Vec<Wanted<'_>> = vec![HashMap::new(); image.layers().len()];
    for (_, node) in tree.iter() {
        match &node.kind {
            Kind::File { size: 0, .. } => {}
            Kind::File { content: Content::Entry { layer, entry }, .. } => {
                layers[*layer].insert(*entry, node);
            }
            Kind::File { content, .. } => data.add(node, &mut content.open()?)?,
            _ => {}
        }
    }
    for (layer, wanted) in image.layers().iter().zip(&layers) {
        if !wanted.is_empty() {
            let named = |error: io::Error| match error.kind() {
                io::ErrorKind::InvalidData => {
                    io::Error::new(error.kind(), format!("{}: {error}", name(layer)))
                }
                _ => error,
            };
            read(layer, wanted, data, job).map_err(named)?;
        }
        advance(layer.descriptor().size);
    }
    Ok(())
}

fn read(layer: &Layer, wanted: &Wanted<'_>, data: &mut DataWriter<'_>, job: &Job) -> io::Result<()> {
    let mut tar = layer.open_tar()?;
    let mut number = 0;
    for_each_entry(&mut tar as &mut dyn Read, |entry| {
        job.check()?;
        if let Some(node) = wanted.get(&number) {
            data.add(node, entry)?;
        }
        number += 1;
        Ok(())
    })?;
    rest(&mut tar)
}
