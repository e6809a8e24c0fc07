//! The sources of a distribution that has no wheel.

use std::path::PathBuf;

use mambox_env::{PipPackage, PipSource};
use mambox_oci::Digest;
use mambox_resolve::Resolver;

use super::PipProblem;
use crate::package_file::check;
use crate::sdist::{Commit, Sources};
use crate::{BuildError, Context};

/// Fetches an archive, finds a folder, or names a commit, which is checked out only where its files are wanted.
pub(super) async fn sources(
    package: &PipPackage,
    resolver: &Resolver,
    folders: &[PathBuf],
    context: &Context,
) -> Result<Sources, BuildError> {
    match &package.source {
        PipSource::Wheel { file_name, .. } | PipSource::Sdist { file_name, .. } => {
            let subdirectory = match &package.source {
                PipSource::Sdist { subdirectory, .. } => subdirectory.clone(),
                _ => None,
            };
            let fetched = resolver.fetch_pip(std::slice::from_ref(package), folders, context.on()).await?;
            let file = fetched.into_iter().flatten().next().ok_or(BuildError::Worker("fetching sources"))?;
            if let PipSource::Wheel { sha256, .. } | PipSource::Sdist { sha256, .. } = &package.source {
                check(&file.path, Digest::from_bytes((*sha256).into()))?;
            }
            Ok(Sources::Archive { path: file.path, file_name: file_name.clone(), subdirectory })
        }
        PipSource::Folder { path } if path.is_dir() => {
            Ok(Sources::Folder { path: path.clone(), subdirectory: None })
        }
        PipSource::Folder { path } => {
            let (package, path) = (package.name.clone(), path.clone());
            Err(PipProblem::NoFolder { package, path }.into())
        }
        PipSource::Git { url, commit, subdirectory } => {
            Ok(Sources::Commit(Commit::new(url.clone(), commit, subdirectory.clone())))
        }
    }
}
