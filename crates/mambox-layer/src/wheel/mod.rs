//! A wheel becomes part of a layer: what `pip install --no-deps` would leave of it, without pip.
//!
//! The specifications are the binary distribution format (PEP 427, 491), recording installed distributions (PEP 376, 627)
//! and entry points; where they are silent, pip's conduct counts. Unlike pip, this holds a wheel to its RECORD, as the
//! format asks of installers.

mod archive;
mod build;
mod claims;
mod csv;
mod distribution;
mod entry_points;
mod key;
mod linker;
mod members;
mod metadata;
mod names;
mod plan;
mod record;
mod script;
mod targets;

pub use archive::WheelArchive;
pub use build::build_wheel_layer;
pub(crate) use distribution::distribution;
pub use key::{WHEEL_FORMAT, WheelFile, WheelKey};
pub use metadata::WheelMetadata;
pub use plan::{PlannedWheel, PlannedWheels, Wheel, WheelPlan, plan_wheels};
pub use record::recorded_paths;
