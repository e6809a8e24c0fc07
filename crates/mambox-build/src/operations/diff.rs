//! `mambox diff`.

use mambox_layer::SlimPolicies;
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
    let (old, old_packages, old_slim) = read(old, platform, context).await?;
    let (new, new_packages, new_slim) = read(new, platform, context).await?;
    let mut difference = difference((&old, &old_packages), (&new, &new_packages));
    if old_slim != new_slim {
        difference.configuration.push(format!("slim: {old_slim} → {new_slim}"));
    }
    Ok(difference)
}

async fn read(
    reference: &Reference,
    platform: &Platform,
    context: &Context,
) -> Result<(Image, Vec<InspectedPackage>, SlimPolicies), BuildError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let work = move || {
        let embedded = embedded::read_all(&image)?;
        let slim = embedded.last().map(|active| active.recipe.slim).unwrap_or_default();
        Ok((image, packages(&embedded), slim))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| BuildError::Worker("reading an image"))?
}
