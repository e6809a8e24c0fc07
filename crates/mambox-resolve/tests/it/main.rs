//! Channels, solving and fetching against synthetic channels, on disk and over HTTP.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod auth;
mod cache;
mod channels;
mod explicit;
mod fetch;
mod lab;
mod local_files;
mod repodata;
mod solve;
