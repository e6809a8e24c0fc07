//! What there is to write.

use mambox_oci::{Descriptor, Digest, Image, Index};

/// One image, or one for each of several platforms.
#[derive(Debug, Clone)]
pub enum Contents {
    /// One image.
    Image(Image),
    /// Several, under one index.
    Index(Index),
}

impl Contents {
    /// The digest by which the whole is known: the manifest's or the index's.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Image(image) => image.digest(),
            Self::Index(index) => index.digest(),
        }
    }

    /// What points at the whole.
    pub fn descriptor(&self) -> Descriptor {
        match self {
            Self::Image(image) => Descriptor::of(image.media_type(), image.manifest_bytes()),
            Self::Index(index) => index.descriptor(),
        }
    }

    /// The images, ordered by platform.
    pub fn images(&self) -> &[Image] {
        match self {
            Self::Image(image) => std::slice::from_ref(image),
            Self::Index(index) => index.images(),
        }
    }
}

impl From<Image> for Contents {
    fn from(image: Image) -> Self {
        Self::Image(image)
    }
}

impl From<Index> for Contents {
    fn from(index: Index) -> Self {
        Self::Index(index)
    }
}
