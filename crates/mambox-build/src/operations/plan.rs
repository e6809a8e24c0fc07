//! `mambox plan`.

use std::path::PathBuf;

use mambox_layer::{Archive, Claims, LayerPlan};
use mambox_oci::Platform;
use mambox_resolve::Resolver;

use super::prepare::{Ready, base, describe, ready};
use crate::environment_facts::{Contents, FactsCache};
use crate::layer_cache::LayerCache;
use crate::package_layers::package_label;
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
    let plan = mambox_layer::plan(lock, &ready.options)?;
    let conflicts = match FactsCache::new(&context.cache_dir).get(FactsCache::key(&plan)) {
        Some(facts) => facts.conflicts,
        None => {
            let fetched = resolver.fetch_with(lock, &[] as &[PathBuf], context.on()).await?;
            let claims = fetched.iter().map(|package| {
                let archive = Archive::at(&package.path, &package.locked.file_name)?;
                Ok(Claims::read(&package.locked, &archive, plan.python())?)
            });
            Contents::of(&plan, &claims.collect::<Result<Vec<_>, BuildError>>()?).conflicts
        }
    };
    let plan = plan.with_conflicts(&conflicts);
    Ok(PlanReport {
        platform: platform.clone(),
        layers: layers(&plan, context),
        conflicts: conflicts.conflicts.iter().map(ToString::to_string).collect(),
    })
}

fn layers(plan: &LayerPlan, context: &Context) -> Vec<PlannedLayer> {
    let cache = LayerCache::new(&context.cache_dir);
    let layer = |planned: &mambox_layer::PlannedLayer| {
        let key = planned.key().digest();
        PlannedLayer {
            key,
            packages: planned.packages().iter().map(|p| package_label(&p.package)).collect(),
            package_bytes: planned.archive_size(),
            cached: cache.contains(key),
            reason: planned.packages().first().map(|p| p.reason.to_string()).unwrap_or_default(),
        }
    };
    plan.layers().iter().map(layer).collect()
}
