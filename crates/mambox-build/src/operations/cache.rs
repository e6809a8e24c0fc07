//! `mambox cache info` and `mambox cache prune`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use mambox_resolve::PackageCache;

use crate::report::{CacheInfo, CachePart, PruneRequest};
use crate::{BuildError, Context};

/// Temporary entries of builds that died; a living build's are younger.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// One entry of the cache: the file or folder that goes as a whole.
struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    temporary: bool,
}

/// What the caches hold.
pub fn cache_info(context: &Context) -> Result<CacheInfo, BuildError> {
    let mut parts = vec![packages(context)?];
    for part in parts_of(context) {
        parts.push(summary(&part.name, &part.entries()?));
    }
    Ok(CacheInfo { path: context.cache_dir.display().to_string(), parts })
}

/// Removes from the caches; says what was removed.
pub fn cache_prune(request: &PruneRequest, context: &Context) -> Result<CacheInfo, BuildError> {
    let before = packages(context)?;
    let (max_age, max_bytes) =
        if request.all { (None, Some(0)) } else { (request.max_age, request.max_bytes) };
    PackageCache::new(&context.resolve.cache_dir).prune(max_age, max_bytes)?;
    let after = packages(context)?;
    let gone = CachePart {
        name: before.name,
        entries: before.entries.saturating_sub(after.entries),
        bytes: before.bytes.saturating_sub(after.bytes),
    };
    let mut parts = vec![gone];
    // One size for all kinds together; packages were counted first, since they are the dearest to fetch again.
    let left = max_bytes.map(|most| most.saturating_sub(after.bytes));
    let request = &PruneRequest { max_bytes: left, ..*request };
    let kinds = parts_of(context);
    let mut entries = Vec::new();
    for kind in &kinds {
        entries.extend(kind.entries()?);
    }
    let removed = victims(entries, request);
    for entry in &removed {
        remove(&entry.path)?;
    }
    for kind in &kinds {
        let of_kind = removed.iter().filter(|entry| entry.path.starts_with(&kind.root));
        let (entries, bytes) = of_kind.fold((0, 0), |(count, bytes), entry| (count + 1, bytes + entry.bytes));
        parts.push(CachePart { name: kind.name.clone(), entries, bytes });
    }
    Ok(CacheInfo { path: context.cache_dir.display().to_string(), parts })
}

fn packages(context: &Context) -> Result<CachePart, BuildError> {
    let info = PackageCache::new(&context.resolve.cache_dir).info()?;
    Ok(CachePart { name: "packages".into(), entries: info.packages as u64, bytes: info.bytes })
}

/// A folder of entries, so many levels down.
struct Part {
    name: String,
    root: PathBuf,
    depth: usize,
}

fn parts_of(context: &Context) -> Vec<Part> {
    let part = |name: &str, depth| Part { name: name.into(), root: context.cache_dir.join(name), depth };
    // Whoever writes to the cache directory has a line here.
    vec![
        part("layers", 1),
        part("environments", 0),
        part("blobs", 1),
        part("tags", 0),
        part("engine", 0),
        part("facts", 1),
        part("repodata", 0),
        part(crate::sdist::CACHE, 1),
        part(crate::pip::CACHE, 0),
        part(crate::scratch::FOLDER, 0),
    ]
}

impl Part {
    fn entries(&self) -> Result<Vec<Entry>, BuildError> {
        let mut folders = vec![self.root.clone()];
        for _ in 0..self.depth {
            folders = folders.iter().map(|folder| list(folder)).collect::<Result<Vec<_>, _>>()?.concat();
        }
        let paths = folders.iter().map(|folder| list(folder)).collect::<Result<Vec<_>, _>>()?.concat();
        Ok(paths.into_iter().map(entry).collect())
    }
}

/// What is in a folder; nothing where there is no folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |e| BuildError::io("cannot read", folder, e);
    let entries = fs::read_dir(folder).map_err(failed)?;
    // What another process removes meanwhile is no error.
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

fn entry(path: PathBuf) -> Entry {
    // Ours begin with .tmp, those of blobs with .new-.
    let unfinished = |name: &str| name.starts_with(".tmp") || name.starts_with(".new-");
    let temporary = path.file_name().is_some_and(|name| unfinished(&name.to_string_lossy()));
    let (bytes, used) = measure(&path);
    Entry { path, bytes, used, temporary }
}

/// Bytes below a path, and the latest time that anything of it was touched.
fn measure(path: &Path) -> (u64, SystemTime) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return (0, SystemTime::UNIX_EPOCH) };
    let own = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    if !metadata.is_dir() {
        return (metadata.len(), own);
    }
    let below = list(path).unwrap_or_default().iter().map(|path| measure(path)).collect::<Vec<_>>();
    let bytes = below.iter().map(|(bytes, _)| bytes).sum();
    (bytes, below.iter().map(|(_, used)| *used).max().unwrap_or(own))
}

/// The entries to remove: stale ones, old ones, then the least recently used beyond the size.
fn victims(mut entries: Vec<Entry>, request: &PruneRequest) -> Vec<Entry> {
    entries.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.path.cmp(&b.path)));
    let mut kept = 0;
    let goes = |entry: &Entry, kept: &mut u64| {
        let age = age(entry.used);
        if entry.temporary {
            return age > STALE;
        }
        let old = request.max_age.is_some_and(|most| age > most);
        let over = request.max_bytes.is_some_and(|most| *kept + entry.bytes > most);
        if request.all || old || over {
            return true;
        }
        *kept += entry.bytes;
        false
    };
    entries.into_iter().filter(|entry| goes(entry, &mut kept)).collect()
}

#[allow(clippy::disallowed_methods, reason = "pruning by age is about the clock")]
fn age(used: SystemTime) -> Duration {
    SystemTime::now().duration_since(used).unwrap_or_default()
}

fn remove(path: &Path) -> Result<(), BuildError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(BuildError::cache(path, e)),
        _ => Ok(()),
    }
}

fn summary(name: &str, entries: &[Entry]) -> CachePart {
    CachePart {
        name: name.into(),
        entries: entries.len() as u64,
        bytes: entries.iter().map(|entry| entry.bytes).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, bytes: u64, age: Duration) -> Entry {
        #[allow(clippy::disallowed_methods)]
        let used = SystemTime::now() - age;
        Entry { path: name.into(), bytes, used, temporary: name.starts_with(".tmp") }
    }

    fn names(request: PruneRequest) -> Vec<String> {
        let hour = Duration::from_secs(3600);
        let entries = vec![
            entry("new", 10, hour),
            entry("old", 10, 100 * hour),
            entry("middle", 10, 10 * hour),
            entry(".tmp-dead", 10, 100 * hour),
            entry(".tmp-alive", 10, hour),
        ];
        let mut names: Vec<_> =
            victims(entries, &request).iter().map(|entry| entry.path.display().to_string()).collect();
        names.sort();
        names
    }

    #[test]
    fn entries_go_by_age_then_by_size() {
        let request = PruneRequest::default();
        assert_eq!(names(request), [".tmp-dead"]);
        let aged = PruneRequest { max_age: Some(Duration::from_secs(50 * 3600)), ..request };
        assert_eq!(names(aged), [".tmp-dead", "old"]);
        assert_eq!(names(PruneRequest { max_bytes: Some(10), ..request }), [".tmp-dead", "middle", "old"]);
        assert_eq!(names(PruneRequest { all: true, ..request }), [".tmp-dead", "middle", "new", "old"]);
    }
}
