//! Local container engines, through their own commands.
//!
//! `docker load` and `docker save` rather than the engine's socket: the command knows contexts, ssh://
//! and TLS hosts, rootless sockets and Docker Desktop, and podman's takes the same words.

mod context;
mod error;
mod load;
mod program;
mod save;
mod settings;
mod unpacked;

pub(crate) use context::{read, write};
pub use error::EngineError;
pub use settings::{EngineChoice, EngineSettings};
