//! The `pip:` section of an environment becomes exact distributions, and with those that have no wheel goes what they are
//! built with.

use std::collections::BTreeMap;
use std::path::Path;

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
    learn_logins(section.requirements, resolver, context);
    let asked = Asked { section, target: &target, context };
    let installed = mambox_pip::installed(section.lock);
    let mut packages = asked.packages(section.requirements, &installed, section.no_build).await?;
    for package in packages.iter_mut().filter(|package| !package.is_wheel()) {
        package.build_requires = Some(asked.build_requires(package, resolver).await?);
    }
    Ok(section.lock.clone().with_pip(packages)?)
}

/// What all questions to uv share.
struct Asked<'a> {
    section: &'a Section<'a>,
    target: &'a WheelTarget,
    context: &'a Context,
}

impl Asked<'_> {
    async fn packages(
        &self,
        requirements: &[String],
        installed: &[Installed],
        no_build: bool,
    ) -> Result<Vec<PipPackage>, BuildError> {
        let request = PipRequest {
            file: self.section.file,
            requirements,
            folder: self.section.folder,
            target: self.target,
            installed,
            no_build,
            variables: &self.context.variables,
            cache_dir: &self.context.cache_dir.join(CACHE),
            offline: self.context.resolve.network.offline,
        };
        Ok(mambox_pip::resolve(self.section.uv, &request, self.context.on()).await?)
    }

    /// What sources are built with: wheels only, with the section's indexes.
    async fn build_requires(
        &self,
        package: &PipPackage,
        resolver: &Resolver,
    ) -> Result<Vec<PipPackage>, BuildError> {
        let sources = sources(package, resolver, &[], self.context).await?;
        let requires = sdist::build_requirements(&sources, self.context).await?;
        if requires.is_empty() {
            return Ok(Vec::new());
        }
        let options = self.section.requirements.iter().filter(|line| is_index_option(line)).cloned();
        let lines: Vec<String> = options.chain(requires).collect();
        self.packages(&lines, &[], true).await
    }
}

/// Whether a line says where distributions are looked for.
fn is_index_option(line: &str) -> bool {
    let options =
        ["-i", "--index-url", "--extra-index-url", "--no-index", "-f", "--find-links", "--trusted-host"];
    let first = line.trim().split([' ', '=', '\t']).next().unwrap_or_default();
    options.contains(&first)
}

/// The C library that wheels may count on.
pub(crate) fn libc(of_base: &Libc, overrides: &BTreeMap<String, String>) -> Libc {
    let wished = overrides.get("CONDA_OVERRIDE_GLIBC").and_then(|version| version.parse().ok());
    wished.map_or_else(|| of_base.clone(), Libc::Glibc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_name_indexes_hold_for_build_requirements_too() {
        for line in ["--index-url https://h.invalid/simple", "-f ./wheels", "--no-index", "--find-links=./w"]
        {
            assert!(is_index_option(line), "{line}");
        }
        for line in ["-r more.txt", "rich", "-e ./x", "--pre", "-c c.txt"] {
            assert!(!is_index_option(line), "{line}");
        }
    }
}
