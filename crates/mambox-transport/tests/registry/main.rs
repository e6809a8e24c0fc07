//! Pulling and pushing against a registry in memory.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod auth;
mod bench;
mod messages;
mod oras;
mod pull;
mod push;
mod resume;
mod tags;
mod uploads;
