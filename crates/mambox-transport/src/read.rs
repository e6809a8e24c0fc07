//! Reading: each reference to its reader.

use std::path::Path;

use mambox_oci::{Image, Platform};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use crate::files::archive::Archive;
use crate::files::store::Store;
use crate::job::{Job, blocking};
use crate::probe::{Holding, probe};
use crate::{Reference, Transport, TransportError, docker_archive, engine, layout, registry, rootfs};

/// Reads the image that a reference names, for a platform.
///
/// Only manifests and configurations are read now; layers are opened when they are needed, and verified
/// then. Archives that state no digests, and root file systems, are read through once and remembered.
pub async fn read(
    reference: &Reference,
    platform: &Platform,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Image, TransportError> {
    match reference {
        Reference::Scratch => Ok(Image::scratch(platform)),
        Reference::Registry(name) => registry::read(name, platform, transport, on).await,
        Reference::Daemon(name) => engine::read(name, platform, transport, on).await,
        local => {
            let (local, platform, transport) = (local.clone(), platform.clone(), transport.clone());
            blocking(local.to_string(), on, move |job| {
                let reporter: &dyn Reporter = job;
                let task = reporter.begin(Stage::Base, local.to_string(), None, Unit::Bytes);
                let image = read_local(&local, &platform, &transport, job)?;
                task.finish(Outcome::Done);
                Ok(image)
            })
            .await
        }
    }
}

fn read_local(
    reference: &Reference,
    platform: &Platform,
    transport: &Transport,
    job: &Job,
) -> Result<Image, TransportError> {
    let cache_dir = transport.cache_dir.as_deref();
    let archive =
        |file: &Path| Ok::<_, TransportError>(Store::Archive(Archive::open_with(file, cache_dir, job)?));
    match reference {
        Reference::OciLayout { dir, tag } => layout::read(&Store::folder(dir)?, tag.as_deref(), platform),
        Reference::OciArchive { file, tag } => layout::read(&archive(file)?, tag.as_deref(), platform),
        Reference::DockerArchive { file, name } => {
            docker_archive::read(&archive(file)?, name.as_deref(), platform, cache_dir, job)
        }
        Reference::RootFs(path) => rootfs::read(path, platform, transport, job),
        Reference::Path(path) => match probe(path, cache_dir)? {
            Holding::OciLayout => layout::read(&Store::folder(path)?, None, platform),
            Holding::OciArchive => layout::read(&archive(path)?, None, platform),
            Holding::DockerArchive => docker_archive::read(&archive(path)?, None, platform, cache_dir, job),
            Holding::RootFs => rootfs::read(path, platform, transport, job),
        },
        Reference::Scratch | Reference::Registry(_) | Reference::Daemon(_) => Ok(Image::scratch(platform)),
    }
}
