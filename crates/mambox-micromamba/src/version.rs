//! Versions that the program tells.

/// The micromamba whose commands, options and words these are.
pub(crate) const COMPATIBLE: &str = "2.8.1";

/// The crates that solve and read packages.
pub(crate) const RATTLER: &str = "rattler_solve 12.0.3, rattler_conda_types 0.58.1";
