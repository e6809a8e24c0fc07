//! The package cache: what it holds, and pruning.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use mambox_progress::Silent;
use mambox_resolve::{CacheInfo, PackageCache, Pruned};
use mambox_testkit::{HttpServer, LocalChannel};

use crate::lab::{Lab, files, package};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A cache with `old` (last used ten days ago) and `new`.
async fn filled() -> (Lab, PackageCache) {
    let channel = LocalChannel::with(&[package("old", "1.0", &[]), package("new", "1.0", &[])]);
    let http = HttpServer::serve_dir(channel.path());
    let lab = Lab::with_server(&http);
    let lock = lab.lock(&["old", "new"]).await.unwrap();
    let resolver = lab.resolver();
    for fetched in resolver.fetch(&lock, &Silent).await.unwrap() {
        if fetched.locked.name() == "old" {
            age(&fetched.path, DAY * 10);
        }
    }
    let cache = resolver.cache().clone();
    (lab, cache)
}

fn age(path: &std::path::Path, by: Duration) {
    fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - by).unwrap();
}

fn archives(cache: &PackageCache) -> Vec<String> {
    let name = |file: String| file.rsplit('/').next().unwrap().to_owned();
    files(&cache.root().join("sha256")).into_iter().map(name).collect()
}

#[test]
fn a_cache_that_does_not_exist_is_empty() {
    let cache = PackageCache::new("/nowhere/at/all".as_ref());
    assert_eq!(cache.info().unwrap(), CacheInfo::default());
    assert_eq!(cache.prune(Some(DAY), Some(0)).unwrap(), Pruned::default());
}

#[tokio::test]
async fn old_archives_leave_by_age() {
    let (_lab, cache) = filled().await;
    assert_eq!(cache.info().unwrap().packages, 2);
    assert_eq!(cache.prune(Some(DAY * 11), None).unwrap(), Pruned::default());
    let pruned = cache.prune(Some(DAY * 9), None).unwrap();
    assert_eq!(pruned.packages, 1);
    assert!(pruned.bytes > 0);
    assert_eq!(archives(&cache), ["new-1.0-0.conda"]);
}

#[tokio::test]
async fn those_used_longest_ago_leave_for_size() {
    let (_lab, cache) = filled().await;
    let bytes = cache.info().unwrap().bytes;
    assert_eq!(cache.prune(None, Some(bytes)).unwrap(), Pruned::default());
    assert_eq!(cache.prune(None, Some(bytes - 1)).unwrap().packages, 1);
    assert_eq!(archives(&cache), ["new-1.0-0.conda"]);
    assert_eq!(cache.prune(None, Some(0)).unwrap().packages, 1);
    // Nothing is left: no folder of a hash, no md5 that leads nowhere.
    assert_eq!(files(cache.root()), Vec::<String>::new());
}

#[tokio::test]
async fn a_use_makes_an_archive_young_again() {
    let (lab, cache) = filled().await;
    let channel = LocalChannel::with(&[package("old", "1.0", &[])]);
    let mut settings = lab.settings.clone();
    settings.channels.requested = vec![channel.path().to_str().unwrap().to_owned()];
    let lock = Lab { settings, dir: tempfile::tempdir().unwrap() }.lock(&["old"]).await.unwrap();
    drop(channel);
    // The channel is gone; the cache has it.
    lab.resolver().fetch(&lock, &Silent).await.unwrap();
    assert_eq!(cache.prune(Some(DAY * 9), None).unwrap(), Pruned::default());
}

#[tokio::test]
async fn leftovers_of_broken_off_downloads_leave() {
    let (_lab, cache) = filled().await;
    let incoming = cache.root().join("incoming");
    fs::write(incoming.join("dead.part"), "half").unwrap();
    let alive = incoming.join("alive.part");
    fs::write(&alive, "half").unwrap();
    let writer = fs::File::open(&alive).unwrap();
    writer.lock().unwrap();
    let pruned = cache.prune(None, None).unwrap();
    assert_eq!(pruned, Pruned { packages: 0, leftovers: 1, bytes: 4 });
    assert_eq!(files(&incoming), ["alive.part"]);
}
