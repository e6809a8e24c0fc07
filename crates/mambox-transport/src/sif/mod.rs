//! Images as SIF files, Apptainer's format: layers flattened straight into a SquashFS partition.
//!
//! What `apptainer build` makes of an image without root is the model: all owned by root, the folder
//! `.singularity.d` with scripts made of the image's configuration, the configuration as a data object. The
//! scripts are our own texts that do the same; see `scripts`. Nothing is unpacked, and nothing is written but the
//! file itself. The file is a function of the image and of the compression.

mod architecture;
mod container;
mod flatten;
mod furnish;
mod inspect;
mod labels;
mod oras;
mod runscript;
mod scripts;
mod settings;
mod source;
mod variables;
mod write;

pub(crate) use oras::push;
pub use settings::SifSettings;
pub(crate) use write::write;
