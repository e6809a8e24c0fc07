//! Synthetic wheels.

mod builder;
mod built;
mod lies;
mod record;
mod zip;

pub use builder::WheelBuilder;
pub use built::BuiltWheel;
