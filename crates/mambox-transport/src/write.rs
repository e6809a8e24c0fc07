//! Writing: each output to its writer.

use mambox_oci::Digest;
use mambox_progress::Reporter;

use crate::job::blocking;
use crate::{
    Contents, Output, Transport, TransportError, docker_archive, engine, layout, recode, registry, rootfs,
    sif,
};

/// Writes an image or an index, under each of `names` (full names such as `ghcr.io/me/x:1`, or short ones
/// as Docker takes them); returns the digest of what was written.
///
/// Nothing half-written is ever visible, also not when the future is dropped.
pub async fn write(
    contents: &Contents,
    output: &Output,
    names: &[String],
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Digest, TransportError> {
    match output {
        Output::Registry(name) => return registry::write(contents, name, names, transport, on).await,
        Output::Oras(name) => {
            registry::prefetch(contents.images(), transport.concurrency, on).await?;
            return sif::push(contents, name, transport, on).await;
        }
        Output::Daemon(name) => return engine::write(contents, name, names, transport, on).await,
        _ => {}
    }
    let there = matches!(output, Output::OciLayout { dir, .. } if layout::holds(contents, dir));
    if !there {
        registry::prefetch(contents.images(), transport.concurrency, on).await?;
    }
    let (output, names) = (output.clone(), names.to_vec());
    let (mut contents, transport) = (contents.clone(), transport.clone());
    let threads = transport.concurrency;
    blocking(output.to_string(), on, move |job| {
        if matches!(output, Output::Hybrid { .. } | Output::DockerArchive { .. }) {
            contents = recode::for_docker(&contents, &transport, job)?;
        }
        match &output {
            Output::OciLayout { dir, tag } => {
                layout::write(&contents, dir, tag.as_deref(), &names, threads, job)?;
            }
            Output::OciArchive { file, tag } => {
                layout::write_archive(&contents, file, tag.as_deref(), &names, false, job)?;
            }
            Output::Hybrid { file } => layout::write_archive(&contents, file, None, &names, true, job)?,
            Output::DockerArchive { file, name } => {
                let names: Vec<String> = name.iter().chain(&names).cloned().collect();
                docker_archive::write(&contents, file, &names, job)?;
            }
            Output::RootFs { path } => rootfs::write(&contents, path, job)?,
            Output::Sif { file } => sif::write(&contents, file, transport.sif, job)?,
            Output::Registry(_) | Output::Daemon(_) | Output::Oras(_) => {}
        }
        Ok(contents.digest())
    })
    .await
}
