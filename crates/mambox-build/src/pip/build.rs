//! Distributions that have no wheel get one, built in the sandbox on the environment's conda packages.

use std::fs::File;
use std::path::{Path, PathBuf};

use mambox_env::{Libc, Lock, PipPackage, WheelName};
use mambox_layer::{
    LayerError, LayerOptions, PycPolicy, Python, SlimPolicies, build_wheel_layer, plan_wheels,
};
use mambox_oci::{Compression, Descriptor, Digest, FileBlob, History, Image, Layer};
use mambox_resolve::Resolver;

use super::sources::sources;
use super::wheels::{ReadyWheel, files};
use super::{PipProblem, target};
use crate::package_file::check;
use crate::root::LazyRoot;
use crate::scratch::Scratch;
use crate::sdist::{self, Identity};
use crate::{BuildError, Context, PipOptions};

/// What wheels are built on.
pub(crate) struct Buildable<'a> {
    /// What the conda packages are put on.
    pub(crate) base: &'a Image,
    /// The base and the conda packages.
    pub(crate) image: &'a Image,
    pub(crate) lock: &'a Lock,
    /// The base's.
    pub(crate) libc: &'a Libc,
    pub(crate) layers: &'a LayerOptions,
    /// What a container's first process finds.
    pub(crate) env: &'a [(String, String)],
    /// Where else files may lie.
    pub(crate) folders: &'a [PathBuf],
}

/// Refuses what would have to be built, where that is not wanted.
pub(crate) fn forbid(lock: &Lock, options: &PipOptions) -> Result<(), PipProblem> {
    match lock.pip().iter().find(|package| options.no_build && !package.is_wheel()) {
        Some(package) => Err(PipProblem::NoBuild { package: package.label() }),
        None => Ok(()),
    }
}

/// Builds every distribution of the lock that has no wheel, or takes it from the cache.
pub(crate) async fn build(
    on: &Buildable<'_>,
    resolver: &Resolver,
    context: &Context,
) -> Result<Vec<ReadyWheel>, BuildError> {
    let mut built = Vec::new();
    let mut root = LazyRoot::default();
    for package in on.lock.pip().iter().filter(|package| !package.is_wheel()) {
        built.push(on.build(package, &mut root, resolver, context).await?);
    }
    Ok(built)
}

impl Buildable<'_> {
    async fn build(
        &self,
        package: &PipPackage,
        root: &mut LazyRoot,
        resolver: &Resolver,
        context: &Context,
    ) -> Result<ReadyWheel, BuildError> {
        let python =
            self.lock.package("python").ok_or_else(|| PipProblem::NoPython { file: "the lock".into() })?;
        let python = Python::of(&python.record).map_err(LayerError::from)?;
        let sources = sources(package, resolver, self.folders, context).await?;
        let requires = files(self.requires(package, context)?, resolver, self.folders, context).await?;
        let scratch = Scratch::new(&context.cache_dir)?;
        let site = self.site(&requires, scratch.path())?;
        let ground = sdist::Ground {
            image: self.image,
            target: &target(self.lock, self.libc, "the lock")?,
            prefix: self.layers.prefix.as_str(),
            env: self.env,
            site: site.as_ref().map(|layer| (layer, python.site_packages.as_str())),
            identity: &self.identity(&requires, package.build_requires.is_some()),
        };
        let (name, version) = (package.name.as_str(), package.version.as_deref());
        let wheel = sdist::build_wheel(name, version, &sources, &ground, root, context).await?;
        ReadyWheel::new(&wheel.path, &wheel.file_name, wheel.sha256, wheel.size)
    }

    /// What decides the wheel besides its sources; whether the lock pins the build requirements.
    fn identity(&self, requires: &[ReadyWheel], pinned: bool) -> Identity {
        let packages = self.lock.packages().iter().filter_map(|package| package.record.sha256);
        let base = self.base.config().diff_ids();
        let base = base.iter().map(|id| Digest::of(id.to_string().as_bytes()));
        // Packages come in the lock's order, and layers in the base's.
        let mut bound: Vec<Digest> =
            base.chain(packages.map(|hash| Digest::from_bytes(hash.into()))).collect();
        let mut shared = Vec::new();
        for ReadyWheel { wheel, .. } in requires {
            let is_pure = WheelName::parse(&wheel.file_name).is_ok_and(|name| name.is_pure());
            if is_pure { shared.push(wheel.sha256) } else { bound.push(wheel.sha256) }
        }
        shared.sort();
        shared.push(self.conda());
        Identity { shared, bound, pinned }
    }

    /// What platforms of one environment have in common of conda: python's version, and packages of no platform. What is of
    /// one, such as its linker, has no part in a wheel for all.
    fn conda(&self) -> Digest {
        let records = self.lock.packages().iter().map(|package| &package.record);
        let common = records.filter(|r| r.subdir == "noarch" || r.name.as_normalized() == "python");
        let mut lines: Vec<String> =
            common.map(|r| format!("{} {}\n", r.name.as_normalized(), r.version)).collect();
        lines.sort();
        Digest::of(lines.concat().as_bytes())
    }

    /// The build requirements as a layer for the environment's prefix, though it is laid elsewhere; none where there are
    /// none.
    fn site(&self, requires: &[ReadyWheel], folder: &Path) -> Result<Option<Layer>, BuildError> {
        if requires.is_empty() {
            return Ok(None);
        }
        let options = LayerOptions {
            prefix: self.layers.prefix.clone(),
            compression: Compression::None,
            max_layers: 1,
            pyc: PycPolicy::Off,
            slim: SlimPolicies::NONE,
        };
        requires.iter().try_for_each(|ready| check(&ready.path, ready.wheel.sha256))?;
        let wheels: Vec<_> = requires.iter().map(|ready| ready.wheel.clone()).collect();
        let plan = plan_wheels(&wheels, self.lock, &options)?;
        let planned = plan.layers().first().ok_or(BuildError::Worker("planning build requirements"))?;
        let archives = planned.wheels().iter().filter_map(|planned| {
            let ready = requires.iter().find(|ready| ready.wheel == planned.wheel)?;
            Some(ready.archive().clone())
        });
        let archives: Vec<_> = archives.collect();
        let path = folder.join("site.tar");
        let file = File::create_new(&path).map_err(|e| BuildError::cache(&path, e))?;
        let (_, output) = build_wheel_layer(planned, &archives, None, None, file)?;
        let descriptor = Descriptor::new(Compression::None.media_type(), output.digest, output.size);
        Ok(Some(Layer::new(descriptor, output.diff_id, History::default(), FileBlob(path))))
    }

    fn requires<'p>(
        &self,
        package: &'p PipPackage,
        context: &Context,
    ) -> Result<&'p [PipPackage], BuildError> {
        match &package.build_requires {
            Some(requires) => Ok(requires),
            None => {
                context.on().warn(format!(
                    "the lock does not say what {} is built with, so only modules of the environment are there",
                    package.name
                ));
                Ok(&[])
            }
        }
    }
}
