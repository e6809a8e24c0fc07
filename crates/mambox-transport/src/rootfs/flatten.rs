//! All layers of an image as one tree.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::sync::Arc;

use mambox_oci::Image;

use crate::files::copy;
use crate::job::Job;
use crate::tree::{Names, Tree, from_tar};

/// Unpacks the layers, verified, into nameless files in `spool`, and lays their trees over each other.
pub(crate) fn flatten(image: &Image, spool: &Path, job: &Job) -> io::Result<Tree> {
    let mut tree = Tree::default();
    for layer in image.layers() {
        let mut file: File = tempfile::tempfile_in(spool)?;
        // To the very end, where digest and size of the stored blob are checked.
        copy(&mut layer.open_tar()?, &mut file, job)?;
        file.rewind()?;
        from_tar(&Arc::new(file), Names::Layer, &mut tree)?;
    }
    Ok(tree)
}
