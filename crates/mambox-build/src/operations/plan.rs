//! `mambox plan`.

use std::collections::HashMap;
use std::path::PathBuf;

use mambox_env::{Lock, PipPackage};
use mambox_layer::{Archive, Claims};
use mambox_oci::Platform;
use mambox_resolve::Resolver;

use super::prepare::{Ready, base, describe, ready};
use crate::environment_facts::FactsCache;
use crate::layer_cache::LayerCache;
use crate::pip::{self, ReadyWheel};
use crate::plans::{Planned, Plans};
use crate::report::{PlanReport, PlannedLayer};
use crate::{BuildError, BuildRequest, Context};

/// Says which layers a build would make, one report for each platform. Fetches packages, builds nothing.
pub async fn plan(request: &BuildRequest, context: &Context) -> Result<Vec<PlanReport>, BuildError> {
    let resolver = Resolver::new(context.resolve.clone(), context.on())?;
    let (described, _) = describe(request, &resolver, context).await?;
    let mut reports = Vec::new();
    for platform in &request.platforms {
        let base = base(&request.base, platform, context).await?;
        let ready = ready(&described, request, &base, platform, &resolver, context).await?;
        reports.push(report(platform, &ready, &resolver, context).await?);
    }
    Ok(reports)
}

async fn report(
    platform: &Platform,
    ready: &Ready,
    resolver: &Resolver,
    context: &Context,
) -> Result<PlanReport, BuildError> {
    let lock = &ready.locked.lock;
    pip::forbid(lock, &ready.pip)?;
    let wheels = pip::fetch(lock, resolver, &[], context).await?;
    tell_sources(lock, context);
    let plans = Plans::new(lock, &wheels, &ready.options)?;
    let wins = ready.pip.wins;
    let conflicts = match FactsCache::new(&context.cache_dir).get(plans.facts_key(wins)) {
        Some(facts) => facts.conflicts,
        None => {
            let (mut claims, archives) = claims(lock, &wheels, &plans, resolver, context).await?;
            pip::settle(&mut claims, &plans, wins, |package| archives.get(package))?
        }
    };
    let plans = plans.with_conflicts(&conflicts);
    Ok(PlanReport {
        platform: platform.clone(),
        layers: layers(&plans, context),
        conflicts: conflicts.conflicts.iter().map(ToString::to_string).collect(),
    })
}

/// Wheels that are not there yet have no size, by which they could be planned.
fn tell_sources(lock: &Lock, context: &Context) {
    let built = lock.pip().iter().filter(|package| !package.is_wheel()).map(PipPackage::label);
    let built: Vec<String> = built.collect();
    if !built.is_empty() {
        let built = built.join(", ");
        context.on().note(format!("not in the plan, as the build makes their wheels first: {built}"));
    }
}

/// What everybody installs, and the packages' archives.
async fn claims(
    lock: &Lock,
    wheels: &[ReadyWheel],
    plans: &Plans,
    resolver: &Resolver,
    context: &Context,
) -> Result<(Vec<Claims>, HashMap<String, Archive>), BuildError> {
    let python = plans.python();
    let (mut claims, mut archives) = (Vec::new(), HashMap::new());
    for package in resolver.fetch_with(lock, &[] as &[PathBuf], context.on()).await? {
        let archive = Archive::at(&package.path, &package.locked.file_name)?;
        claims.push(Claims::read(&package.locked, &archive, python)?);
        archives.insert(package.locked.name().to_owned(), archive);
    }
    for ready in wheels {
        if let Some(python) = python {
            claims.push(Claims::of_wheel(&ready.wheel, ready.archive(), python)?);
        }
    }
    Ok((claims, archives))
}

fn layers(plans: &Plans, context: &Context) -> Vec<PlannedLayer> {
    let cache = LayerCache::new(&context.cache_dir);
    let layer = |planned: Planned<'_>| {
        let key = planned.key();
        PlannedLayer {
            key,
            packages: planned.contents(),
            package_bytes: planned.archive_size(),
            cached: cache.contains(key),
            reason: planned.reason(),
        }
    };
    plans.layers().into_iter().map(layer).collect()
}
