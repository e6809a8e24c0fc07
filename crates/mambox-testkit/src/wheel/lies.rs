//! Wheels that nobody should believe.

use super::WheelBuilder;
use super::builder::SYMLINK;

impl WheelBuilder {
    /// RECORD claims another hash for `path`: a whole field, as `md5=…` or nothing.
    pub fn lie_hash(mut self, path: &str, hash: &str) -> Self {
        self.entry(path).claimed_hash = Some(hash.to_owned());
        self
    }

    /// `path` is in the archive but not in RECORD.
    pub fn unlisted(mut self, path: &str) -> Self {
        self.entry(path).listed = false;
        self
    }

    /// `path` is in RECORD but not in the archive.
    pub fn absent(mut self, path: &str) -> Self {
        self.absent.push(path.to_owned());
        self
    }

    /// A symbolic link, as Info-ZIP stores them: the target is the content.
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.file(path, target).mode(SYMLINK)
    }

    /// The archive holds `path` twice.
    pub fn duplicate(mut self, path: &str) -> Self {
        self.entry(path).times = 2;
        self
    }

    /// A file of `size` zero bytes that declares `declared` of them.
    pub fn bomb(mut self, path: &str, size: usize, declared: u32) -> Self {
        self = self.file(path, vec![0; size]);
        self.last().member.declared_size = Some(declared);
        self
    }

    /// `path` says that it is encrypted.
    pub fn encrypted(mut self, path: &str) -> Self {
        self.entry(path).member.encrypted = true;
        self
    }

    /// `path` says that it is compressed by that method (APPNOTE 4.4.5).
    pub fn method(mut self, path: &str, method: u16) -> Self {
        self.entry(path).member.declared_method = Some(method);
        self
    }

    /// The local header of `path` has another name.
    pub fn local_name(mut self, path: &str, name: &str) -> Self {
        self.entry(path).member.local_name = Some(name.as_bytes().to_vec());
        self
    }
}
