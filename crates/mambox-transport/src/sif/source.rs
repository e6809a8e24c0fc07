//! Contents of a flattened tree, out of its layers once more.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use mambox_oci::{Image, Layer};

use super::flatten::{name, rest};
use crate::files::read_ahead::{ReadAhead, read_ahead};
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
    let hidden = image.layers().iter().zip(&layers).filter(|(_, wanted)| wanted.is_empty());
    advance(hidden.map(|(layer, _)| layer.descriptor().size).sum());
    let needed = image.layers().iter().zip(&layers).filter(|(_, wanted)| !wanted.is_empty());
    let (needed, wanted): (Vec<&Layer>, Vec<&Wanted<'_>>) = needed.unzip();
    // One is unpacked while the one before is cut into blocks; the cores are busy with those.
    for ((layer, tar), wanted) in read_ahead(needed.into_iter(), 2).zip(wanted) {
        let named = |error: io::Error| match error.kind() {
            io::ErrorKind::InvalidData => io::Error::new(error.kind(), format!("{}: {error}", name(layer))),
            _ => error,
        };
        read(tar, wanted, data, job).map_err(named)?;
        advance(layer.descriptor().size);
    }
    Ok(())
}

fn read(mut tar: ReadAhead, wanted: &Wanted<'_>, data: &mut DataWriter<'_>, job: &Job) -> io::Result<()> {
    let mut number = 0;
    for_each_entry(&mut tar, |entry| {
        job.check()?;
        if let Some(node) = wanted.get(&number) {
            data.add(node, entry)?;
        }
        number += 1;
        Ok(())
    })?;
    rest(&mut tar)
}
