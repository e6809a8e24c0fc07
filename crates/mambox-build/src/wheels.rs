//! The wheels of an environment, before its layers are made.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mambox_activate::Activation;
use mambox_env::{Lock, PipPackage};
use mambox_layer::{LayerOptions, PycPolicy, SlimPolicies};
use mambox_oci::Compression;
use mambox_resolve::Resolver;
use mambox_transport::UploadQueue;

use crate::compose::{Inputs, packages, variables};
use crate::pip::{self, ReadyWheel};
use crate::plans::budget;
use crate::recipe::BuiltWheel;
use crate::{BuildError, Context};

/// Wheels on this machine.
pub(crate) struct Wheels {
    /// In no particular order.
    pub(crate) ready: Vec<ReadyWheel>,
    /// How many layers of conda packages were made to build some of them on.
    pub(crate) new: usize,
}

/// Those of the wheels that the lock has only sources of.
pub(crate) fn built(lock: &Lock, wheels: &[ReadyWheel]) -> BTreeMap<String, BuiltWheel> {
    let sources = lock.pip().iter().filter(|package| !package.is_wheel());
    let wheel = |name: &str| wheels.iter().map(|ready| &ready.wheel).find(|wheel| wheel.name == name);
    let record = |package: &PipPackage| {
        let wheel = wheel(&package.name)?;
        let built = BuiltWheel { file_name: wheel.file_name.clone(), sha256: wheel.sha256 };
        Some((package.name.clone(), built))
    };
    sources.filter_map(record).collect()
}

/// The wheels of the lock's distributions: fetched, or built on its conda packages.
pub(crate) async fn wheels(
    inputs: &Inputs<'_>,
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<Wheels, BuildError> {
    pip::forbid(inputs.lock, inputs.pip)?;
    pip::learn_logins(&[], resolver, context);
    let mut wheels = pip::fetch(inputs.lock, resolver, folders, context).await?;
    if wheels.len() == inputs.lock.pip().len() {
        return Ok(Wheels { ready: wheels, new: 0 });
    }
    let queue = UploadQueue::default();
    let below = packages(inputs, &for_builds(inputs), &[], &queue, resolver, folders, context).await?;
    let prefix = inputs.options.prefix.as_str();
    let activation = Activation::new(prefix, inputs.name, below.facts.variables.clone(), inputs.variables);
    let buildable = pip::Buildable {
        base: inputs.base,
        image: &inputs.base.with_layers(&below.layers)?,
        lock: inputs.lock,
        libc: &inputs.facts.libc,
        layers: inputs.options,
        env: &variables(inputs, &activation),
        folders,
    };
    wheels.extend(pip::build(&buildable, resolver, context).await?);
    let new = if inputs.options.slim.is_none() { below.new } else { 0 };
    Ok(Wheels { ready: wheels, new })
}

/// The layers that wheels are built on: those that are wanted anyway, but for what wheels may take away from them, unless
/// headers and the like are left out of those.
fn for_builds(inputs: &Inputs<'_>) -> LayerOptions {
    let (lock, options) = (inputs.lock, inputs.options);
    let (of_packages, _) = budget(lock.packages().len(), lock.pip().len(), options.max_layers);
    let wanted = LayerOptions { max_layers: of_packages, ..options.clone() };
    match options.slim.is_none() {
        true => wanted,
        false => LayerOptions {
            slim: SlimPolicies::NONE,
            pyc: PycPolicy::Off,
            compression: Compression::None,
            ..wanted
        },
    }
}
