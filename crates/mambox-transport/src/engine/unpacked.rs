//! Layers as an engine can read them.

use std::io::{self, Read};

use mambox_oci::{Blob, Descriptor, Image, Layer, MediaType};

use crate::job::Job;

/// The image with its zstd layers unpacked: Docker before 23 does not know zstd, and compressing anew
/// would only cost time. Other layers stay as they are. Reads each zstd layer once to learn its size.
pub(crate) fn without_zstd(image: &Image, job: &Job) -> io::Result<Image> {
    let zstd = |layer: &Layer| layer.descriptor().media_type == MediaType::OciLayerZstd;
    if !image.layers().iter().any(zstd) {
        return Ok(image.clone());
    }
    let layers =
        image.layers().iter().map(|layer| if zstd(layer) { unpacked(layer, job) } else { Ok(layer.clone()) });
    Ok(image.with_recoded_layers(layers.collect::<io::Result<_>>()?))
}

fn unpacked(layer: &Layer, job: &Job) -> io::Result<Layer> {
    let mut tar = layer.open_tar()?;
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        job.check()?;
        match tar.read(&mut buffer)? {
            0 => break,
            read => size += read as u64,
        }
    }
    let descriptor = Descriptor::new(MediaType::OciLayer, layer.diff_id().0, size);
    Ok(Layer::new(descriptor, layer.diff_id(), layer.history().clone(), Unpacked(layer.clone())))
}

/// A layer's tar as a blob of its own.
#[derive(Debug)]
struct Unpacked(Layer);

impl Blob for Unpacked {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.0.open_tar()
    }
}
