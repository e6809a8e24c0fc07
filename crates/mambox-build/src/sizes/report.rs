//! The answer, as values. Bytes are those of files' content in all layers, before compression; a file that another layer
//! replaces counts as well, since whoever pulls the image gets it.

use mambox_layer::SlimPolicy;
use mambox_oci::Digest;
use serde::Serialize;

use super::FileKind;

/// Why an image is big.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Files of all layers; a hard link is none.
    pub files: u64,
    /// Bytes of all layers.
    pub bytes: u64,
    /// Packages above the base, the largest first.
    pub packages: Vec<SizedPackage>,
    /// The largest first; none that is empty.
    pub kinds: Vec<SizedKind>,
    /// The largest files.
    pub largest: Vec<SizedFile>,
    /// Files whose content is there more than once.
    pub duplicates: Duplicates,
}

/// A package and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SizedPackage {
    /// Its environment's prefix, absolute.
    pub prefix: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A kind of files and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SizedKind {
    /// The kind.
    pub kind: FileKind,
    /// The slim policy that would leave these files out.
    pub policy: Option<SlimPolicy>,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A large file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SizedFile {
    /// Absolute.
    pub path: String,
    /// The package's name, if it is one's.
    pub package: Option<String>,
    /// Bytes.
    pub bytes: u64,
}

/// What is there more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// Files beyond the first of each content.
    pub files: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Those that take the most.
    pub largest: Vec<DuplicateFile>,
}

/// Files with one content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateFile {
    /// Of the content.
    pub digest: Digest,
    /// Bytes of one.
    pub bytes: u64,
    /// Absolute, in the order of layers.
    pub paths: Vec<String>,
}
