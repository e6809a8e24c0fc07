//! Whether an image is what it says it is: every digest, every size, every diffID, every tar.

use std::io::{self, Read};

use crate::{Digest, HashingWriter, Image, Layer};

/// One thing that is wrong with an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A layer cannot be read, or is not what its descriptor says.
    #[error("layer {index} ({digest}): {problem}")]
    Layer {
        /// Its place, from 0 at the bottom.
        index: usize,
        /// Its digest.
        digest: Digest,
        /// What is wrong.
        problem: String,
    },
    /// The history does not match the layers.
    #[error("the history describes {history} layers, the image has {layers}")]
    History {
        /// Steps that made a layer.
        history: usize,
        /// Layers.
        layers: usize,
    },
}

/// Reads every layer and checks it against descriptor and configuration; an empty list is a clean image.
///
/// Reads all bytes of the image, one layer at a time, without keeping them.
pub fn validate(image: &Image) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = image
        .layers()
        .iter()
        .enumerate()
        .filter_map(|(index, layer)| {
            let problem = check_layer(layer).err()?.to_string();
            Some(Flaw::Layer { index, digest: layer.descriptor().digest, problem })
        })
        .collect();
    let described = image.config().history().iter().filter(|step| !step.empty_layer).count();
    if described != 0 && described != image.layers().len() {
        flaws.push(Flaw::History { history: described, layers: image.layers().len() });
    }
    flaws
}

fn check_layer(layer: &Layer) -> io::Result<()> {
    // The descriptor is checked to the blob's last byte, also behind the end of the compressed stream.
    io::copy(&mut layer.open()?, &mut io::sink())?;
    let mut hash = HashingWriter::new(io::sink());
    let mut tar = layer.open_tar()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match tar.read(&mut buffer)? {
            0 => break,
            read => io::Write::write_all(&mut hash, &buffer[..read])?,
        }
    }
    let (_, actual, _) = hash.finish();
    if actual != layer.diff_id().0 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("its tar has the diffID {actual}, the configuration says {}", layer.diff_id()),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compression, DiffId, History, MemoryBlob, Platform};

    #[test]
    fn a_tampered_layer_is_named() {
        let good = Layer::from_tar(b"good", Compression::GZIP, History::default()).unwrap();
        let bad = Layer::new(
            good.descriptor().clone(),
            DiffId(Digest::of(b"other")),
            History::default(),
            MemoryBlob({
                let mut bytes = Vec::new();
                good.open().unwrap().read_to_end(&mut bytes).unwrap();
                bytes.into()
            }),
        );
        let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[good, bad]).unwrap();
        let flaws = validate(&image);
        assert_eq!(flaws.len(), 1);
        assert!(flaws[0].to_string().starts_with("layer 1 (sha256:"), "{}", flaws[0]);
    }
}
