//! Match specs made ready for rattler's solver.

use std::sync::Arc;

use rattler_conda_types::{MatchSpec, PackageNameMatcher};

use crate::{
    channel::{self, ChannelError, Channels},
    settings::{DEFAULT_ALIAS, Settings},
    solve_error::SolveError,
};

/// Resolves the channels that specs name (`conda-forge::numpy`), adding those that are new at the lowest rank.
pub(crate) fn prepare(
    settings: &Settings,
    specs: &[MatchSpec],
    channels: &mut Channels,
) -> Result<Vec<MatchSpec>, SolveError> {
    specs.iter().map(|spec| prepare_one(settings, spec, channels)).collect()
}

/// [`prepare`] for looking around, where a spec may be a pattern.
pub(crate) fn prepare_any(
    settings: &Settings,
    specs: &[MatchSpec],
    channels: &mut Channels,
) -> Result<Vec<MatchSpec>, SolveError> {
    specs.iter().map(|spec| with_channel(settings, spec, channels)).collect()
}

fn prepare_one(
    settings: &Settings,
    spec: &MatchSpec,
    channels: &mut Channels,
) -> Result<MatchSpec, SolveError> {
    if !matches!(spec.name, PackageNameMatcher::Exact(_)) {
        return Err(SolveError::Pattern { spec: spec.to_string() });
    }
    with_channel(settings, spec, channels)
}

fn with_channel(
    settings: &Settings,
    spec: &MatchSpec,
    channels: &mut Channels,
) -> Result<MatchSpec, SolveError> {
    let mut spec = spec.clone();
    if let Some(named) = &spec.channel {
        // Rattler resolved a plain name by the usual alias; ours may be another.
        let url = named.base_url.as_str();
        let is_name = url.starts_with(DEFAULT_ALIAS) && !url.contains('@');
        let written = named.name.clone().filter(|_| is_name).unwrap_or_else(|| url.to_owned());
        let resolved = resolve(settings, &written, channels)?;
        spec.channel = Some(Arc::new(resolved));
    }
    Ok(spec)
}

/// The channel that a spec names: one of those in use with that name, or a further one.
fn resolve(
    settings: &Settings,
    written: &str,
    channels: &mut Channels,
) -> Result<rattler_conda_types::Channel, ChannelError> {
    if let Some(group) = channels.groups.iter().find(|group| group.multi.as_deref() == Some(written)) {
        let mut channel = group.channels[0].clone();
        channel.name = Some(written.to_owned());
        return Ok(channel);
    }
    if let Some(known) = channels.iter().find(|known| known.name.as_deref() == Some(written)) {
        return Ok(known.clone());
    }
    let before = channels.groups.len();
    channel::add(settings, written, channels)?;
    let added = channels.groups.get(before).and_then(|group| group.channels.first()).cloned();
    // Nothing was added: the channel is there under another name.
    match added {
        Some(channel) => Ok(channel),
        None => channel::lone(settings, written),
    }
}
