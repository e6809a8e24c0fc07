//! `micromamba run`: a command in an active prefix.

mod error;
mod launch;
mod prepare;
mod program;
mod request;
mod sourcing;

pub use error::RunError;
pub use launch::Launch;
pub use prepare::prepare;
pub use request::{EnvSet, RunRequest, Streams};
