//! Sources are laid out for a build.

use std::fs::{self, File};
use std::path::Path;

use super::error::SdistProblem;
use super::unpack::{self, unpack};
use super::walk::{Kind, Skip, walk};
use crate::cancel::Cancelled;

/// Unpacks an archive; `folder` is made and becomes what is in the archive's top folder.
pub(super) fn archive(path: &Path, folder: &Path, cancelled: &Cancelled) -> Result<(), SdistProblem> {
    let whole = folder.with_extension("unpacked");
    unpack::folder(&whole)?;
    let top = unpack(path, &whole, cancelled)?;
    fs::rename(whole.join(top), folder).map_err(SdistProblem::io("cannot write", folder))
}

/// Copies a folder but for what is skipped; `to` is made.
pub(super) fn folder(from: &Path, to: &Path, skip: &Skip, cancelled: &Cancelled) -> Result<(), SdistProblem> {
    let found = walk(from, skip)?;
    unpack::folder(to)?;
    for entry in found {
        let (source, place) = (from.join(&entry.path), to.join(&entry.path));
        match entry.kind {
            Kind::Folder => unpack::folder(&place)?,
            Kind::Link(target) => unpack::link(&target, &place)?,
            Kind::File { executable } => {
                let mut file = File::open(&source).map_err(SdistProblem::io("cannot read", &source))?;
                unpack::write(&place, executable, &mut file, cancelled)?;
            }
        }
    }
    Ok(())
}
