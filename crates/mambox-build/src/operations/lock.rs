//! `mambox lock`.

use std::collections::BTreeSet;

use mambox_env::{DEFAULT_ENVIRONMENT, LockFile};
use mambox_oci::Platform;
use mambox_resolve::Resolver;
use mambox_transport::Reference;

use super::prepare::{base, lock_on};
use crate::environment::Description;
use crate::{BuildError, Context, EnvironmentRequest};

/// Solves an environment for several platforms; the virtual packages are those of `reference`, the base.
pub async fn lock(
    request: &EnvironmentRequest,
    platforms: &[Platform],
    reference: &Reference,
    context: &Context,
) -> Result<LockFile, BuildError> {
    let resolver = Resolver::new(context.resolve.clone(), context.on())?;
    let description = Description::read(request, &resolver, context).await?;
    // Without a solve, no virtual package matters, and a base need not be there.
    let reference = if description.is_locked() { &Reference::Scratch } else { reference };
    let (mut locks, mut variables) = (Vec::new(), BTreeSet::new());
    for platform in platforms {
        let base = base(reference, platform, context).await?;
        let locked = lock_on(&base, platform, &request.overrides, &description, &resolver, context).await?;
        variables.extend(locked.variables.into_keys());
        locks.push(locked.lock);
    }
    if !variables.is_empty() {
        let names: Vec<String> = variables.into_iter().collect();
        context.on().warn(format!(
            "a lock holds no variables: an image from it lacks {} unless --env or mambox.toml sets them",
            names.join(", ")
        ));
    }
    Ok(LockFile::new(request.environment.as_deref().unwrap_or(DEFAULT_ENVIRONMENT), locks)?)
}
