//! Images in real engines: what we build is loaded, run, pushed and read by other people's programs.
//!
//! What this machine lacks is skipped, and a line says so. `.ci/setup-engines` provides everything:
//!
//! - `docker`, `podman`, `apptainer`, `skopeo`, `umoci`, `unsquashfs` on the PATH;
//! - `MAMBOX_TEST_BASES`: a folder with root file systems `debian-*.tar`; a tiny imitation serves without;
//! - `MAMBOX_TEST_REGISTRY`: `host:port` of an empty OCI registry without TLS.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::disallowed_methods)] // the variables above

mod apptainer;
#[path = "../../examples/hello/channel.rs"]
mod channel;
#[path = "../common/engines.rs"]
mod engines;
mod fixture;
mod registry;
mod running;
mod tools;
