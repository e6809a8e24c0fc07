//! The table of checks, one part for each group.

mod apptainer;
mod configuration;
mod dockerfile;
mod entrypoint;
mod files;
mod foreign;
mod micromamba;
mod rows;
mod shells;
mod users;
mod ways_in;

pub use rows::family_checks;
