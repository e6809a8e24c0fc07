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
        let embedded = embedded::read_all(&image)?;
        let flaws = if check { mambox_oci::validate(&image) } else { Vec::new() };
        let flaws = flaws.iter().map(ToString::to_string).collect();
        Ok(inspection(name, &image, &embedded, flaws))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| BuildError::Worker("reading an image"))?
}

fn inspection(reference: String, image: &Image, embedded: &[Embedded], flaws: Vec<String>) -> Inspection {
    let config = image.config();
    let base = embedded.last().map(|active| &active.recipe.base);
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
        packages: packages(embedded),
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

/// The packages of an image of ours, by environment and name.
pub(super) fn packages(embedded: &[Embedded]) -> Vec<InspectedPackage> {
    let of = |one: &Embedded, package: &LockedPackage| InspectedPackage {
        environment: one.recipe.name.clone(),
        name: package.name().into(),
        version: package.record.version.to_string(),
        build: package.record.build.as_str().into(),
        channel: package.channel.clone(),
        size: package.record.size,
    };
    let all = embedded.iter().flat_map(|one| one.lock.packages().iter().map(move |package| of(one, package)));
    let mut packages: Vec<_> = all.collect();
    packages.sort_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
    packages
}
