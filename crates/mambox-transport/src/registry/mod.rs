//! Images in registries, as the OCI distribution-spec v1.1 has it.
//!
//! Built on reqwest alone. The ready-made client crates were looked at and left out: they read answers of
//! any length into memory, lose `Retry-After` and the reason of a failed login, ask for tokens that are
//! good for one repository only (so that nothing can be mounted from another), and report no progress.

mod artifact;
mod cache;
mod challenge;
mod context;
mod credentials;
mod error;
mod http;
mod layer;
mod manifest;
mod name;
mod pull;
mod push;
mod repository;
mod retry;
mod sending;
mod session;
mod settings;
mod tags;
mod target;
mod token;
mod upload;
mod uploads;

pub(crate) use artifact::Artifact;
pub use cache::BlobCache;
pub use context::tags;
pub(crate) use context::{prefetch, read, write, write_artifact};
pub use error::RegistryError;
pub use http::Registry;
pub use layer::RegistryBlob;
pub use name::{InvalidName, RegistryReference};
pub use push::{PushSummary, Tally};
pub use settings::{Proxies, RegistrySettings};
pub use uploads::{UploadQueue, Uploads};
