//! Reads channels' repodata: sharded, zstd or plain, through rattler's gateway and a cache on disk.

use std::{path::PathBuf, sync::Arc};

use futures::{StreamExt, stream::FuturesOrdered};
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use rattler_conda_types::{Channel, MatchSpec, Subdir};
use rattler_networking::LazyClient;
use rattler_repodata_gateway::{
    CacheClearMode, ChannelConfig, ChannelRelationsMode, Gateway, GatewayError, MultiSource, RepoData,
    Source, SourceConfig, SubdirSelection, fetch::CacheAction,
};

use crate::{
    channel::{Channels, display},
    download_events::DownloadEvents,
    repodata_error::{Context, RepodataError},
    settings::Settings,
};

/// Access to the repodata of channels. Cheap to clone; what was read once stays in memory.
#[derive(Clone)]
pub(crate) struct Repodata {
    gateway: Gateway,
    cache_dir: PathBuf,
    tries: u32,
}

impl Repodata {
    /// Reads through `client`, keeps files below the settings' cache folder.
    pub(crate) fn new(settings: &Settings, client: LazyClient) -> Self {
        let source = SourceConfig {
            zstd_enabled: settings.channels.use_zst,
            // Hardly any channel serves it any more, and asking costs a request.
            bz2_enabled: false,
            sharded_enabled: settings.channels.use_sharded,
            cache_action: if settings.network.offline {
                CacheAction::ForceCacheOnly
            } else {
                CacheAction::CacheOrFetch
            },
            missing_shards_are_empty: false,
        };
        let cache_dir = settings.cache_dir.join("repodata");
        let gateway = Gateway::builder()
            .with_client(client)
            .with_cache_dir(&cache_dir)
            .with_channel_config(ChannelConfig { default: source, ..ChannelConfig::default() })
            .with_max_concurrent_requests(settings.network.concurrency)
            .with_max_concurrent_io(64)
            .finish();
        Self { gateway, cache_dir, tries: settings.network.retries + 1 }
    }

    /// All records that `specs` could lead to, in the channels' order.
    pub(crate) async fn records(
        &self,
        channels: &Channels,
        platform: Subdir,
        specs: &[MatchSpec],
        on: &dyn Reporter,
    ) -> Result<Vec<RepoData>, RepodataError> {
        self.query(channels, platform, specs, true, on).await
    }

    /// The records of `specs`, with `recursive` all that they could lead to, in the channels' order.
    pub(crate) async fn query(
        &self,
        channels: &Channels,
        platform: Subdir,
        specs: &[MatchSpec],
        recursive: bool,
        on: &dyn Reporter,
    ) -> Result<Vec<RepoData>, RepodataError> {
        // Each subdir can be blamed for its own failure, the first channel's first; the query below finds them in
        // memory.
        let mut pending: FuturesOrdered<_> = channels
            .iter()
            .flat_map(|channel| subdirs(platform).map(move |subdir| (channel, subdir)))
            .map(|(channel, subdir)| self.open(channel, subdir, specs, on))
            .collect();
        while let Some(opened) = pending.next().await {
            opened?;
        }
        let sources = sources(channels);
        let query = self
            .gateway
            .query(sources, subdirs(platform), specs.to_vec())
            .recursive(recursive)
            // Only channels that somebody named may contribute.
            .channel_relations(ChannelRelationsMode::Disabled);
        match query.execute().await {
            Ok(output) => Ok(output.repodata),
            Err(error) => Err(self.explain_any(channels, platform, error)),
        }
    }

    /// Every package name that the channels have for the platform; empty if that cannot be found out.
    pub(crate) async fn names(&self, channels: &Channels, platform: Subdir) -> Vec<String> {
        let channels: Vec<Channel> = channels.iter().cloned().collect();
        match self.gateway.names(channels, subdirs(platform)).execute().await {
            Ok(output) => output.names.into_iter().map(|name| name.as_normalized().to_owned()).collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Reads one channel's subdir, and in it the records of `specs` themselves.
    async fn open(
        &self,
        channel: &Channel,
        subdir: Subdir,
        specs: &[MatchSpec],
        on: &dyn Reporter,
    ) -> Result<(), RepodataError> {
        let task = on.begin(Stage::Repodata, format!("{}/{subdir}", display(channel)), None, Unit::Bytes);
        let (events, mut received) = DownloadEvents::new();
        let query = self
            .gateway
            .query([channel.clone()], [subdir], specs.to_vec())
            .channel_relations(ChannelRelationsMode::Disabled)
            .with_reporter(events);
        let mut query = std::pin::pin!(query.execute());
        let mut downloaded = false;
        let result = loop {
            tokio::select! {
                result = &mut query => break result,
                Some(bytes) = received.recv() => {
                    downloaded = true;
                    task.advance(bytes);
                }
            }
        };
        match result {
            Ok(_) => {
                task.finish(if downloaded { Outcome::Done } else { Outcome::Reused });
                Ok(())
            }
            Err(error) => Err(self.explain(channel, subdir, error)),
        }
    }

    fn explain(&self, channel: &Channel, subdir: Subdir, error: GatewayError) -> RepodataError {
        let context = Context {
            channel: &display(channel),
            subdir_url: &channel.platform_url(subdir),
            cache_dir: &self.cache_dir,
            tries: self.tries,
        };
        let explained = context.explain(error);
        if matches!(explained, RepodataError::Invalid { .. }) {
            // Otherwise the bad file would be served from the cache until it expires.
            let this = SubdirSelection::Some([subdir.to_string()].into());
            if let Err(error) =
                self.gateway.clear_repodata_cache(channel, this, CacheClearMode::InMemoryAndDisk)
            {
                tracing::debug!(%error, "cannot remove invalid repodata from the cache");
            }
        }
        explained
    }

    /// An error of the whole query: rattler says too little about whose it is, so the URL in it has to do.
    fn explain_any(&self, channels: &Channels, platform: Subdir, error: GatewayError) -> RepodataError {
        let text = error.to_string();
        let blamed = channels.iter().find(|channel| text.contains(channel.base_url.as_str()));
        match blamed.or_else(|| channels.iter().next()) {
            Some(channel) => self.explain(channel, platform, error),
            None => {
                RepodataError::Other { url: "the channels".to_owned(), reason: crate::mask::mask_text(&text) }
            }
        }
    }
}

/// Where a platform's packages lie.
fn subdirs(platform: Subdir) -> impl Iterator<Item = Subdir> + Clone {
    let noarch = (platform != Subdir::NoArch).then_some(Subdir::NoArch);
    std::iter::once(platform).chain(noarch)
}

fn sources(channels: &Channels) -> Vec<Source> {
    let mut sources = Vec::new();
    for group in &channels.groups {
        let members: Vec<Source> = group.channels.iter().cloned().map(Source::from).collect();
        match &group.multi {
            // Cannot fail: the members are channels, at least one, and each only once.
            Some(name) => match MultiSource::new(Arc::from(name.as_str()), members.clone()) {
                Ok(multi) => sources.push(Source::from(multi)),
                Err(_) => sources.extend(members),
            },
            None => sources.extend(members),
        }
    }
    sources
}
