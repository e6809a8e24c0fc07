//! `mambox images check-version`: what a channel has, and what a registry has.

use mambox_build::{Context, subdir};
use mambox_env::{EnvSpec, SpecError, parse_match_spec};
use mambox_resolve::{Resolver, SettingsError, SolveError};
use mambox_transport::{TransportError, tags};

use crate::error::ImagesError;
use crate::family::Family;
use crate::published::{VersionCheck, check_version};

/// The package that images are about.
const PACKAGE: &str = "micromamba";

/// Compares the channel's versions of micromamba, for all platforms of the family, with the tags of its repository.
/// Channels are those of the context, or else the family's own, or else conda-forge.
pub async fn look_out(family: &Family, context: &Context) -> Result<VersionCheck, ImagesError> {
    let resolver = Resolver::new(context.resolve.clone(), context.on()).map_err(LookOutError::from)?;
    let spec = EnvSpec {
        channels: family.micromamba.channel.iter().cloned().collect(),
        specs: vec![parse_match_spec(PACKAGE, "check-version").map_err(LookOutError::from)?],
        ..EnvSpec::default()
    };
    let mut versions = Vec::new();
    for platform in family.platforms() {
        let records = resolver.records(&spec, subdir(&platform)?, false, context.on()).await;
        let records = records.map_err(LookOutError::from)?;
        let named = records.iter().filter(|record| record.package_record.name.as_normalized() == PACKAGE);
        versions.push(named.map(|record| record.package_record.version.to_string()).collect());
    }
    let repository = family.repository.parse().map_err(|error: mambox_transport::InvalidName| {
        LookOutError::Repository(format!("'{}': {error}", family.repository))
    })?;
    let tags = tags(&repository, &context.transport).await.map_err(LookOutError::from)?;
    Ok(check_version(&versions, &tags))
}

/// Why versions cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum LookOutError {
    /// The channel.
    #[error(transparent)]
    Channel(#[from] SolveError),
    /// The settings of channels.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The name of the package.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] TransportError),
    /// The name of the repository.
    #[error("the repository {0}")]
    Repository(String),
}
