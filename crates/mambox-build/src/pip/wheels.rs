//! Wheels on this machine, ready for their layers.

use std::path::{Path, PathBuf};

use mambox_env::{Libc, Lock, PipPackage, PipSource, WheelName, WheelTarget};
use mambox_layer::{Wheel, WheelArchive};
use mambox_oci::Digest;
use mambox_resolve::Resolver;

use super::PipProblem;
use crate::{BuildError, Context};

/// A wheel whose file is on this machine.
#[derive(Debug, Clone)]
pub(crate) struct ReadyWheel {
    pub(crate) wheel: Wheel,
    pub(crate) path: PathBuf,
    archive: WheelArchive,
}

impl ReadyWheel {
    /// The file at `path`, which was compared with `sha256`.
    pub(crate) fn new(path: &Path, file_name: &str, sha256: Digest, size: u64) -> Result<Self, BuildError> {
        let WheelName { name, version, .. } = WheelName::parse(file_name)
            .map_err(|error| BuildError::io("cannot use", path, std::io::Error::other(error.to_string())))?;
        let archive = WheelArchive::at(path, file_name);
        let wheel = Wheel { name, version, file_name: file_name.to_owned(), sha256, size };
        Ok(Self { wheel, path: path.to_owned(), archive })
    }

    pub(crate) fn archive(&self) -> &WheelArchive {
        &self.archive
    }
}

/// What wheels of an environment have to run on.
///
/// # Errors
/// [`PipProblem::NoPython`] and [`PipProblem::PythonVersion`].
pub(crate) fn target(lock: &Lock, libc: &Libc, file: &str) -> Result<WheelTarget, PipProblem> {
    let python = lock.package("python").ok_or_else(|| PipProblem::NoPython { file: file.to_owned() })?;
    let target = WheelTarget::of_python(python, lock.platform(), libc.clone());
    target.ok_or_else(|| PipProblem::PythonVersion { version: python.record.version.to_string() })
}

/// Refuses a wheel of the lock that does not run on a base. Where nothing is known of the base's C library, that is the
/// business of whoever chose the base.
pub(crate) fn fit(lock: &Lock, libc: &Libc) -> Result<(), PipProblem> {
    if lock.pip().is_empty() {
        return Ok(());
    }
    let target = target(lock, libc, "the lock")?;
    let any = |libc: &Libc| if *libc == Libc::None { newest_glibc() } else { libc.clone() };
    let lenient = WheelTarget { libc: any(libc), ..target.clone() };
    lock.pip().iter().try_for_each(|package| check(package, &lenient, &target))
}

/// Fetches the wheels of a lock, in its order; what has to be built is left out.
pub(crate) async fn fetch(
    lock: &Lock,
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<Vec<ReadyWheel>, BuildError> {
    let wheels: Vec<PipPackage> = lock.pip().iter().filter(|package| package.is_wheel()).cloned().collect();
    files(&wheels, resolver, folders, context).await
}

/// The files of wheels, in their order.
pub(super) async fn files(
    wheels: &[PipPackage],
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<Vec<ReadyWheel>, BuildError> {
    if wheels.is_empty() {
        return Ok(Vec::new());
    }
    let fetched = resolver.fetch_pip(wheels, folders, context.on()).await?;
    let mut ready = Vec::new();
    for (package, file) in wheels.iter().zip(fetched) {
        if let (PipSource::Wheel { file_name, sha256, .. }, Some(file)) = (&package.source, file) {
            let sha256 = Digest::from_bytes((*sha256).into());
            ready.push(ReadyWheel::new(&file.path, file_name, sha256, file.size)?);
        }
    }
    Ok(ready)
}

/// Newer than any.
fn newest_glibc() -> Libc {
    "2.999".parse().map_or(Libc::None, Libc::Glibc)
}

/// Whether a wheel runs on `lenient`; `target` is for the message.
fn check(package: &PipPackage, lenient: &WheelTarget, target: &WheelTarget) -> Result<(), PipProblem> {
    let PipSource::Wheel { file_name, .. } = &package.source else { return Ok(()) };
    match WheelName::parse(file_name).is_ok_and(|name| lenient.rank(&name).is_some()) {
        true => Ok(()),
        false => Err(PipProblem::UnfitWheel { wheel: file_name.clone(), target: describe(target) }),
    }
}

/// Python, platform and libc in words.
fn describe(target: &WheelTarget) -> String {
    let libc = match &target.libc {
        Libc::Glibc(version) => format!("glibc {version}"),
        Libc::Musl(Some(version)) => format!("musl {version}"),
        Libc::Musl(None) => "musl".to_owned(),
        Libc::None => "a base without a C library".to_owned(),
    };
    format!("Python {} of {} with {libc}", target.python_version(), target.platform)
}
