//! From sources to a wheel in the cache.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use mambox_oci::Digest;
use mambox_progress::{Outcome, Stage, Unit};

use super::canonical;
use super::driver::{Call, Driver, of_sandbox};
use super::error::SdistProblem;
use super::ground::{Ground, Keys};
use super::project::Project;
use super::result::Wanted;
use super::sources::{self, Sources};
use super::stage;
use super::walk::Skip;
use super::wheels::{BuiltWheel, Wheels};
use super::workshop::Workshop;
use crate::cancel::{CancelOnDrop, Cancelled};
use crate::root::LazyRoot;
use crate::{BuildError, Context, pyc, sandboxed};

/// Builds the wheel of a distribution, or finds it in the cache. `name` and `version` (where it is known) are what the
/// result is checked against; backends that would ask git for the version are told it. `root` is unpacked from the ground's image when something is built, and stays as it is, so
/// that one serves for all builds on that image.
///
/// # Errors
/// [`BuildError::Sdist`], which names the distribution; others where cache or image fail.
pub(crate) async fn build_wheel(
    name: &str,
    version: Option<&str>,
    sources: &Sources,
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<BuiltWheel, BuildError> {
    let what = format!("{name} ({})", sources.label());
    let of = |problem: SdistProblem| problem.of(&what);
    let wanted =
        Wanted { name: name.to_owned(), version: version.map(str::to_owned), target: ground.target.clone() };
    let content = sources::hash(sources).map_err(of)?;
    let keys = Keys::of(content, sources.subdirectory(), version, ground);
    let wheels = Wheels::new(&context.cache_dir);
    if let Some(wheel) = cached(&wheels, &keys, ground).map_err(of)? {
        wanted.check(&wheel.file_name).map_err(of)?;
        return Ok(wheel);
    }
    let sandbox = sandboxed::find(ground.image, "python", context).map_err(|error| of(of_sandbox(error)))?;
    let origin = Origin::of(sources, context).await?;
    let files = root.files(ground.image, "building wheels", context).await?;
    let shop = Workshop::new(&what, ground, context).await?;
    let task = context.on().begin(Stage::Run, format!("build the wheel of {name}"), None, Unit::Items);
    let guard = CancelOnDrop::default();
    let work = Work {
        driver: Driver::new(sandbox, files, version, ground),
        subdirectory: sources.subdirectory().map(str::to_owned),
        origin,
        content,
        shop,
        wanted,
        keys,
        wheels,
        cancelled: guard.watch(),
    };
    let done = tokio::task::spawn_blocking(move || work.run()).await;
    let wheel = done.map_err(|_| BuildError::Worker("building a wheel"))?.map_err(of)?;
    task.finish(Outcome::Done);
    context.on().note(format!("the wheel of {name} was built here from its sources"));
    Ok(wheel)
}

/// What is in the cache. Where python cannot run, that has to do.
fn cached(wheels: &Wheels, keys: &Keys, ground: &Ground<'_>) -> Result<Option<BuiltWheel>, SdistProblem> {
    if let Some(wheel) = wheels.get(keys.here) {
        return Ok(Some(wheel));
    }
    let platform = ground.image.platform();
    match pyc::cannot_run(&pyc::Ground { platform: &platform, libc: &ground.target.libc }) {
        // Only then, so that the bytes do not depend on what is in the cache.
        Some(why) => {
            let of_another = keys.anywhere.and_then(|key| wheels.get(key));
            of_another.map(Some).ok_or(SdistProblem::CannotRun(why))
        }
        None => Ok(None),
    }
}

/// What the sources are copied from.
enum Origin {
    Archive(PathBuf),
    Folder(PathBuf),
    Checkout(PathBuf),
}

impl Origin {
    async fn of(sources: &Sources, context: &Context) -> Result<Self, BuildError> {
        Ok(match sources {
            Sources::Archive { path, .. } => Self::Archive(path.clone()),
            Sources::Folder { path, .. } => Self::Folder(path.clone()),
            Sources::Commit(commit) => Self::Checkout(commit.folder(context).await?),
        })
    }
}

/// All that a thread takes along; the folders go with it, not with whoever waits.
struct Work {
    driver: Driver,
    origin: Origin,
    subdirectory: Option<String>,
    content: Digest,
    shop: Workshop,
    wanted: Wanted,
    keys: Keys,
    wheels: Wheels,
    cancelled: Cancelled,
}

impl Work {
    fn run(&self) -> Result<BuiltWheel, SdistProblem> {
        let subdirectory = self.subdirectory.as_deref();
        self.stage()?;
        let project = Project::in_folder(&self.shop.sources(), subdirectory)?;
        let binds = self.shop.binds();
        let call = Call::new(&project, subdirectory, &binds, &self.cancelled);
        let missing = self.driver.wishes(&call)?.missing();
        if !missing.is_empty() {
            return Err(SdistProblem::Requires { missing });
        }
        let told = self.driver.wheel(&call)?;
        let made = self.shop.wheels()?;
        match &made[..] {
            [one] if *one == told => self.store(one),
            _ => Err(SdistProblem::Wheels(made)),
        }
    }

    /// Lays the sources out, and sees that they are still what the key says.
    fn stage(&self) -> Result<(), SdistProblem> {
        let (to, subdirectory) = (self.shop.sources(), self.subdirectory.as_deref());
        let again = match &self.origin {
            Origin::Checkout(path) => return stage::folder(path, &to, &Skip::GIT, &self.cancelled),
            Origin::Archive(path) => {
                stage::archive(path, &to, &self.cancelled)?;
                sources::hash_file(path)?
            }
            Origin::Folder(path) => {
                stage::folder(path, &to, &Skip::LEFTOVERS.and_top(subdirectory), &self.cancelled)?;
                sources::hash_folder(&to, subdirectory)?
            }
        };
        if again == self.content { Ok(()) } else { Err(SdistProblem::Changed) }
    }

    fn store(&self, file_name: &str) -> Result<BuiltWheel, SdistProblem> {
        let wheel = self.wanted.check(file_name)?;
        let made = self.shop.out().join(file_name);
        let rewrite =
            |file: &mut File, path: &Path| canonical::rewrite(&made, file_name, file, path, &self.cancelled);
        let built = self.wheels.insert(self.keys.here, file_name, rewrite)?;
        if let Some(anywhere) = self.keys.anywhere.filter(|_| wheel.is_pure()) {
            let again = |file: &mut File, path: &Path| {
                let mut copy = || io::copy(&mut File::open(&built.path)?, file);
                copy().map(drop).map_err(SdistProblem::io("cannot write to the cache", path))
            };
            self.wheels.insert(anywhere, file_name, again)?;
        }
        Ok(built)
    }
}
