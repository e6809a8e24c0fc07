//! A lock and its wheels become layers: from the cache where they are known, else made in parallel.

use std::path::PathBuf;

use mambox_env::{Lock, LockedPackage};
use mambox_layer::{LayerOptions, PycPolicy, Savings};
use mambox_oci::codec::Compressors;
use mambox_oci::{Image, Layer};
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use mambox_resolve::Resolver;
use mambox_transport::UploadQueue;

use crate::cancel::CancelOnDrop;
use crate::environment_facts::{EnvironmentFacts, FactsCache};
use crate::layer_cache::LayerCache;
use crate::layer_work::{Files, Work};
use crate::package_file::PackageFile;
use crate::pip::ReadyWheel;
use crate::plans::{Planned, Plans};
use crate::pyc::Compiler;
use crate::{BuildError, Context};

/// The layers of an environment's packages, and what came to light on the way.
pub(crate) struct PackageLayers {
    /// Bottom first.
    pub(crate) layers: Vec<Layer>,
    /// How many of them were made now.
    pub(crate) new: usize,
    /// What the packages say together.
    pub(crate) facts: EnvironmentFacts,
    /// Whether there are `.pyc` files that were made for them.
    pub(crate) pyc: PycPolicy,
    /// What was left out of them to save space.
    pub(crate) left_out: Savings,
}

/// What is put on a base.
#[derive(Clone, Copy)]
pub(crate) struct Packages<'a> {
    /// The conda packages.
    pub(crate) lock: &'a Lock,
    /// The wheels of its distributions, or of as many as are wanted.
    pub(crate) wheels: &'a [ReadyWheel],
    /// Whether wheels may replace what conda packages have.
    pub(crate) wheels_win: bool,
    /// How they become layers.
    pub(crate) options: &'a LayerOptions,
    /// Channel folders to look for packages in, besides their URLs.
    pub(crate) folders: &'a [PathBuf],
}

/// Makes the layers of packages on a base. Each goes into the queue as soon as it is there.
///
/// # Errors
/// [`BuildError::NoPyc`] where a layer is to have `.pyc` files, is not cached, and python does not run here;
/// [`BuildError::Pip`] where wheels and conda packages have the same.
pub(crate) async fn package_layers(
    base: &Image,
    packages: &Packages<'_>,
    resolver: &Resolver,
    queue: &UploadQueue,
    context: &Context,
) -> Result<PackageLayers, BuildError> {
    let Packages { lock, wheels, wheels_win, options, folders } = *packages;
    let plans = Plans::new(lock, wheels, options)?;
    if let Some(finished) = all_cached(&plans, wheels_win, context) {
        finished.layers.iter().for_each(|layer| queue.push(layer));
        return Ok(finished);
    }
    let fetched = resolver.fetch_with(lock, folders, context.on()).await?;
    let files = fetched.iter().map(PackageFile::new).collect::<Result<Vec<_>, _>>()?;
    let guard = CancelOnDrop::default();
    let compiler = match plans.pyc() {
        PycPolicy::Off => None,
        PycPolicy::UncheckedHash => Compiler::new(base, lock, &files, options, guard.watch(), context)?,
    };
    let work = Work {
        compiler,
        files: by_layer(&plans, lock, &files, wheels),
        plans,
        wheels_win,
        layers: LayerCache::new(&context.cache_dir),
        facts: FactsCache::new(&context.cache_dir),
        threads: context.threads.max(1),
        helpers: Compressors::new(context.threads.max(1)),
        reporter: context.reporter.clone(),
        queue: queue.clone(),
        cancelled: guard.watch(),
    };
    let finished = tokio::task::spawn_blocking(move || work.run()).await;
    finished.map_err(|_| BuildError::Worker("making layers"))?
}

/// The lock with a sha256 for every package: one that has only an md5 is fetched and hashed first, since a
/// layer's key must not rest on md5.
pub(crate) async fn with_sha256(
    lock: Lock,
    resolver: &Resolver,
    folders: &[PathBuf],
    on: &dyn Reporter,
) -> Result<Lock, BuildError> {
    if lock.packages().iter().all(|package| package.record.sha256.is_some()) {
        return Ok(lock);
    }
    let fetched = resolver.fetch_with(&lock, folders, on).await?;
    let packages: Vec<LockedPackage> = fetched.into_iter().map(|package| package.locked).collect();
    Ok(Lock::new(lock.platform(), lock.channels(), packages)?.with_pip(lock.pip().to_vec())?)
}

/// Everything from the caches, without a look at a single package; `None` if anything is missing.
fn all_cached(plans: &Plans, wheels_win: bool, context: &Context) -> Option<PackageLayers> {
    let facts = FactsCache::new(&context.cache_dir).get(plans.facts_key(wheels_win))?;
    let plans = plans.with_conflicts(&facts.conflicts);
    let cache = LayerCache::new(&context.cache_dir);
    let planned = plans.layers();
    let layers: Option<Vec<Layer>> = planned.iter().map(|planned| cached(&cache, *planned)).collect();
    let layers = layers?;
    for planned in planned {
        context.on().begin(Stage::Layer, planned.label(), None, Unit::Bytes).finish(Outcome::Reused);
    }
    let left_out = left_out(&plans, &cache);
    Some(PackageLayers { layers, new: 0, facts, pyc: plans.pyc(), left_out })
}

/// What was left out of all layers, as the cache remembers it.
pub(crate) fn left_out(plans: &Plans, cache: &LayerCache) -> Savings {
    let slim = plans.layers().into_iter().filter(|planned| planned.is_slim());
    slim.fold(Savings::NONE, |mut sum, planned| {
        sum.add(&cache.left_out(planned.key()));
        sum
    })
}

/// The layer, if the cache has it.
pub(crate) fn cached(cache: &LayerCache, planned: Planned<'_>) -> Option<Layer> {
    cache.get(planned.key(), planned.compression(), planned.history())
}

/// The archives of each layer, in the layer's order.
fn by_layer(plans: &Plans, lock: &Lock, files: &[PackageFile], wheels: &[ReadyWheel]) -> Vec<Files> {
    let place = |name: &str| lock.packages().iter().position(|package| package.name() == name);
    let of_layer = |planned: Planned<'_>| match planned {
        Planned::Packages(layer) => {
            let names = layer.packages().iter().map(|one| one.package.name());
            Files::Packages(names.filter_map(|name| files.get(place(name)?).cloned()).collect())
        }
        Planned::Wheels(layer) => {
            let ready =
                |one: &mambox_layer::PlannedWheel| wheels.iter().find(|ready| ready.wheel == one.wheel);
            Files::Wheels(layer.wheels().iter().filter_map(ready).cloned().collect())
        }
    };
    plans.layers().into_iter().map(of_layer).collect()
}
