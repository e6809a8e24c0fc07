//! `mambox inspect`.

use mambox_env::{LockedPackage, PipPackage, WheelName};
use mambox_oci::{Image, Platform};
use mambox_transport::Reference;

use crate::embedded::{self, Embedded};
use crate::report::{InspectedLayer, InspectedPackage, Inspection};
use crate::sizes::sizes;
use crate::{BuildError, Context, marks};

/// How closely to look into an image.
#[derive(Debug, Clone, Copy, Default)]
pub struct InspectRequest {
    /// Read and verify every byte.
    pub check: bool,
    /// Read every layer, and say what takes how much.
    pub sizes: bool,
}

/// Looks into an image.
pub async fn inspect(
    reference: &Reference,
    platform: &Platform,
    request: InspectRequest,
    context: &Context,
) -> Result<Inspection, BuildError> {
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let name = reference.to_string();
    let work = move || {
        let embedded = embedded::read_all(&image)?;
        let flaws = if request.check { mambox_oci::validate(&image) } else { Vec::new() };
        let flaws = flaws.iter().map(ToString::to_string).collect();
        let base = embedded.first().map_or(0, |first| first.recipe.base.diff_ids.len());
        let unreadable = |e| BuildError::io("cannot read the layers of", &name, e);
        let sizes = request.sizes.then(|| sizes(&image, base)).transpose().map_err(unreadable)?;
        Ok(Inspection { sizes, ..inspection(name, &image, &embedded, flaws) })
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
        slim: embedded.last().map(|active| active.recipe.slim).unwrap_or_default(),
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
        sizes: None,
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

/// A distribution of PyPI's kind, in conda's words for it.
fn distribution(one: &Embedded, package: &PipPackage) -> InspectedPackage {
    // Folders and commits have their version in their wheel alone.
    let built = one.recipe.built_wheels.get(&package.name);
    let of_wheel = || WheelName::parse(&built?.file_name).ok().map(|name| name.version);
    InspectedPackage {
        environment: one.recipe.name.clone(),
        name: package.name.clone(),
        version: package.version.clone().or_else(of_wheel).unwrap_or_default(),
        build: "pypi_0".into(),
        channel: Some("pypi".into()),
        size: None,
    }
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
    let all = embedded.iter().flat_map(|one| {
        let distributions = one.lock.pip().iter().map(move |package| distribution(one, package));
        one.lock.packages().iter().map(move |package| of(one, package)).chain(distributions)
    });
    let mut packages: Vec<_> = all.collect();
    packages.sort_by(|a, b| (&a.environment, &a.name, &a.build).cmp(&(&b.environment, &b.name, &b.build)));
    packages
}
