//! An extracted package in a cache: what its `info` says, and whether its files are there.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use mambox_link::{Contents, Targets, ancestors};
use rattler_conda_types::package::{
    EntryPoint, IndexJson, LinkJson, NoArchLinks, PackageFile, PathType, PathsEntry, PathsJson,
};

use crate::error::TransactionError;
use crate::history::dist;
use crate::plan::Package;

/// Where neither the package nor its record tells a time: what image layers give to folders, 1980-01-01.
const NO_TIME: u64 = 315_532_800;

/// A package with what its `info` says.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) package: &'a Package,
    /// `NAME-VERSION-BUILD`.
    pub(crate) dist: String,
    paths: Vec<PathsEntry>,
    pub(crate) entry_points: Vec<EntryPoint>,
    pub(crate) is_noarch_python: bool,
    /// For what is written anew, seconds: the same that image layers give.
    pub(crate) time: u64,
    /// For files whose content changes, so that no `.pyc` of the original is taken for theirs.
    pub(crate) patched_time: u64,
}

impl<'a> Source<'a> {
    pub(crate) fn read(package: &'a Package) -> Result<Self, TransactionError> {
        let dist = dist(&package.record);
        let damaged = |why: String| TransactionError::DamagedPackage {
            dist: dist.clone(),
            path: package.folder.clone(),
            why,
        };
        let folder = &package.folder;
        let index = IndexJson::from_package_directory(folder).map_err(|e| damaged(told("index.json", &e)))?;
        let paths = PathsJson::from_package_directory_with_deprecated_fallback(folder)
            .map_err(|e| damaged(told("paths.json", &e)))?;
        if index.name != package.record.package_record.name {
            return Err(damaged(format!("it is the package {}", index.name.as_normalized())));
        }
        let is_noarch_python = index.noarch.is_python();
        let link = match is_noarch_python.then(|| LinkJson::from_package_directory(folder)) {
            Some(Ok(link)) => Some(link),
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                return Err(damaged(told("link.json", &error)));
            }
            _ => None,
        };
        let entry_points = match link.map(|link| link.noarch) {
            Some(NoArchLinks::Python(python)) => python.entry_points,
            _ => Vec::new(),
        };
        let record = &package.record.package_record;
        let time = record.timestamp.map(|time| time.timestamp_millis().max(0) as u64 / 1000);
        let time = time.unwrap_or(NO_TIME);
        let about = fs::metadata(folder.join("info/about.json")).ok();
        let patched_time = about.map_or(time, |about| about.mtime().max(0) as u64 + 1);
        Ok(Self { package, dist, paths: paths.paths, entry_points, is_noarch_python, time, patched_time })
    }

    pub(crate) fn contents(&self) -> Contents<'_> {
        Contents {
            paths: &self.paths,
            entry_points: &self.entry_points,
            is_noarch_python: self.is_noarch_python,
        }
    }

    pub(crate) fn damaged(&self, why: String) -> TransactionError {
        TransactionError::DamagedPackage { dist: self.dist.clone(), path: self.package.folder.clone(), why }
    }

    /// Looks whether the files to link are there, and are what paths.json says.
    pub(crate) fn check(&self, targets: &Targets<'_>) -> Result<(), TransactionError> {
        let mut folders = HashSet::new();
        for target in targets.files.iter().filter(|target| !target.masked) {
            let entry = target.entry;
            if entry.path_type == PathType::Directory {
                continue;
            }
            for above in ancestors(target.path).take_while(|above| folders.insert(*above)) {
                // Through a link, files of the machine would be installed.
                if !fs::symlink_metadata(self.package.folder.join(above)).is_ok_and(|there| there.is_dir()) {
                    return Err(self.damaged(format!("{above} is no folder")));
                }
            }
            let path = self.package.folder.join(target.path);
            let there = fs::symlink_metadata(&path)
                .map_err(|error| self.damaged(format!("{}: {error}", target.path)))?;
            let kind = there.file_type();
            let told = entry.size_in_bytes.unwrap_or(there.len());
            if kind.is_file() && entry.path_type == PathType::HardLink && told != there.len() {
                let (path, has) = (target.path, there.len());
                return Err(self.damaged(format!("{path} has {has} bytes instead of {told}")));
            }
            // Links that are listed as files are known; their content is nobody's to replace.
            let is_link = kind.is_symlink() && entry.prefix_placeholder.is_none();
            if !is_link && !kind.is_file() {
                return Err(self.damaged(format!("{} is neither a file nor a link", target.path)));
            }
        }
        Ok(())
    }
}

fn told(file: &str, error: &io::Error) -> String {
    format!("info/{file}: {error}")
}
