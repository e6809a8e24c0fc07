//! Links the files of all packages, by several threads.

use std::collections::HashMap;
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rattler_conda_types::package::PathType;

use crate::error::TransactionError;
use crate::file::{Destination, Origin, Patched, Replacements};
use crate::placed::Placed;
use crate::plan::{Event, Observer};
use crate::prefix::Prefix;

/// Files that a thread takes at a time: mostly those of one folder, since threads that write into the same one wait for
/// each other.
const CHUNK: usize = 128;
/// Mode of entry points; conda and rattler write the same.
const SCRIPT_MODE: u32 = 0o775;

/// Makes folders, parents first.
pub(crate) fn make_folders(prefix: &Prefix, folders: &[String]) -> Result<(), TransactionError> {
    let mut builder = DirBuilder::new();
    builder.mode(0o775);
    for folder in folders {
        let path = prefix.path().join(folder);
        match builder.create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(TransactionError::io("make", &path)(error)),
        }
    }
    Ok(())
}

/// By index of package and of file.
pub(crate) type AllPatched = HashMap<(usize, usize), Patched>;

/// Links all files and writes all entry points; gives what was patched.
pub(crate) fn link(
    destination: &Destination<'_>,
    origins: &[Origin<'_>],
    placed: &[Placed<'_>],
    threads: usize,
    cancel: &AtomicBool,
    on: &dyn Observer,
) -> Result<AllPatched, TransactionError> {
    let chunks = Mutex::new(Chunks { placed, package: 0, file: 0, on });
    let failed = AtomicBool::new(false);
    let work = || {
        let mut patched = Vec::new();
        let mut replacements = Replacements::new();
        while let Some((package, files)) = next(&chunks) {
            let opened = origins[package].open();
            failed.fetch_or(opened.is_err(), Ordering::Relaxed);
            let opened = opened?;
            for index in files {
                if failed.load(Ordering::Relaxed) {
                    return Ok(patched);
                }
                if cancel.load(Ordering::Relaxed) {
                    return Err(TransactionError::Cancelled);
                }
                let target = &placed[package].targets.files[index];
                if target.masked || target.entry.path_type == PathType::Directory {
                    continue;
                }
                let done = destination.place(&opened, target, &mut replacements);
                failed.fetch_or(done.is_err(), Ordering::Relaxed);
                patched.extend(done?.map(|done| ((package, index), done)));
            }
        }
        Ok(patched)
    };
    let results: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let joined = others.into_iter().map(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.chain([mine]).collect()
    });
    let mut all = HashMap::new();
    for result in results {
        all.extend(result?);
    }
    Ok(all)
}

/// Hands out files in the order of the plan.
struct Chunks<'a> {
    placed: &'a [Placed<'a>],
    package: usize,
    file: usize,
    on: &'a dyn Observer,
}

fn next(chunks: &Mutex<Chunks<'_>>) -> Option<(usize, Range<usize>)> {
    let mut chunks = chunks.lock().ok()?;
    loop {
        let placed = chunks.placed.get(chunks.package)?;
        if chunks.file == 0 {
            chunks.on.event(Event::Linking { dist: placed.source.dist.clone() });
        }
        let (package, start) = (chunks.package, chunks.file);
        let end = placed.targets.files.len().min(start + CHUNK);
        if end == placed.targets.files.len() {
            chunks.package += 1;
            chunks.file = 0;
        } else {
            chunks.file = end;
        }
        if end > start {
            return Some((package, start..end));
        }
    }
}

/// Writes a package's entry points; gives their texts, in order.
pub(crate) fn entry_points(
    destination: &Destination<'_>,
    prefix: &Prefix,
    placed: &Placed<'_>,
    python: Option<&mambox_link::Python>,
) -> Result<Vec<(String, String)>, TransactionError> {
    let mut written = Vec::new();
    let source = placed.source;
    for (entry_point, path) in source.entry_points.iter().zip(&placed.targets.entry_points) {
        let (Some(python), Some(path)) = (python, path) else { continue };
        let text = python.entry_point_script(prefix.text(), entry_point);
        destination.write(path, SCRIPT_MODE, Some(source.time), text.as_bytes())?;
        written.push((path.clone(), text));
    }
    Ok(written)
}
