//! `mambox build`.

use std::time::Instant;

use mambox_activate::Mode;
use mambox_layer::PycPolicy;
use mambox_oci::{Image, Index, Layer, Platform};
use mambox_resolve::Resolver;
use mambox_transport::{Contents, Output};

use super::prepare::{Base, Prepared, prepare};
use crate::assemble::{Parts, assemble};
use crate::compose::{Composed, Inputs, compose};
use crate::created::created;
use crate::environment::{Description, Locked};
use crate::essence::essence;
use crate::recipe::Recipe;
use crate::report::{BuildReport, ImageReport, OutputReport};
use crate::{BuildError, BuildRequest, Context, account, application, records};

/// Builds an image and writes it to every output.
pub async fn build(request: &BuildRequest, context: &Context) -> Result<BuildReport, BuildError> {
    let begun = Instant::now();
    let resolver = Resolver::new(context.resolve.clone(), context.on())?;
    let description = Description::read(&request.environment, &resolver, context).await?;
    let mut images = Vec::new();
    let mut reports = Vec::new();
    for platform in &request.platforms {
        let prepared = prepare(request, platform, &description, &resolver, context).await?;
        let (image, report) = image(request, platform, prepared, &resolver, context).await?;
        images.push(image);
        reports.push(report);
    }
    let contents = contents(images, request);
    let mut outputs = Vec::new();
    for output in &request.outputs {
        outputs.push(write(&contents, output, &request.tags, context).await?);
    }
    Ok(BuildReport { digest: contents.digest(), images: reports, outputs, elapsed: begun.elapsed() })
}

fn contents(mut images: Vec<Image>, request: &BuildRequest) -> Contents {
    match images.len() {
        1 => Contents::Image(images.remove(0)),
        _ => Contents::Index(Index::new(images, request.image.annotations.clone())),
    }
}

async fn write(
    contents: &Contents,
    output: &Output,
    tags: &[String],
    context: &Context,
) -> Result<OutputReport, BuildError> {
    let written = mambox_transport::write(contents, output, tags, &context.transport, context.on()).await?;
    Ok(OutputReport { reference: output.to_string(), digest: written, remark: None })
}

async fn image(
    request: &BuildRequest,
    platform: &Platform,
    prepared: Prepared,
    resolver: &Resolver,
    context: &Context,
) -> Result<(Image, ImageReport), BuildError> {
    let Prepared { base, locked, options } = prepared;
    check_user(request.image.user.as_deref(), &base)?;
    let created = created(request.source_date_epoch, [&locked.lock]);
    let inputs = Inputs {
        base: &base.image,
        base_env: &base.record.env,
        facts: &base.facts,
        lock: &locked.lock,
        options: &options,
        needs_pyc: false,
        scripts: request.scripts,
        variables: &locked.variables,
        env: &request.image.env,
        default_user: request.image.user.is_none(),
    };
    let composed = compose(&inputs, resolver, &[], context).await?;
    tell(&composed, context);
    let mut recipe = recipe(request, &base, &locked, options.prefix.as_str(), options.max_layers, created);
    recipe.pyc = composed.packages.pyc;
    let mut parts = Parts {
        base: &base.image,
        base_record: &base.record,
        layers: &[],
        shell: base.facts.shell.as_deref(),
        prefix: options.prefix.as_str(),
        active: &composed.active,
        options: &request.image,
        name: locked.name.as_deref(),
        created,
    };
    recipe.configuration = essence(assemble(&parts)?.config());
    let layers = stack(request, &base, &locked, &composed, &recipe, context).await?;
    parts.layers = &layers;
    let image = assemble(&parts)?;
    let packages = &composed.packages;
    let report = ImageReport {
        platform: platform.clone(),
        digest: image.digest(),
        config_digest: image.manifest().config.digest,
        size: image.size(),
        base_size: base.image.layers().iter().map(|layer| layer.descriptor().size).sum(),
        layers_new: packages.new,
        layers_reused: packages.layers.len() - packages.new,
        layers_base: base.image.layers().len(),
        packages: locked.lock.packages().len(),
    };
    Ok((image, report))
}

/// All layers of ours, bottom first.
async fn stack(
    request: &BuildRequest,
    base: &Base,
    locked: &Locked,
    composed: &Composed,
    recipe: &Recipe,
    context: &Context,
) -> Result<Vec<Layer>, BuildError> {
    let compression = request.layers.compression;
    let mut layers = composed.layers.clone();
    layers.push(records::layer(&locked.lock, recipe, &composed.active, compression)?);
    let image = base.image.with_layers(&layers)?;
    let without_packages = base.image.layers().len() + 1;
    let below = application::Below { image: &image, without_packages, prefix: &recipe.prefix };
    let copied = application::layer(&request.image.copies, &below, recipe.created, compression, context);
    layers.extend(copied.await?);
    Ok(layers)
}

fn recipe(
    request: &BuildRequest,
    base: &Base,
    locked: &Locked,
    prefix: &str,
    max_layers: usize,
    created: i64,
) -> Recipe {
    Recipe {
        format: Recipe::current_format(),
        prefix: prefix.into(),
        max_layers,
        compression: request.layers.compression.to_string(),
        scripts: request.scripts,
        pyc: PycPolicy::Off,
        base: base.record.clone(),
        variables: locked.variables.clone(),
        env: request.image.env.clone(),
        specs: locked.specs.clone(),
        created,
        configuration: Default::default(),
    }
}

/// A user that is neither a number nor known would make every container fail at its start.
fn check_user(user: Option<&str>, base: &Base) -> Result<(), BuildError> {
    let Some(user) = user else { return Ok(()) };
    let name = user.split(':').next().unwrap_or_default();
    let known = |passwd: &String| account::knows(passwd, name);
    let fine = !name.is_empty()
        && (name.bytes().all(|b| b.is_ascii_digit())
            || matches!(name, "root" | account::USER)
            || base.facts.passwd.as_ref().is_some_and(known));
    if fine { Ok(()) } else { Err(BuildError::UnknownUser(name.into())) }
}

/// What a person should know although the build goes on.
fn tell(composed: &Composed, context: &Context) {
    for conflict in &composed.packages.facts.conflicts.conflicts {
        context.on().warn(format!("several packages have {conflict}"));
    }
    let Some(document) = &composed.active.document else { return };
    let scripts = document.scripts.join(", ");
    let dynamic: Vec<&str> = document.captured.dynamic.iter().map(String::as_str).collect();
    match document.mode {
        Mode::Captured if !dynamic.is_empty() => context.on().warn(format!(
            "{} depends on the moment at which the activation scripts run, so the entrypoint runs them at each start; \
             what does not go through it (docker exec, a replaced entrypoint) lacks it",
            dynamic.join(", ")
        )),
        Mode::None => context.on().note(format!("activation scripts never run, as asked: {scripts}")),
        Mode::Captured | Mode::Entrypoint => {}
    }
}
