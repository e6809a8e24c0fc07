//! The `pip:` section of an environment becomes exact distributions, and with those that have no wheel goes what they are
//! built with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mambox_env::{Libc, Lock, PipPackage, VirtualPackageFacts, WheelTarget};
use mambox_pip::{Installed, PipRequest, Uv};
use mambox_resolve::Resolver;

use super::logins::learn_logins;
use super::sources::sources;
use super::target;
use crate::{BuildError, Context, PipOptions, sdist};

/// What uv keeps, below the cache folder.
pub(crate) const CACHE: &str = "pip";

/// A `pip:` section, and the conda packages that were locked beside it.
pub(crate) struct Section<'a> {
    /// For messages.
    pub(crate) file: &'a str,
    /// Where relative paths start.
    pub(crate) folder: &'a Path,
    /// As written.
    pub(crate) requirements: &'a [String],
    /// The conda packages.
    pub(crate) lock: &'a Lock,
    /// The image's.
    pub(crate) facts: &'a VirtualPackageFacts,
    pub(crate) no_build: bool,
    pub(crate) uv: &'a Uv,
}

/// The uv of this machine.
pub(crate) async fn find_uv(options: &PipOptions, context: &Context) -> Result<Uv, BuildError> {
    Ok(Uv::find(options.uv.as_deref(), &context.search_path).await?)
}

/// The conda packages with the distributions beside them.
pub(crate) async fn resolve(
    section: &Section<'_>,
    resolver: &Resolver,
    context: &Context,
) -> Result<Lock, BuildError> {
    let libc = libc(&section.facts.libc, &section.facts.overrides);
    let target = target(section.lock, &libc, section.file)?;
    let asked = Asked { section, target: &target, context, cache: context.cache_dir.join(CACHE) };
    let indexes = mambox_pip::index_options(&asked.request(section.requirements, &[], section.no_build))?;
    learn_logins(&[section.requirements, &indexes].concat(), resolver, context);
    let installed = mambox_pip::installed(section.lock);
    let mut packages = asked.packages(section.requirements, &installed, section.no_build).await?;
    for package in packages.iter_mut().filter(|package| !package.is_wheel()) {
        package.build_requires = Some(asked.build_requires(package, &indexes, resolver).await?);
    }
    Ok(section.lock.clone().with_pip(packages)?)
}

/// What all questions to uv share.
struct Asked<'a> {
    section: &'a Section<'a>,
    target: &'a WheelTarget,
    context: &'a Context,
    /// What uv keeps.
    cache: PathBuf,
}

impl Asked<'_> {
    fn request<'b>(
        &'b self,
        requirements: &'b [String],
        installed: &'b [Installed],
        no_build: bool,
    ) -> PipRequest<'b> {
        PipRequest {
            file: self.section.file,
            requirements,
            folder: self.section.folder,
            target: self.target,
            installed,
            no_build,
            variables: &self.context.variables,
            cache_dir: &self.cache,
            offline: self.context.resolve.network.offline,
        }
    }

    async fn packages(
        &self,
        requirements: &[String],
        installed: &[Installed],
        no_build: bool,
    ) -> Result<Vec<PipPackage>, BuildError> {
        let request = self.request(requirements, installed, no_build);
        Ok(mambox_pip::resolve(self.section.uv, &request, self.context.on()).await?)
    }

    /// What sources are built with: wheels only, with the section's indexes.
    async fn build_requires(
        &self,
        package: &PipPackage,
        indexes: &[String],
        resolver: &Resolver,
    ) -> Result<Vec<PipPackage>, BuildError> {
        let sources = sources(package, resolver, &[], self.context).await?;
        let requires = sdist::build_requirements(&sources, self.context).await?;
        if requires.is_empty() {
            return Ok(Vec::new());
        }
        self.packages(&[indexes, &requires].concat(), &[], true).await
    }
}

/// The C library that wheels may count on.
pub(crate) fn libc(of_base: &Libc, overrides: &BTreeMap<String, String>) -> Libc {
    let wished = overrides.get("CONDA_OVERRIDE_GLIBC").and_then(|version| version.parse().ok());
    wished.map_or_else(|| of_base.clone(), Libc::Glibc)
}
