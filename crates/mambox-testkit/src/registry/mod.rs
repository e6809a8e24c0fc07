//! An image registry in memory.

mod access;
mod blobs;
mod fake;
mod manifests;
mod reply;
mod route;
mod store;

pub use access::RegistryAuth;
pub use fake::FakeRegistry;
