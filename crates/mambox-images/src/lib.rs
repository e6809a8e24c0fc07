//! The family of base images as data: what it is made of, its tags, what a change alters, and its images.
//!
//! [`Family`] is `images.toml`, [`FamilyLock`] is `images.lock`. An image is a function of the two and of the bytes that
//! they name by digest. What reads the outside: `bases`, `sources`, `channel_package`, `build`, `update` and `git`.

mod account;
mod bases;
mod build;
mod channel_package;
mod deb;
mod error;
mod facts;
mod family;
mod family_file;
mod furnishings;
mod git;
mod image;
mod key;
mod lock;
mod look_out;
mod plan;
mod policy;
mod published;
mod selection;
mod sources;
mod tags;
#[cfg(test)]
mod testing;
mod trees;
mod update;

pub use build::{FamilyImage, FamilyRequest, build, write};
pub use error::ImagesError;
pub use family::{Base, Family, Micromamba, Package, Runtime, User};
pub use family_file::FamilyError;
pub use git::Repository;
pub use key::{Cause, ImageKey, Unpinned};
pub use lock::{FamilyLock, FamilyLockError, LockedBase, Programs};
pub use look_out::{LookOutError, look_out};
pub use plan::{FamilyState, ImageChange, PlannedImage, plan};
pub use policy::{Change, ChangeClass, Verdict, policy};
pub use published::{VersionCheck, check_version};
pub use selection::Selection;
pub use sources::Sources;
pub use update::update;
