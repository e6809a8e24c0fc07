//! Which packages share a layer, and in which order layers lie.

mod group;
mod layer_plan;
mod often;
mod reason;

pub use group::{Group, Grouped, group};
pub use layer_plan::{LayerOptions, LayerPlan, PlannedLayer, PlannedPackage, plan};
pub use reason::{Reason, Share};
