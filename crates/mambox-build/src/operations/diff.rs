//! `mambox diff`.

use mambox_oci::{Image, Platform};
use mambox_transport::Reference;

use super::inspect::packages;
use crate::difference::difference;
use crate::report::{Difference, InspectedPackage};
use crate::{BuildError, Context, embedded};

/// Compares two images: packages where they are ours, layers and settings in any case.
pub async fn diff(
    old: &Reference,
    new: &Reference,
    platform: &Platform,
    context: &Context,
) -> Result<Difference, BuildError> {
    let old = read(old, platform, context).await?;
    let new = read(new, platform, context).await?;
    Ok(difference((&old.0, &old.1), (&new.0, &new.1)))
}

async fn read(
    reference: &Reference,
    platform: &Platform,
    context: &Context,
) -> Result<(Image, Vec<InspectedPackage>), BuildError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let work = move || {
        let packages = packages(&embedded::read_all(&image)?);
        Ok((image, packages))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| BuildError::Worker("reading an image"))?
}
