//! A server on this machine's loopback address that behaves as badly as a test asks for.

mod auth;
mod fault;
mod files;
mod message;
mod server;
mod tls;
mod wire;

pub use auth::Auth;
pub(crate) use auth::basic_credentials;
pub use fault::{Fault, FaultKind};
pub use message::{Recorded, Request, Response};
pub use server::HttpServer;
pub(crate) use tls::Tls;
