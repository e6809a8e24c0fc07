//! A wheel that was built.

use std::path::{Path, PathBuf};

/// A wheel in memory.
#[derive(Clone, Debug)]
pub struct BuiltWheel {
    /// For example `rich-13.9.4-py3-none-any.whl`.
    pub file_name: String,
    /// The zip file.
    pub bytes: Vec<u8>,
    /// Of the bytes, 64 hex digits.
    pub sha256: String,
    /// As PEP 503 normalises it.
    pub name: String,
    /// As the builder was told.
    pub version: String,
}

impl BuiltWheel {
    /// Writes the wheel into `dir` (which is made) and returns its path.
    pub fn write_to(&self, dir: impl AsRef<Path>) -> PathBuf {
        let path = dir.as_ref().join(&self.file_name);
        std::fs::create_dir_all(dir.as_ref()).expect("the folder for the wheel can be made");
        std::fs::write(&path, &self.bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}
