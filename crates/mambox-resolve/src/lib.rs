//! Channels, solving, downloading and the package cache: the part of mambox that reads from the outside.
//!
//! [`Resolver`] is the front: it turns an environment into a [`mambox_env::Lock`] and a lock into archives on
//! this machine. What it may read and reach is decided by [`Settings`], a plain value; environment variables and
//! the home directory are the command's business.

mod archive_record;
mod auth;
mod blocking;
mod cache;
mod channel;
mod client;
mod document;
mod download_events;
mod explain;
mod explicit;
mod fetch;
mod mask;
mod network_error;
mod repodata;
mod repodata_error;
mod request;
mod resolver;
mod retry;
mod settings;
mod solve;
mod solve_error;

pub use archive_record::ArchiveError;
pub use cache::{CacheError, CacheInfo, PackageCache, Pruned};
pub use channel::{ChannelError, ChannelGroup, Channels, channels};
pub use client::ClientError;
pub use document::DocumentError;
pub use explicit::ExplicitError;
pub use fetch::{FetchError, FetchedFile, FetchedPackage};
pub use mask::mask_text;
pub use network_error::NetworkError;
pub use repodata_error::RepodataError;
pub use resolver::{Resolver, SettingsError};
pub use settings::{
    ChannelPriority, ChannelSettings, DEFAULT_ALIAS, DEFAULT_DEFAULTS, NetworkSettings, Proxies, Settings,
};
pub use solve::{Solution, SolveRequest};
pub use solve_error::{SolveError, Unsolvable};
