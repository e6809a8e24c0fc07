//! Trouble with the cache folder.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use thiserror::Error;

/// The cache cannot be read or written.
#[derive(Debug, Error)]
#[error("the cache cannot {action} {}: {}. {}", path.display(), reason(source), next_step(source))]
pub struct CacheError {
    /// What was tried: `write`, `read`, ….
    pub action: &'static str,
    /// Where.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl CacheError {
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }
}

/// For `map_err`.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CacheError {
    move |source| CacheError::new(action, path, source)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::QuotaExceeded => "the quota is used up".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

fn next_step(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "Free some space (`mambox cache prune`) or choose another cache folder (--cache-dir)"
        }
        _ => "Choose a writable cache folder (--cache-dir)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_next_step() {
        let message =
            |kind: ErrorKind| CacheError::new("write", Path::new("/cache/x"), kind.into()).to_string();
        insta::assert_snapshot!(message(ErrorKind::StorageFull), @"the cache cannot write /cache/x: the disk is full. Free some space (`mambox cache prune`) or choose another cache folder (--cache-dir)");
        insta::assert_snapshot!(message(ErrorKind::ReadOnlyFilesystem), @"the cache cannot write /cache/x: the file system is read-only. Choose a writable cache folder (--cache-dir)");
        insta::assert_snapshot!(message(ErrorKind::PermissionDenied), @"the cache cannot write /cache/x: permission denied. Choose a writable cache folder (--cache-dir)");
    }
}
