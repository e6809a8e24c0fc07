//! Layouts, archives and root file systems: written, read, and told apart from what they are not.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "helpers of tests"
)]

mod common;
mod determinism;
mod hostile_images;
mod hostile_trees;
mod layouts;
mod lookup;
mod recoding;
mod root_file_systems;
mod round_trips;
mod sif;
mod sif_hostile;
