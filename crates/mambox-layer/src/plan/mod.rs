//! Which packages share a layer, and in which order layers lie.

mod group;
mod layer_plan;
mod reason;

pub use layer_plan::{LayerOptions, LayerPlan, PlannedLayer, PlannedPackage, plan};
pub use reason::Reason;
