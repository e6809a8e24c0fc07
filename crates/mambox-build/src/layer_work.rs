//! Layers made in parallel, for want of cached ones: the part that blocks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use mambox_env::LockedPackage;
use mambox_layer::{
    Archive, Claims, Compile, LayerError, PackageSummary, Python, Savings, WheelArchive, build_layer_with,
    build_wheel_layer,
};
use mambox_oci::Layer;
use mambox_oci::codec::{Compressors, Encoded};
use mambox_progress::{Outcome, Reporter, Stage, Unit};
use mambox_transport::UploadQueue;

use crate::BuildError;
use crate::cancel::Cancelled;
use crate::environment_facts::{Contents, FactsCache};
use crate::layer_cache::{LayerCache, Made};
use crate::package_file::{PackageFile, check};
use crate::package_layers::{PackageLayers, cached, left_out};
use crate::pip::{self, ReadyWheel};
use crate::plans::{Planned, Plans};
use crate::pyc::{Compiler, Trouble};

/// The archives of one layer, in its order.
pub(crate) enum Files {
    Packages(Vec<PackageFile>),
    Wheels(Vec<ReadyWheel>),
}

/// Everything that making the layers takes.
pub(crate) struct Work {
    pub(crate) compiler: Option<Compiler>,
    pub(crate) plans: Plans,
    /// Of each layer.
    pub(crate) files: Vec<Files>,
    /// Whether wheels may replace what conda packages have.
    pub(crate) wheels_win: bool,
    pub(crate) layers: LayerCache,
    pub(crate) facts: FactsCache,
    pub(crate) threads: usize,
    /// As many again, for all layers together: a large one has them to itself once the others are done.
    pub(crate) helpers: Compressors,
    pub(crate) reporter: Arc<dyn Reporter>,
    pub(crate) queue: UploadQueue,
    pub(crate) cancelled: Cancelled,
}

impl Work {
    /// Compares what the packages have, and makes their layers.
    pub(crate) fn run(self) -> Result<PackageLayers, BuildError> {
        let key = self.plans.facts_key(self.wheels_win);
        let (contents, known) = match self.facts.get(key) {
            Some(facts) => (None, Some(facts)),
            None => (Some(self.contents()?), None),
        };
        let conflicts = match (&contents, &known) {
            (Some(contents), _) => &contents.conflicts,
            (None, Some(facts)) => &facts.conflicts,
            (None, None) => return Err(BuildError::Worker("comparing packages")),
        };
        let plans = self.plans.with_conflicts(conflicts);
        let planned = plans.layers();
        let made = AtomicUsize::new(0);
        let order = self.order(&planned);
        let layers = in_parallel(self.threads, &order, |index| {
            let (layer, new) = self.layer(planned[index], &self.files[index])?;
            made.fetch_add(usize::from(new), Ordering::Relaxed);
            self.queue.push(&layer);
            Ok(layer)
        });
        let layers = layers.map_err(|error| self.cause(error))?;
        let facts = match (contents, known) {
            (Some(contents), _) => {
                let facts = contents.facts(&plans, &layers)?;
                self.facts.put(key, &facts);
                facts
            }
            (None, known) => known.unwrap_or_default(),
        };
        let left_out = left_out(&plans, &self.layers);
        Ok(PackageLayers { layers, new: made.into_inner(), facts, pyc: plans.pyc(), left_out })
    }

    /// What the packages and wheels say together.
    fn contents(&self) -> Result<Contents, BuildError> {
        let mut claims = self.claims()?;
        let archives: HashMap<&str, &Archive> = self.packages().collect();
        let archive = |package: &str| archives.get(package).copied();
        let conflicts = pip::settle(&mut claims, &self.plans, self.wheels_win, archive)?;
        Ok(Contents::of(&claims, conflicts))
    }

    /// Names of the conda packages, with their archives.
    fn packages(&self) -> impl Iterator<Item = (&str, &Archive)> {
        let files = self.files.iter().filter_map(|files| match files {
            Files::Packages(files) => Some(files),
            Files::Wheels(_) => None,
        });
        let names = self.plans.packages.packages().map(LockedPackage::name);
        names.zip(files.flatten().map(PackageFile::archive))
    }

    fn claims(&self) -> Result<Vec<Claims>, BuildError> {
        let python = self.plans.python();
        let packages: Vec<_> = self.plans.packages.packages().collect();
        let (mut archives, mut wheels) = (Vec::new(), Vec::new());
        for files in &self.files {
            match files {
                Files::Packages(files) => archives.extend(files.iter().map(PackageFile::archive)),
                Files::Wheels(files) => wheels.extend(files),
            }
        }
        let order: Vec<usize> = (0..archives.len() + wheels.len()).collect();
        in_parallel(self.threads, &order, |index| match archives.get(index) {
            Some(archive) => Ok(Claims::read(packages[index], archive, python)?),
            None => claims_of_wheel(wheels[index - archives.len()], python),
        })
    }

    /// A large layer begun last would keep all others waiting, and so would python if it were unpacked last.
    fn order(&self, planned: &[Planned<'_>]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..planned.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(planned[index].archive_size()));
        let compiles =
            |index: &usize| planned[*index].compiles() && !self.layers.contains(planned[*index].key());
        if let Some(first) = order.iter().position(compiles) {
            order[..=first].rotate_right(1);
        }
        order
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
    fn layer(&self, planned: Planned<'_>, files: &Files) -> Result<(Layer, bool), BuildError> {
        let on: &dyn Reporter = &*self.reporter;
        let size = planned.archive_size();
        let task = on.begin(Stage::Layer, planned.label(), Some(size), Unit::Bytes);
        if let Some(layer) = cached(&self.layers, planned) {
            task.finish(Outcome::Reused);
            return Ok((layer, false));
        }
        let layer = self.layers.insert(planned.key(), planned.compression(), planned.history(), |file| {
            let sink = self.cancelled.guard(file);
            let compiler = self.compiler.as_ref().map(|compiler| compiler as &dyn Compile);
            let built = match (planned, files) {
                (Planned::Packages(planned), Files::Packages(files)) => {
                    files.iter().try_for_each(PackageFile::check)?;
                    let archives: Vec<Archive> = files.iter().map(|file| file.archive().clone()).collect();
                    build_layer_with(planned, &archives, compiler, &self.helpers, sink)
                }
                (Planned::Wheels(planned), Files::Wheels(files)) => {
                    files.iter().try_for_each(|ready| check(&ready.path, ready.wheel.sha256))?;
                    let archives: Vec<WheelArchive> =
                        files.iter().map(|ready| ready.archive().clone()).collect();
                    build_wheel_layer(planned, &archives, compiler, Some(&self.helpers), sink)
                }
                _ => return Err(BuildError::Worker("making layers")),
            };
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
        task.advance(size);
        task.finish(Outcome::Done);
        Ok((layer, true))
    }
}

fn claims_of_wheel(ready: &ReadyWheel, python: Option<&Python>) -> Result<Claims, BuildError> {
    let python = python.ok_or(BuildError::Worker("comparing wheels"))?;
    Ok(Claims::of_wheel(&ready.wheel, ready.archive(), python)?)
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
