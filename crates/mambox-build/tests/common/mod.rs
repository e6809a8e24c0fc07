//! What builds in tests run in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mambox_build::Context;
use mambox_progress::Reporter;
use mambox_resolve::Settings;
use mambox_testkit::LocalChannel;
use mambox_transport::Transport;

/// A context whose cache lies in `folder` and whose only channel is `channel`.
pub(crate) fn context(
    folder: &Path,
    channel: &LocalChannel,
    threads: usize,
    reporter: Arc<dyn Reporter>,
) -> Context {
    let cache = folder.join("cache");
    let mut resolve = Settings::new(folder, &cache);
    resolve.channels.requested = vec![channel.path().display().to_string()];
    Context {
        search_path: Default::default(),
        entry_programs: Vec::new(),
        transport: Transport { cache_dir: Some(cache.clone()), ..Transport::default() },
        cache_dir: cache,
        resolve,
        variables: BTreeMap::new(),
        threads,
        reporter,
    }
}
