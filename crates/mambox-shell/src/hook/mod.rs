//! The text that `micromamba shell hook` prints.

mod text;
mod words;

pub(crate) use text::{CSH_PROFILE, csh_profile};
pub use text::{HookContext, hook};
