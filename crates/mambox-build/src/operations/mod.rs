//! What the command can ask for, one file each.

mod build;
mod cache;
mod convert;
mod diff;
mod inspect;
mod lock;
mod plan;
mod prepare;
mod stack;
mod verify;

pub use build::build;
pub use cache::{cache_info, cache_prune};
pub use convert::convert;
pub use diff::diff;
pub use inspect::{InspectRequest, inspect};
pub use lock::lock;
pub use plan::plan;
pub use verify::verify;
