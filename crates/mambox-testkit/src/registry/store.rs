//! What the registry holds.

use std::collections::BTreeMap;

use rattler_digest::{Sha256, compute_bytes_digest};

/// `sha256:…` of some bytes.
pub(super) fn digest_of(content: &[u8]) -> String {
    format!("sha256:{}", hex::encode(compute_bytes_digest::<Sha256>(content)))
}

/// A manifest or index as it was put.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

/// One repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) blobs: BTreeMap<String, Vec<u8>>,
    /// By digest.
    pub(super) manifests: BTreeMap<String, Manifest>,
    /// Tag to digest.
    pub(super) tags: BTreeMap<String, String>,
}

impl Repository {
    /// By tag or digest.
    pub(super) fn manifest(&self, reference: &str) -> Option<(&str, &Manifest)> {
        let digest = self.tags.get(reference).map_or(reference, String::as_str);
        self.manifests.get_key_value(digest).map(|(digest, manifest)| (digest.as_str(), manifest))
    }
}

/// A change that a client made, in the order of their completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Uploaded { repository: String, digest: String },
    Mounted { repository: String, digest: String, from: String },
    Put { repository: String, reference: String },
}

/// All repositories, open uploads, and the changes so far.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) repositories: BTreeMap<String, Repository>,
    pub(super) uploads: BTreeMap<String, Vec<u8>>,
    pub(super) uploads_begun: usize,
    pub(super) changes: Vec<Change>,
}

impl Store {
    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    pub(super) fn blob(&self, repository: &str, digest: &str) -> Option<&Vec<u8>> {
        self.repositories.get(repository)?.blobs.get(digest)
    }
}
