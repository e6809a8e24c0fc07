//! `mambox build`.

use std::time::Instant;

use mambox_activate::Mode;
use mambox_env::Lock;
use mambox_layer::{LeftOut, Savings, SlimPolicies};
use mambox_oci::{Image, Index, Platform};
use mambox_resolve::Resolver;
use mambox_transport::{Contents, Output, UploadQueue, Uploads};

use super::prepare::{Base, Described, base, describe, ready};
use super::stack::{Environments, stack};
use crate::compose::{Active, Composed};
use crate::report::{BuildReport, ImageReport, OutputReport, PolicySavings};
use crate::{BuildError, BuildRequest, Context, account};

/// Builds an image and writes it to every output.
pub async fn build(request: &BuildRequest, context: &Context) -> Result<BuildReport, BuildError> {
    let begun = Instant::now();
    let resolver = Resolver::new(context.resolve.clone(), context.on())?;
    let described = describe(request, &resolver, context).await?;
    let (queue, mut uploads) = Uploads::new(&request.outputs, &request.base, &context.transport)?;
    let made = images(request, &described, &resolver, queue, context);
    let sent = async { Ok(uploads.run(context.on()).await?) };
    // Whichever fails first ends the other.
    let ((images, reports), ()) = tokio::try_join!(made, sent)?;
    let contents = contents(images, request);
    let mut outputs = Vec::new();
    for output in &request.outputs {
        outputs.push(write(&contents, output, &request.tags, &uploads, context).await?);
    }
    let digest = Some(contents.digest()).filter(|_| !request.only_loads());
    Ok(BuildReport { digest, images: reports, outputs, elapsed: begun.elapsed() })
}

/// The images of all platforms; their layers go into the queue as they are made.
async fn images(
    request: &BuildRequest,
    described: &(Described<'_>, Vec<Described<'_>>),
    resolver: &Resolver,
    queue: UploadQueue,
    context: &Context,
) -> Result<(Vec<Image>, Vec<ImageReport>), BuildError> {
    let mut images = Vec::new();
    let mut reports = Vec::new();
    for platform in &request.platforms {
        let (image, report) = image(request, platform, described, resolver, &queue, context).await?;
        images.push(image);
        reports.push(report);
    }
    Ok((images, reports))
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
    uploads: &Uploads,
    context: &Context,
) -> Result<OutputReport, BuildError> {
    let written = uploads.write(contents, output, tags, &context.transport, context.on()).await?;
    Ok(OutputReport { reference: output.to_string(), digest: written, remark: None })
}

async fn image(
    request: &BuildRequest,
    platform: &Platform,
    (active, others): &(Described<'_>, Vec<Described<'_>>),
    resolver: &Resolver,
    queue: &UploadQueue,
    context: &Context,
) -> Result<(Image, ImageReport), BuildError> {
    let base = base(&request.base, platform, context).await?;
    check_user(request.image.user.as_deref(), &base)?;
    base.image.layers().iter().for_each(|layer| queue.push(layer));
    let mut ready_others = Vec::new();
    for other in others {
        ready_others.push(ready(other, request, &base, platform, resolver, context).await?);
    }
    let active = ready(active, request, &base, platform, resolver, context).await?;
    let environments = Environments { active: &active, others: &ready_others };
    let stacked = stack(request, &base, &environments, resolver, queue, context).await?;
    stacked.composed.iter().for_each(|composed| tell(composed, context));
    let image = stacked.image;
    image.layers().iter().for_each(|layer| queue.push(layer));
    let count = |of: fn(&Composed) -> usize| stacked.composed.iter().map(of).sum::<usize>();
    let layers_new = count(|composed| composed.packages.new);
    let report = ImageReport {
        platform: platform.clone(),
        digest: image.digest(),
        config_digest: image.manifest().config.digest,
        size: image.size(),
        base_size: base.image.layers().iter().map(|layer| layer.descriptor().size).sum(),
        layers_new,
        layers_reused: count(|composed| composed.packages.layers.len()) - layers_new,
        layers_base: base.image.layers().len(),
        packages: environments.all().map(|ready| count_packages(&ready.locked.lock)).sum(),
        left_out: left_out(request.layers.slim, &stacked.composed),
    };
    Ok((image, report))
}

/// Conda packages and distributions of PyPI's kind.
fn count_packages(lock: &Lock) -> usize {
    lock.packages().len() + lock.pip().len()
}

/// A line for each policy, also for those that found nothing.
fn left_out(slim: SlimPolicies, composed: &[Composed]) -> Vec<PolicySavings> {
    let mut all = Savings::NONE;
    composed.iter().for_each(|composed| all.add(&composed.packages.left_out));
    let of = |policy| {
        let LeftOut { files, bytes } = all.get(policy);
        PolicySavings { policy, files, bytes }
    };
    slim.iter().map(of).collect()
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
    tell_activation(&composed.active, context);
}

fn tell_activation(active: &Active, context: &Context) {
    let Some(document) = &active.document else { return };
    let scripts = document.scripts.join(", ");
    let dynamic: Vec<&str> = document.captured.dynamic.iter().map(String::as_str).collect();
    match document.mode {
        Mode::Captured if !dynamic.is_empty() => context.on().warn(format!(
            "what the activation scripts set {} to depends on the moment, so the entrypoint runs them at each start; what \
             does not go through it (docker exec, a replaced entrypoint) has these variables unset",
            dynamic.join(", ")
        )),
        Mode::None => context.on().note(format!("activation scripts never run, as asked: {scripts}")),
        Mode::Captured | Mode::Entrypoint => {}
    }
}
