//! The text that `micromamba shell hook` prints.

mod text;
mod words;

pub use text::{HookContext, hook};
