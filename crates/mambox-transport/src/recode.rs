//! Layers in another compression.

use std::io;

use mambox_oci::{Compression, Image, Index, Layer, MediaType};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use crate::files::copy;
use crate::job::{Job, blocking};
use crate::made::{Record, Workshop};
use crate::{Contents, Transport, TransportError};

/// Whether Docker of any age reads a layer. 20.10 and older take zstd for a damaged tar.
pub(crate) fn docker_reads(media_type: &MediaType) -> bool {
    use MediaType::{DockerLayer, DockerLayerGzip, OciLayer, OciLayerGzip};
    matches!(media_type, OciLayer | OciLayerGzip | DockerLayer | DockerLayerGzip)
}

/// Packs those layers anew whose media type is not `kept`; the others pass unchanged.
///
/// diffIDs stay, the manifest's digest changes if anything did. A recoded layer is kept in the cache by the
/// old digest, so that the next time costs nothing.
pub async fn recode(
    image: &Image,
    compression: Compression,
    kept: fn(&MediaType) -> bool,
    transport: &Transport,
    on: &dyn Reporter,
) -> Result<Image, TransportError> {
    if image.layers().iter().all(|layer| kept(&layer.descriptor().media_type)) {
        return Ok(image.clone());
    }
    let (image, transport) = (image.clone(), transport.clone());
    blocking("recoding layers", on, move |job| recode_image(&image, compression, kept, &transport, job)).await
}

/// As [`recode`], for what Docker of any age can load.
pub(crate) fn for_docker(
    contents: &Contents,
    transport: &Transport,
    job: &Job,
) -> Result<Contents, TransportError> {
    let readable = |layer: &Layer| docker_reads(&layer.descriptor().media_type);
    if contents.images().iter().all(|image| image.layers().iter().all(readable)) {
        return Ok(contents.clone());
    }
    let compression = match transport.compression {
        Compression::Zstd(_) => Compression::GZIP,
        other => other,
    };
    let reporter: &dyn Reporter = job;
    reporter.note("zstd layers are packed as gzip: older Docker reads no zstd in an archive");
    let images = contents.images().iter();
    let images = images.map(|image| recode_image(image, compression, docker_reads, transport, job));
    let mut images = images.collect::<Result<Vec<_>, _>>()?;
    Ok(match contents {
        Contents::Index(index) => Index::new(images, index.annotations().clone()).into(),
        Contents::Image(image) => images.pop().unwrap_or_else(|| image.clone()).into(),
    })
}

fn recode_image(
    image: &Image,
    compression: Compression,
    kept: fn(&MediaType) -> bool,
    transport: &Transport,
    job: &Job,
) -> Result<Image, TransportError> {
    let workshop = Workshop::new(transport, compression)?;
    let recode = |layer: &Layer| match kept(&layer.descriptor().media_type) {
        true => Ok(layer.clone()),
        false => recode_layer(layer, &workshop, job),
    };
    Ok(image.with_recoded_layers(image.layers().iter().map(recode).collect::<Result<_, _>>()?))
}

fn recode_layer(layer: &Layer, workshop: &Workshop, job: &Job) -> Result<Layer, TransportError> {
    let descriptor = layer.descriptor();
    let name = format!("layer {}", descriptor.digest);
    let memory = workshop.memory("recode-1");
    let key = descriptor.digest.to_string();
    let reuse = |record: &Record| workshop.layer(record, layer.history().clone());
    if let Some(layer) = memory.recall_text(&key).as_ref().and_then(reuse) {
        return Ok(layer);
    }
    let reporter: &dyn Reporter = job;
    let task = reporter.begin(Stage::Layer, &name, Some(descriptor.size), Unit::Bytes);
    let record = workshop.make(|out| copy(&mut layer.open_tar()?, out, job).map(drop));
    let record = record.map_err(TransportError::io("recode", &name))?;
    memory.keep_text(&key, &record);
    task.advance(descriptor.size);
    task.finish(Outcome::Done);
    let recoded = reuse(&record).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
    recoded.map_err(TransportError::io("recode", &name))
}
