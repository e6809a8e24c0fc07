//! Which file a program's name means.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A path, or the first program of that name in the search path; else the first file of that name, so that
/// the system says why it cannot be run. Relative places count from `cwd`, from where the program is started too.
pub(super) fn find(name: &OsStr, path: &str, cwd: Option<&Path>) -> Option<PathBuf> {
    let at = |place: &Path| cwd.map_or_else(|| place.to_owned(), |cwd| cwd.join(place));
    if name.as_bytes().contains(&b'/') {
        return at(Path::new(name)).exists().then(|| name.into());
    }
    if name.is_empty() {
        return None;
    }
    // An empty folder in a search path is the current one.
    let folders = path.split(':').map(|folder| if folder.is_empty() { "." } else { folder });
    let mut present = None;
    for place in folders.map(|folder| Path::new(folder).join(name)) {
        let Some(metadata) = fs::metadata(at(&place)).ok().filter(fs::Metadata::is_file) else { continue };
        if metadata.permissions().mode() & 0o111 != 0 {
            return Some(place);
        }
        present = present.or(Some(place));
    }
    present
}

/// The machine's bash, else its sh. Its own come before those of an environment, which may be broken or half
/// removed.
pub(super) fn shell(path: &str) -> Option<PathBuf> {
    let usual = |places: [&str; 2]| places.map(PathBuf::from).into_iter().find(|place| place.is_file());
    usual(["/bin/bash", "/usr/bin/bash"])
        .or_else(|| find(OsStr::new("bash"), path, None))
        .or_else(|| usual(["/bin/sh", "/usr/bin/sh"]))
        .or_else(|| find(OsStr::new("sh"), path, None))
}
