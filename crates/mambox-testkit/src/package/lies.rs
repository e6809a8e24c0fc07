//! Knobs that make a package's metadata disagree with its payload.

use super::PackageBuilder;
use super::entry::PayloadEntry;

impl PackageBuilder {
    /// paths.json claims another SHA-256 (64 hex digits, or anything) for `path`.
    pub fn lie_sha256(mut self, path: &str, sha256: &str) -> Self {
        self.entry(path).claimed_sha256 = Some(sha256.to_owned());
        self
    }

    /// paths.json claims another size in bytes for `path`.
    pub fn lie_size(mut self, path: &str, size: u64) -> Self {
        self.entry(path).claimed_size = Some(size);
        self
    }

    /// `path` is in the archive but in neither paths.json nor files.
    pub fn unlisted(mut self, path: &str) -> Self {
        self.entry(path).in_paths_json = false;
        self
    }

    /// `path` is in paths.json but not in the archive.
    pub fn absent(mut self, path: &str) -> Self {
        self.entry(path).in_archive = false;
        self
    }

    /// `files`, `has_prefix` and `no_link` in place of paths.json, as before conda-build 3.
    pub fn legacy_metadata(mut self) -> Self {
        self.legacy_metadata = true;
        self
    }

    fn entry(&mut self, path: &str) -> &mut PayloadEntry {
        let name = &self.name;
        let found = self.entries.iter_mut().find(|entry| entry.path == path);
        found.unwrap_or_else(|| panic!("{name} has no entry {path}"))
    }
}
