//! A conda package archive becomes a deterministic image layer.
//!
//! [`plan`] groups a lock's packages into layers, each with a [`LayerKey`]: same key, same bytes. [`Claims`] and
//! [`Conflicts`] find paths that several packages install, and [`LayerPlan::with_conflicts`] masks the
//! losers'. [`build_layer`] turns the archives of one layer into a compressed tar in a single streaming
//! pass: decompressed, checked, linked (prefixes replaced, noarch paths mapped, entry points and the conda-meta
//! record written), hashed and compressed without being unpacked to disk. Where `.pyc` files are wanted, a [`Compile`]
//! is handed in that makes them. [`plan_wheels`] and [`build_wheel_layer`] do the same for wheels, which lie above the
//! packages.
//!
//! The layers laid over one another are what rattler's installer leaves in a prefix; a property test holds them to it.

mod archive;
mod build;
mod conflict;
mod error;
mod install_prefix;
mod key;
mod layer_tar;
mod link;
mod pipe;
mod plan;
mod pyc;
mod slim;
mod wheel;

pub use archive::{Archive, EntryKind, PackageMetadata, TarEntry, TarReader};
pub use build::{LayerOutput, build_layer, build_layer_with};
pub use conflict::{Claims, Conflict, Conflicts};
pub use error::{CompileError, LayerError, Problem};
pub use install_prefix::Prefix;
pub use key::{LAYER_FORMAT, LayerKey, PackageKey, PycPolicy};
pub use link::PackageSummary;
pub use mambox_link::Python;
pub use plan::{
    Group, Grouped, LayerOptions, LayerPlan, PlannedLayer, PlannedPackage, Reason, Share, group, plan,
};
pub use pyc::{Compile, PySource, Uncompiled};
pub use slim::{LeftOut, Savings, SlimError, SlimPolicies, SlimPolicy};
pub use wheel::{
    PlannedWheel, PlannedWheels, WHEEL_FORMAT, Wheel, WheelArchive, WheelFile, WheelKey, WheelMetadata,
    WheelPlan, build_wheel_layer, plan_wheels, recorded_paths,
};
