//! Writing archives: a layout in a tar, and one that is a docker-archive, too.

use std::collections::BTreeMap;
use std::path::Path;

use mambox_oci::{Platform, canonical_json};

use super::pieces::{annotations, full_names, index_json, pieces};
use super::write::MARKER;
use super::{Piece, blob_name};
use crate::docker_archive::ManifestItem;
use crate::files::write_archive;
use crate::job::Job;
use crate::{Contents, TransportError};

/// Writes an OCI archive. With `docker`, it also gets a `manifest.json` whose configuration and layers are
/// the layout's blobs, so that Docker of any age loads it (and podman, skopeo, Apptainer in either way).
///
/// `manifest.json` knows no platforms: of several images it names the one for linux/amd64, else the first;
/// readers that know `index.json` (Docker with containerd's store, podman) see all of them.
pub(crate) fn write(
    contents: &Contents,
    file: &Path,
    tag: Option<&str>,
    names: &[String],
    docker: bool,
    job: &Job,
) -> Result<(), TransportError> {
    write_archive(file, &FOLDERS, &members(contents, tag, names, docker)?, job)
}

/// The folders of such an archive.
pub(crate) const FOLDERS: [&str; 2] = ["blobs/", "blobs/sha256/"];

/// The members of such an archive, by name.
pub(crate) fn members(
    contents: &Contents,
    tag: Option<&str>,
    names: &[String],
    docker: bool,
) -> Result<BTreeMap<String, Piece>, TransportError> {
    let index = index_json(contents, &annotations(tag, names)?, None);
    let mut members: BTreeMap<String, Piece> =
        pieces(contents).into_iter().map(|(digest, piece)| (blob_name(&digest), piece)).collect();
    members.insert("index.json".into(), Piece::Bytes(canonical_json(&index).unwrap_or_default()));
    members.insert(MARKER.0.into(), Piece::Bytes(MARKER.1.into()));
    if docker {
        let manifest = docker_manifest(contents, names)?;
        members.insert("manifest.json".into(), Piece::Bytes(canonical_json(&manifest).unwrap_or_default()));
    }
    Ok(members)
}

fn docker_manifest(contents: &Contents, names: &[String]) -> Result<Vec<ManifestItem>, TransportError> {
    let amd64 = Platform::linux("amd64");
    let images = contents.images();
    let Some(image) = images.iter().find(|image| image.platform() == amd64).or(images.first()) else {
        return Ok(Vec::new());
    };
    Ok(vec![ManifestItem {
        config: blob_name(&image.manifest().config.digest),
        repo_tags: full_names(names)?.iter().map(ToString::to_string).collect(),
        layers: image.layers().iter().map(|layer| blob_name(&layer.descriptor().digest)).collect(),
    }])
}
