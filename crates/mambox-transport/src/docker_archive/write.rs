//! Writing a docker-archive, and nothing but one.

use std::collections::BTreeMap;
use std::path::Path;

use mambox_oci::{Layer, MediaType, canonical_json};

use super::ManifestItem;
use crate::files::write_archive;
use crate::job::Job;
use crate::layout::{Piece, full_names};
use crate::{Contents, TransportError};

/// Writes the archive; its layers must be plain or gzip, which Docker has always read.
pub(crate) fn write(
    contents: &Contents,
    file: &Path,
    names: &[String],
    job: &Job,
) -> Result<(), TransportError> {
    let [image] = contents.images() else {
        return Err(TransportError::Unsupported(format!(
            "docker-archive:{} cannot hold images of several platforms; build one platform, or write FILE.tar, \
             oci-archive: or oci:",
            file.display()
        )));
    };
    let config = format!("{}.json", image.manifest().config.digest.hex());
    let manifest = vec![ManifestItem {
        config: config.clone(),
        repo_tags: full_names(names)?.iter().map(ToString::to_string).collect(),
        layers: image.layers().iter().map(layer_name).collect(),
    }];
    let mut members: BTreeMap<String, Piece> =
        image.layers().iter().map(|layer| (layer_name(layer), Piece::Layer(layer.clone()))).collect();
    members.insert(config, Piece::Bytes(image.config_bytes().to_vec()));
    members.insert("manifest.json".into(), Piece::Bytes(canonical_json(&manifest).unwrap_or_default()));
    write_archive(file, &[], &members, job)
}

fn layer_name(layer: &Layer) -> String {
    let end = match layer.descriptor().media_type {
        MediaType::OciLayer | MediaType::DockerLayer => "tar",
        _ => "tar.gz",
    };
    format!("{}.{end}", layer.descriptor().digest.hex())
}
