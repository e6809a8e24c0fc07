//! `micromamba shell init` and `deinit`: blocks in shells' start-up files, and files in the root prefix.

mod apply;
mod block;
mod places;
mod plan;

pub use apply::apply;
pub use places::InitContext;
pub use plan::{FileEdit, deinit, init};
