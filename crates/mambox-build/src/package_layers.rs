//! A lock becomes layers: from the cache where they are known, else built in parallel.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mambox_env::{Lock, LockedPackage};
use mambox_layer::{
    Archive, Claims, Compile, LayerError, LayerOptions, LayerPlan, PackageSummary, PlannedLayer,
    PlannedPackage, PycPolicy, Savings, build_layer_with,
};
use mambox_oci::codec::{Compressors, Encoded};
use mambox_oci::{Digest, HashingWriter, History, Image, Layer};
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use mambox_resolve::{FetchedPackage, Resolver};
use mambox_transport::UploadQueue;

use crate::cancel::{CancelOnDrop, Cancelled};
use crate::created::rfc3339;
use crate::environment_facts::{Contents, EnvironmentFacts, FactsCache};
use crate::layer_cache::{LayerCache, Made};
use crate::pyc::{Compiler, Trouble};
use crate::{BuildError, Context, marks};

/// Bytes of an archive that are read at a time.
const READ_BUFFER: usize = 256 * 1024;

/// The layers of an environment's packages, and what came to light on the way.
pub(crate) struct PackageLayers {
    /// Bottom first.
    pub(crate) layers: Vec<Layer>,
    /// How many of them were made now.
    pub(crate) new: usize,
    /// What the packages say together.
    pub(crate) facts: EnvironmentFacts,
    /// Whether there are `.pyc` files that were made for them.
    pub(crate) pyc: PycPolicy,
    /// What was left out of them to save space.
    pub(crate) left_out: Savings,
}

/// A package's archive on this machine.
#[derive(Debug, Clone)]
pub(crate) struct PackageFile {
    archive: Archive,
    path: PathBuf,
    sha256: Option<Digest>,
}

impl PackageFile {
    fn new(package: &FetchedPackage) -> Result<Self, BuildError> {
        let archive = Archive::at(&package.path, &package.locked.file_name)?;
        let sha256 = package.locked.record.sha256.map(|hash| Digest::from_bytes(hash.into()));
        Ok(Self { archive, path: package.path.clone(), sha256 })
    }

    /// The archive.
    pub(crate) fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Compares the bytes with the lock once more, just before they become a layer: since they were fetched,
    /// others may have written to the cache or the channel.
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        let failed = |e| BuildError::io("cannot read", &self.path, e);
        let mut hash = HashingWriter::new(io::sink());
        let file = File::open(&self.path).map_err(failed)?;
        io::copy(&mut BufReader::with_capacity(READ_BUFFER, file), &mut hash).map_err(failed)?;
        let (_, actual, _) = hash.finish();
        match self.sha256 {
            Some(expected) if expected != actual => {
                Err(BuildError::Tampered { path: self.path.clone(), expected, actual })
            }
            _ => Ok(()),
        }
    }
}

/// Makes the layers of a lock on a base. `folders` are channel folders to look for packages in, besides their URLs.
/// Each layer goes into the queue as soon as it is there.
///
/// # Errors
/// [`BuildError::NoPyc`] where a layer is to have `.pyc` files, is not cached, and python does not run here.
pub(crate) async fn package_layers(
    base: &Image,
    lock: &Lock,
    options: &LayerOptions,
    resolver: &Resolver,
    folders: &[PathBuf],
    queue: &UploadQueue,
    context: &Context,
) -> Result<PackageLayers, BuildError> {
    let plan = mambox_layer::plan(lock, options)?;
    if let Some(finished) = all_cached(&plan, context) {
        finished.layers.iter().for_each(|layer| queue.push(layer));
        return Ok(finished);
    }
    let fetched = resolver.fetch_with(lock, folders, context.on()).await?;
    let packages = fetched.iter().map(PackageFile::new).collect::<Result<Vec<_>, _>>()?;
    let guard = CancelOnDrop::default();
    let compiler = match made_pyc(&plan) {
        PycPolicy::Off => None,
        PycPolicy::UncheckedHash => Compiler::new(base, lock, &packages, options, guard.watch(), context)?,
    };
    let packages = by_layer(&plan, lock, &packages);
    let work = Work {
        compiler,
        plan,
        packages,
        layers: LayerCache::new(&context.cache_dir),
        facts: FactsCache::new(&context.cache_dir),
        threads: context.threads.max(1),
        helpers: Compressors::new(context.threads.max(1)),
        reporter: context.reporter.clone(),
        queue: queue.clone(),
        cancelled: guard.watch(),
    };
    let finished = tokio::task::spawn_blocking(move || work.run()).await;
    finished.map_err(|_| BuildError::Worker("making layers"))?
}

/// The lock with a sha256 for every package: one that has only an md5 is fetched and hashed first, since a
/// layer's key must not rest on md5.
pub(crate) async fn with_sha256(
    lock: Lock,
    resolver: &Resolver,
    folders: &[PathBuf],
    on: &dyn Reporter,
) -> Result<Lock, BuildError> {
    if lock.packages().iter().all(|package| package.record.sha256.is_some()) {
        return Ok(lock);
    }
    let fetched = resolver.fetch_with(&lock, folders, on).await?;
    let packages: Vec<LockedPackage> = fetched.into_iter().map(|package| package.locked).collect();
    Ok(Lock::new(lock.platform(), lock.channels(), packages)?)
}

/// Everything from the caches, without a look at a single package; `None` if anything is missing.
fn all_cached(plan: &LayerPlan, context: &Context) -> Option<PackageLayers> {
    let facts = FactsCache::new(&context.cache_dir).get(FactsCache::key(plan))?;
    let plan = plan.with_conflicts(&facts.conflicts);
    let cache = LayerCache::new(&context.cache_dir);
    let layers: Option<Vec<Layer>> = plan.layers().iter().map(|planned| cached(&cache, planned)).collect();
    let layers = layers?;
    for planned in plan.layers() {
        context.on().begin(Stage::Layer, label(planned), None, Unit::Bytes).finish(Outcome::Reused);
    }
    let left_out = left_out(&plan, &cache);
    Some(PackageLayers { layers, new: 0, facts, pyc: made_pyc(&plan), left_out })
}

/// What was left out of all layers, as the cache remembers it.
fn left_out(plan: &LayerPlan, cache: &LayerCache) -> Savings {
    let slim = plan.layers().iter().filter(|planned| !planned.key().slim.is_none());
    slim.fold(Savings::NONE, |mut sum, planned| {
        sum.add(&cache.left_out(planned.key().digest()));
        sum
    })
}

/// Whether some of the layers are to have `.pyc` files.
fn made_pyc(plan: &LayerPlan) -> PycPolicy {
    let made = plan.layers().iter().map(|planned| planned.key().pyc).find(|pyc| !pyc.is_off());
    made.unwrap_or(PycPolicy::Off)
}

fn cached(cache: &LayerCache, planned: &PlannedLayer) -> Option<Layer> {
    cache.get(planned.key().digest(), planned.compression(), history(planned))
}

/// The archives of each layer, in the layer's order.
fn by_layer(plan: &LayerPlan, lock: &Lock, packages: &[PackageFile]) -> Vec<Vec<PackageFile>> {
    let place = |name: &str| lock.packages().iter().position(|package| package.name() == name);
    let of_layer = |planned: &PlannedLayer| {
        let names = planned.packages().iter().map(|p| p.package.name());
        names.filter_map(|name| packages.get(place(name)?).cloned()).collect()
    };
    plan.layers().iter().map(of_layer).collect()
}

/// What a person calls the layer: its package, or how many there are.
pub(crate) fn label(planned: &PlannedLayer) -> String {
    match planned.packages() {
        [one] => package_label(&one.package),
        many => format!("{} packages", many.len()),
    }
}

/// `name-version-build`.
pub(crate) fn package_label(package: &LockedPackage) -> String {
    format!("{}-{}-{}", package.name(), package.record.version, package.record.build.as_str())
}

/// The history entry of a layer: as old as its newest package.
fn history(planned: &PlannedLayer) -> History {
    let packages = planned.packages().iter().map(|p| &p.package);
    let newest =
        packages.clone().filter_map(|p| p.record.timestamp).map(|t| t.timestamp_millis() / 1000).max();
    let comment = packages.map(package_label).collect::<Vec<_>>().join(" ");
    marks::history(marks::PACKAGES, newest.map(rfc3339), Some(comment))
}

/// The blocking part.
struct Work {
    compiler: Option<Compiler>,
    plan: LayerPlan,
    packages: Vec<Vec<PackageFile>>,
    layers: LayerCache,
    facts: FactsCache,
    threads: usize,
    /// As many again, for all layers together: a large one has them to itself once the others are done.
    helpers: Compressors,
    reporter: Arc<dyn Reporter>,
    queue: UploadQueue,
    cancelled: Cancelled,
}

impl Work {
    fn run(self) -> Result<PackageLayers, BuildError> {
        let key = FactsCache::key(&self.plan);
        let (contents, known) = match self.facts.get(key) {
            Some(facts) => (None, Some(facts)),
            None => (Some(Contents::of(&self.plan, &self.claims()?)), None),
        };
        let conflicts = match (&contents, &known) {
            (Some(contents), _) => &contents.conflicts,
            (None, Some(facts)) => &facts.conflicts,
            (None, None) => return Err(BuildError::Worker("comparing packages")),
        };
        let plan = self.plan.with_conflicts(conflicts);
        let made = AtomicUsize::new(0);
        let order = self.order(&plan);
        let layers = in_parallel(self.threads, &order, |index| {
            let (layer, new) = self.layer(&plan.layers()[index], &self.packages[index])?;
            made.fetch_add(usize::from(new), Ordering::Relaxed);
            self.queue.push(&layer);
            Ok(layer)
        });
        let layers = layers.map_err(|error| self.cause(error))?;
        let facts = match (contents, known) {
            (Some(contents), _) => {
                let facts = contents.facts(&plan, &layers)?;
                self.facts.put(key, &facts);
                facts
            }
            (None, known) => known.unwrap_or_default(),
        };
        let left_out = left_out(&plan, &self.layers);
        Ok(PackageLayers { layers, new: made.into_inner(), facts, pyc: made_pyc(&plan), left_out })
    }

    /// A large layer begun last would keep all others waiting, and so would python if it were unpacked last.
    fn order(&self, plan: &LayerPlan) -> Vec<usize> {
        let mut order = largest_first(plan);
        let compiles = |index: &usize| {
            let planned = &plan.layers()[*index];
            let by_python = |planned: &PlannedPackage| planned.package.record.noarch.is_python();
            planned.compiles()
                && planned.packages().iter().any(by_python)
                && !self.layers.contains(planned.key().digest())
        };
        if let Some(first) = order.iter().position(compiles) {
            order[..=first].rotate_right(1);
        }
        order
    }

    fn claims(&self) -> Result<Vec<Claims>, BuildError> {
        let python = self.plan.python();
        let archives = self.packages.iter().flatten().map(|file| &file.archive);
        let packages: Vec<_> = self.plan.packages().zip(archives).collect();
        let order: Vec<usize> = (0..packages.len()).collect();
        in_parallel(self.threads, &order, |index| {
            let (package, archive) = packages[index];
            Ok(Claims::read(package, archive, python)?)
        })
    }

    /// A layer that could not be written is the cache's fault, not the package's.
    fn blame(&self, error: LayerError) -> BuildError {
        match error {
            LayerError::Sink(source) => BuildError::cache(self.layers.root(), source),
            other => other.into(),
        }
    }

    /// What stopped the compiler, if it was that.
    fn cause(&self, error: BuildError) -> BuildError {
        match self.compiler.as_ref().and_then(Compiler::take_trouble) {
            Some(Trouble::Unavailable(reason)) => BuildError::NoPyc { reason },
            Some(Trouble::Failed(error)) => error,
            None => error,
        }
    }

    /// The layer, and whether it was made now.
    fn layer(&self, planned: &PlannedLayer, packages: &[PackageFile]) -> Result<(Layer, bool), BuildError> {
        let on: &dyn Reporter = &*self.reporter;
        let task = on.begin(Stage::Layer, label(planned), Some(planned.archive_size()), Unit::Bytes);
        if let Some(layer) = cached(&self.layers, planned) {
            task.finish(Outcome::Reused);
            return Ok((layer, false));
        }
        let layer =
            self.layers.insert(planned.key().digest(), planned.compression(), history(planned), |file| {
                packages.iter().try_for_each(PackageFile::check)?;
                let archives: Vec<Archive> = packages.iter().map(|file| file.archive.clone()).collect();
                let compiler = self.compiler.as_ref().map(|compiler| compiler as &dyn Compile);
                let sink = self.cancelled.guard(file);
                let built = build_layer_with(planned, &archives, compiler, &self.helpers, sink);
                let (_, output) = built.map_err(|e| self.blame(e))?;
                output.packages.iter().filter_map(not_compiled).for_each(|note| on.note(note));
                let mut left_out = Savings::NONE;
                output.packages.iter().for_each(|package| left_out.add(&package.left_out));
                let encoded = Encoded {
                    diff_id: output.diff_id,
                    tar_size: output.uncompressed_size,
                    digest: output.digest,
                    size: output.size,
                };
                Ok(Made { encoded, left_out })
            })?;
        task.advance(planned.archive_size());
        task.finish(Outcome::Done);
        Ok((layer, true))
    }
}

/// What a person may want to know of a package with sources that do not compile, as templates do not.
fn not_compiled(package: &PackageSummary) -> Option<String> {
    let first = package.uncompiled.first()?;
    let more = match package.uncompiled.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let name = &package.file_name;
    Some(format!("{name}: python does not compile {} ({}){more}", first.path, first.reason))
}

/// The indexes of the layers.
fn largest_first(plan: &LayerPlan) -> Vec<usize> {
    let mut order: Vec<usize> = (0..plan.layers().len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(plan.layers()[index].archive_size()));
    order
}

/// Does `work` for each index, begun in the given order; results come by index. After the first failure
/// nothing more is begun, and that failure is returned.
fn in_parallel<T: Send>(
    threads: usize,
    order: &[usize],
    work: impl Fn(usize) -> Result<T, BuildError> + Sync,
) -> Result<Vec<T>, BuildError> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<T, BuildError>)>> = Mutex::new(Vec::new());
    let failed =
        |results: &[(usize, Result<T, BuildError>)]| results.iter().any(|(_, result)| result.is_err());
    thread::scope(|scope| {
        for _ in 0..threads.min(order.len()) {
            scope.spawn(|| {
                while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(index);
                    let Ok(mut results) = results.lock() else { return };
                    results.push((index, result));
                    if failed(&results) {
                        return;
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().map_err(|_| BuildError::Worker("making layers"))?;
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_by_index_whatever_the_order() {
        for threads in [1, 3, 8] {
            let squares = in_parallel(threads, &[3, 0, 2, 1], |index| Ok(index * index)).unwrap();
            assert_eq!(squares, [0, 1, 4, 9]);
        }
    }

    #[test]
    fn after_a_failure_nothing_more_is_begun() {
        let begun = AtomicUsize::new(0);
        let result = in_parallel(1, &[0, 1, 2], |_| {
            begun.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(BuildError::Worker("a test"))
        });
        assert!(result.is_err());
        assert_eq!(begun.into_inner(), 1);
    }
}
