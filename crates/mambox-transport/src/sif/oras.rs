//! SIF files in registries, as `apptainer push` puts them there and `apptainer pull oras://…` takes them.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use mambox_oci::{Digest, FileBlob, HashingWriter};
use mambox_progress::Reporter;

use super::write::write;
use crate::files::{atomic, copy};
use crate::job::{Job, blocking};
use crate::registry::{self, Artifact};
use crate::{Contents, RegistryReference, Transport, TransportError};

const CONFIG: &str = "application/vnd.sylabs.sif.config.v1+json";
const FILE: &str = "application/vnd.sylabs.sif.layer.v1.sif";

/// Makes the SIF file in the cache folder, since its digest has to be known before it is sent, and pushes it.
/// Returns the digest of the artifact's manifest.
pub(crate) async fn push(
    contents: &Contents,
    reference: &RegistryReference,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    let [image] = contents.images() else {
        return Err(TransportError::Unsupported(format!(
            "oras://{reference} cannot hold several platforms; build one at a time"
        )));
    };
    if reference.digest().is_some() {
        return Err(TransportError::Unsupported(format!(
            "oras://{reference}: the digest of what is pushed cannot be chosen; leave it out"
        )));
    }
    let folder = match &transport.cache_dir {
        Some(cache) => {
            fs::create_dir_all(cache).map_err(TransportError::io("write", cache))?;
            tempfile::Builder::new().prefix(".mambox-").suffix(".tmp").tempdir_in(cache)
        }
        None => tempfile::tempdir(),
    };
    let folder = folder.map_err(TransportError::io("write", "a temporary folder"))?;
    let title = title(reference);
    let path = folder.path().join(&title);
    let (file, contents, settings) = (path.clone(), Contents::from(image.clone()), transport.sif);
    let cache = transport.cache_dir.clone();
    let (digest, size) = blocking(reference.to_string(), on, move |job| {
        cache.iter().for_each(|cache| atomic::clean(cache));
        write(&contents, &file, settings, job)?;
        hash(&file, job).map_err(TransportError::io("read", &file))
    })
    .await?;
    let artifact = Artifact {
        file: FileBlob(path),
        digest,
        size,
        title,
        config_type: CONFIG,
        file_type: FILE,
        annotations: Default::default(),
    };
    registry::write_artifact(&artifact, reference, transport, on).await
}

/// `app.sif` of `ghcr.io/me/app:1`.
fn title(reference: &RegistryReference) -> String {
    let repository = reference.repository();
    format!("{}.sif", repository.rsplit('/').next().unwrap_or(repository))
}

fn hash(file: &Path, job: &Job) -> io::Result<(Digest, u64)> {
    let mut hash = HashingWriter::new(io::sink());
    copy(&mut File::open(file)?, &mut hash, job)?;
    let (_, digest, size) = hash.finish();
    Ok((digest, size))
}
