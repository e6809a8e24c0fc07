//! `micromamba clean`: what may go from a package cache, and how much that frees.
//!
//! Sizes are counted in blocks on disk. A file with further hard links, from an environment, frees nothing, and
//! is not counted.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::layout;
use super::store::PackageDirs;

/// Folders of a package cache that are no packages.
const INDEX: &str = "cache";
/// How deep channels' folders may lie in a cache.
const MAX_DEPTH: usize = 12;

/// Something that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// A file or folder.
    pub(crate) path: PathBuf,
    /// What its removal frees, in bytes.
    pub(crate) size: u64,
}

/// Cached repodata.
pub(crate) fn clean_index(dirs: &PackageDirs) -> Vec<Cleaned> {
    let folders = dirs.folders().iter().map(|folder| folder.join(INDEX));
    folders.filter(|folder| folder.is_dir()).flat_map(|folder| children(&folder)).map(sized).collect()
}

/// Lock files of micromamba and conda.
pub(crate) fn clean_locks(dirs: &PackageDirs) -> Vec<Cleaned> {
    let mut found = Vec::new();
    for folder in dirs.folders() {
        walk(folder, 0, &mut |path, is_folder| {
            if !is_folder && path.extension().is_some_and(|ending| ending == "lock") {
                found.push(sized(path.to_path_buf()));
            }
            is_folder && !is_package(path)
        });
    }
    found
}

/// Archives, and what downloads that were cut off left behind.
pub(crate) fn clean_tarballs(dirs: &PackageDirs) -> Vec<Cleaned> {
    let mut found = Vec::new();
    for folder in dirs.folders() {
        walk(folder, 0, &mut |path, is_folder| {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if !is_folder && (layout::is_archive(&name) || name.ends_with(".part")) {
                found.push(sized(path.to_path_buf()));
            }
            is_folder && !is_package(path)
        });
    }
    found
}

/// Extracted packages that no environment among `prefixes` has, and halves of such.
pub(crate) fn clean_packages(dirs: &PackageDirs, prefixes: &[PathBuf]) -> Vec<Cleaned> {
    let used = recorded(prefixes);
    let mut found = Vec::new();
    for folder in dirs.folders() {
        walk(folder, 0, &mut |path, is_folder| {
            if !is_folder {
                return false;
            }
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let half = name.starts_with('.');
            if half || is_package(path) && !used.contains(name.as_ref()) {
                found.push(sized(path.to_path_buf()));
            }
            !half && !is_package(path)
        });
    }
    found
}

/// Removes a file or a folder with all that is in it.
pub(crate) fn remove_folder(path: &Path) -> std::io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// `NAME-VERSION-BUILD` of all packages in these environments.
fn recorded(prefixes: &[PathBuf]) -> BTreeSet<String> {
    let records = prefixes.iter().flat_map(|prefix| children(&prefix.join("conda-meta")));
    let names =
        records.filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".json").map(str::to_owned));
    names.collect()
}

fn is_package(folder: &Path) -> bool {
    folder.join("info/index.json").is_file()
}

/// Calls `visit` for all below a folder; it says whether to go into a folder. Links are not followed.
fn walk(folder: &Path, depth: usize, visit: &mut impl FnMut(&Path, bool) -> bool) {
    for path in children(folder) {
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        let is_index = depth == 0 && path.file_name().is_some_and(|name| name == INDEX);
        if !is_index && visit(&path, is_folder) && depth < MAX_DEPTH {
            walk(&path, depth + 1, visit);
        }
    }
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn sized(path: PathBuf) -> Cleaned {
    let size = size_of(&path);
    Cleaned { path, size }
}

/// What removing a file or folder frees, in bytes.
pub(crate) fn size_of(path: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(path) else { return 0 };
    if found.is_dir() {
        return children(path).iter().map(|child| size_of(child)).sum();
    }
    if found.nlink() > 1 { 0 } else { found.blocks() * 512 }
}
