//! What several operations begin with: the base, what is known of it, and the lock for it.

use std::collections::BTreeMap;

use mambox_layer::{LayerOptions, Prefix, PycPolicy};
use mambox_oci::{Image, ImageError, MAX_LAYERS, Platform};
use mambox_resolve::Resolver;
use mambox_transport::{FoundFile, Reference};
use rattler_conda_types::Subdir;

use crate::base::{self, BaseFacts};
use crate::environment::{Description, Locked};
use crate::package_layers::with_sha256;
use crate::recipe::BaseRecord;
use crate::request::{DEFAULT_PREFIX, NamedEnvironment};
use crate::subdir::subdir;
use crate::{BuildError, BuildRequest, Context, PipOptions, paths, pip, pyc};

/// Layers of ours that an image has once: foundation, entrypoint, files of the application.
const OTHER_LAYERS: usize = 3;
/// Those that each environment has besides its packages: link scripts, records.
const OTHER_LAYERS_OF_EACH: usize = 2;

/// A base that was read.
pub(crate) struct Base {
    pub(crate) image: Image,
    pub(crate) record: BaseRecord,
    pub(crate) facts: BaseFacts,
}

/// Reads a base and learns what is needed of it.
pub(crate) async fn base(
    reference: &Reference,
    platform: &Platform,
    context: &Context,
) -> Result<Base, BuildError> {
    let subdir = subdir(platform)?;
    let image = mambox_transport::read(reference, platform, &context.transport, context.on()).await?;
    let facts = facts(&image, subdir, context).await?;
    // Only a registry's reference means the same to everybody.
    let name = matches!(reference, Reference::Registry(_)).then(|| reference.to_string());
    let name = name.map(|name| name.trim_start_matches("docker://").to_owned());
    let config = image.config();
    let record = BaseRecord { name, digest: image.digest(), diff_ids: config.diff_ids(), env: config.env() };
    Ok(Base { image, record, facts })
}

/// What is known of a base's files.
pub(crate) async fn facts(base: &Image, subdir: Subdir, context: &Context) -> Result<BaseFacts, BuildError> {
    if base.layers().is_empty() {
        return Ok(BaseFacts::default());
    }
    let derive = |found: &BTreeMap<String, FoundFile>| BaseFacts::from_files(subdir, found);
    let (question, wanted) = (base::question(subdir), base::wanted(subdir));
    Ok(mambox_transport::facts(base, &question, &wanted, derive, &context.transport, context.on()).await?)
}

/// An environment of a request, read but not yet locked.
pub(crate) struct Described<'a> {
    named: &'a NamedEnvironment,
    description: Description,
}

/// Reads all environments of a request: the active one, and the others.
pub(crate) async fn describe<'a>(
    request: &'a BuildRequest,
    resolver: &Resolver,
    context: &Context,
) -> Result<(Described<'a>, Vec<Described<'a>>), BuildError> {
    let mut others = Vec::new();
    for named in &request.others {
        others.push(Described {
            named,
            description: Description::read(&named.request, resolver, context).await?,
        });
    }
    let named = &request.environment;
    let description = Description::read(&named.request, resolver, context).await?;
    Ok((Described { named, description }, others))
}

/// An environment, ready for its layers.
pub(crate) struct Ready {
    pub(crate) name: String,
    pub(crate) locked: Locked,
    pub(crate) options: LayerOptions,
    pub(crate) pip: PipOptions,
}

/// Locks an environment of a request for a base.
pub(crate) async fn ready(
    described: &Described<'_>,
    request: &BuildRequest,
    base: &Base,
    platform: &Platform,
    resolver: &Resolver,
    context: &Context,
) -> Result<Ready, BuildError> {
    let Described { named, description } = described;
    let overrides = &named.request.overrides;
    let mut locked = lock_on(base, platform, overrides, description, resolver, context).await?;
    locked.lock = with_sha256(locked.lock, resolver, &[], context.on()).await?;
    pip::fit(&locked.lock, &pip::libc(&base.facts.libc, overrides))?;
    let root = paths::prefix(request.image.prefix.as_deref().unwrap_or(DEFAULT_PREFIX))?;
    let prefix = paths::prefix(&paths::of_environment(&named.name, &root))?;
    let mut options = layer_options(&prefix, request, base.image.layers().len())?;
    let ground = pyc::Ground { platform, libc: &base.facts.libc };
    options.pyc = match pyc::decide(request.layers.pyc, &locked.lock, &ground) {
        Err(BuildError::NoPyc { reason }) => {
            context.on().warn(pyc::left_out(&reason));
            PycPolicy::Off
        }
        decided => decided?,
    };
    Ok(Ready { name: named.name.clone(), locked, options, pip: named.request.pip.clone() })
}

/// Locks the environment for a base.
pub(crate) async fn lock_on(
    base: &Base,
    platform: &Platform,
    overrides: &BTreeMap<String, String>,
    description: &Description,
    resolver: &Resolver,
    context: &Context,
) -> Result<Locked, BuildError> {
    let subdir = subdir(platform)?;
    let facts = base.facts.virtual_packages(subdir, &base.image, overrides);
    description.lock(subdir, &facts, resolver, context).await
}

/// Environments share the budget; it is cut where base and ours together would be more than engines accept.
fn layer_options(
    prefix: &str,
    request: &BuildRequest,
    base_layers: usize,
) -> Result<LayerOptions, BuildError> {
    let environments = 1 + request.others.len();
    let others = OTHER_LAYERS + OTHER_LAYERS_OF_EACH * environments;
    let left = MAX_LAYERS.saturating_sub(base_layers + others) / environments;
    if left == 0 {
        return Err(ImageError::TooManyLayers(base_layers + others + environments).into());
    }
    Ok(LayerOptions {
        prefix: Prefix::new(prefix)?,
        compression: request.compression(),
        pyc: PycPolicy::Off,
        slim: request.layers.slim,
        max_layers: (request.layers.max_layers / environments).clamp(1, left),
    })
}
