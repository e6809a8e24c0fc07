//! The folders of the package cache.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rattler_conda_types::RepoDataRecord;

use super::layout;
use crate::failure::{Failure, Outcome};

/// Largest `repodata_record.json` that is read, in bytes.
const MAX_RECORD: u64 = 16 << 20;

/// `pkgs_dirs`, in order: all are read, the first writable one is written to.
#[derive(Debug, Clone)]
pub(crate) struct PackageDirs {
    folders: Vec<PathBuf>,
}

impl PackageDirs {
    /// The folders; they need not exist.
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders }
    }

    /// All of them.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The folder of the extracted package, if one has the very package that the record means.
    pub(crate) fn extracted(&self, record: &RepoDataRecord) -> Option<PathBuf> {
        let name = layout::file_name(record);
        let stem = layout::stem(&name);
        let candidates = self.folders.iter().flat_map(|cache| layout::folders(cache, record));
        candidates.map(|folder| folder.join(stem)).find(|folder| is_of(folder, record))
    }

    /// A file that could be the archive: it has the right name and size. Its hash is checked when it is extracted.
    pub(crate) fn archive(&self, record: &RepoDataRecord) -> Option<PathBuf> {
        let name = layout::file_name(record);
        let candidates = self.folders.iter().flat_map(|cache| layout::folders(cache, record));
        candidates.map(|folder| folder.join(&name)).find(|path| {
            let size = fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len());
            size.is_some_and(|size| record.package_record.size.is_none_or(|wanted| wanted == size))
        })
    }

    /// The folder that new packages of this record's channel go to, made if need be.
    pub(crate) fn folder_for(&self, record: &RepoDataRecord) -> Outcome<PathBuf> {
        let cache = self.writable()?;
        let folder = layout::nested(&cache, &record.url);
        fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
        Ok(folder)
    }

    /// The first folder that can be written to. A full disk is told apart from a folder of somebody else.
    pub(crate) fn writable(&self) -> Outcome<PathBuf> {
        let mut why = Vec::new();
        for folder in &self.folders {
            match probe(folder) {
                Ok(()) => return Ok(folder.clone()),
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                    return Err(unusable(folder, &error));
                }
                Err(error) => why.push(format!("\n  {}: {error}", folder.display())),
            }
        }
        Err(Failure::Message(format!(
            "No writable package cache among:{}\nName another with CONDA_PKGS_DIRS, or let this user write to one",
            why.concat()
        )))
    }
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    let folder = folder.display();
    match error.kind() {
        io::ErrorKind::StorageFull => Failure::Message(format!(
            "the disk of the package cache {folder} is full; free space or name another with CONDA_PKGS_DIRS"
        )),
        _ => Failure::Message(format!("cannot write to the package cache {folder}: {error}")),
    }
}

/// Whether a file can be made there; permissions alone do not tell (read-only mounts, other users' quotas).
fn probe(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".probe-").tempfile_in(folder).map(drop)
}

/// Whether a folder holds that package: its `repodata_record.json` was written last and names the same bytes.
pub(super) fn is_of(folder: &Path, record: &RepoDataRecord) -> bool {
    let path = folder.join("info/repodata_record.json");
    let small = fs::metadata(&path).is_ok_and(|file| file.len() <= MAX_RECORD);
    let Some(there) = fs::read(&path).ok().filter(|_| small) else { return false };
    let Ok(there) = serde_json::from_slice::<serde_json::Value>(&there) else { return false };
    let hash =
        |name: &str| there.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
    let wanted = &record.package_record;
    match (wanted.sha256, hash("sha256"), wanted.md5, hash("md5")) {
        (Some(wanted), Some(there), ..) => hex::encode(wanted) == there,
        (_, _, Some(wanted), Some(there)) => hex::encode(wanted) == there,
        // Without any hash in common the address has to do.
        _ => there.get("url").and_then(serde_json::Value::as_str) == Some(record.url.as_str()),
    }
}
