//! Unpacking an image for somebody who wants to run a program on its files.

use std::path::{Path, PathBuf};

use mambox_oci::Image;
use mambox_progress::Reporter;

use super::flatten::flatten;
use crate::TransportError;
use crate::job::blocking;
use crate::tree::to_folder;

/// Unpacks those of an image's files that are wanted into `folder`, which must be there and empty. `wanted` is asked with
/// paths from the root, without a slash in front; whoever wants a path wants the folders above it. Owners are set by root
/// only; device nodes are left out. Whoever made the folder removes it, also after an error.
pub async fn unpack(
    image: &Image,
    folder: &Path,
    wanted: impl Fn(&[u8]) -> bool + Send + 'static,
    on: &dyn Reporter,
) -> Result<(), TransportError> {
    let (image, folder): (Image, PathBuf) = (image.clone(), folder.into());
    let what = folder.display().to_string();
    blocking(what, on, move |job| {
        // Files of every layer are about three times as large as their blobs.
        let failed = || TransportError::writing(&folder, image.size().saturating_mul(3));
        let spool = crate::files::atomic::parent(&folder).map_err(failed())?;
        let mut tree = flatten(&image, &spool, job).map_err(failed())?;
        tree.retain(wanted);
        to_folder(&tree, &folder, job).map_err(failed())
    })
    .await
}
