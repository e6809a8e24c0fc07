//! `mambox inspect`.

use mambox_env::LockedPackage;
use mambox_oci::{Image, Platform};
use mambox_transport::Reference;

use crate::embedded::{self, Embedded};
use crate::report::{InspectedLayer, InspectedPackage, Inspection};
use crate::{BuildError, Context, marks};

/// Looks into an image; with `check`, reads and verifies every byte.
pub async fn inspect(
    reference: &Reference,
    platform: &Platform,
    check: bool,
    context: &Context,
) -> Result<Inspection, BuildError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let name = reference.to_string();
    let work = move || {
        let embedded = embedded::read(&image)?;
        let flaws = if check { mambox_oci::validate(&image) } else { Vec::new() };
        let flaws = flaws.iter().map(ToString::to_string).collect();
        Ok(inspection(name, &image, embedded.as_ref(), flaws))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| BuildError::Worker("reading an image"))?
}

fn inspection(
    reference: String,
    image: &Image,
    embedded: Option<&Embedded>,
    flaws: Vec<String>,
) -> Inspection {
    let config = image.config();
    let base = embedded.map(|embedded| &embedded.recipe.base);
    Inspection {
        reference,
        digest: image.digest(),
        platform: image.platform(),
        created: config.created(),
        size: image.size(),
        base: base.map(|base| base.name.clone().unwrap_or_else(|| base.digest.to_string())),
        env: config.env(),
        entrypoint: config.entrypoint(),
        cmd: config.cmd(),
        user: config.user(),
        workdir: config.workdir(),
        labels: config.labels(),
        layers: layers(image),
        packages: embedded.map(packages).unwrap_or_default(),
        flaws,
    }
}

fn layers(image: &Image) -> Vec<InspectedLayer> {
    let layer = |(layer, step): (&mambox_oci::Layer, mambox_oci::History)| InspectedLayer {
        digest: layer.descriptor().digest,
        diff_id: layer.diff_id(),
        size: layer.descriptor().size,
        created_by: step.created_by,
        comment: step.comment,
    };
    marks::described(image).into_iter().map(layer).collect()
}

/// The packages of an image of ours, by name.
pub(super) fn packages(embedded: &Embedded) -> Vec<InspectedPackage> {
    let package = |package: &LockedPackage| InspectedPackage {
        name: package.name().into(),
        version: package.record.version.to_string(),
        build: package.record.build.as_str().into(),
        channel: package.channel.clone(),
        size: package.record.size,
    };
    let mut packages: Vec<_> = embedded.lock.packages().iter().map(package).collect();
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}
