//! OCI images as immutable values.
//!
//! An [`Image`] is a list of [`Layer`]s and an [`ImageConfig`]; its manifest and digest follow from
//! them. Nothing here is changed in place: [`Image::with_layers`] and [`Image::with_config`] return
//! new values that share the old one's layers. The crate knows neither conda nor a network.
//!
//! Source of all shapes: the OCI image-spec v1.1; where Docker's own formats differ, the type says so.

pub mod codec;
mod config;
mod descriptor;
mod digest;
mod image;
mod index;
mod json;
mod layer;
mod media_type;
mod platform;
mod validate;

pub use codec::Compression;
pub use config::{ConfigChange, History, ImageConfig, InvalidConfig};
pub use descriptor::Descriptor;
pub use digest::{DiffId, Digest, HashingWriter, InvalidDigest, VerifyingReader};
pub use image::{Image, ImageError, MAX_LAYERS, Manifest};
pub use index::{Index, IndexEntry, IndexManifest};
pub use json::canonical_json;
pub use layer::{Blob, FileBlob, Layer, MemoryBlob, MountSource};
pub use media_type::MediaType;
pub use platform::{InvalidPlatform, Platform};
pub use validate::{Flaw, validate};
