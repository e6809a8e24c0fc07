//! The family of base images as data: what it is made of, its tags, what a change alters, and its images.
//!
//! [`Family`] is `images.toml`, [`FamilyLock`] is `images.lock`. An image is a function of the two and of the bytes that
//! they name by digest. What reads the outside (registries, files, git) is in the files that say so.

mod account;
mod family;
mod family_file;
mod key;
mod lock;
mod plan;
mod policy;
mod published;
mod tags;
#[cfg(test)]
mod testing;

pub use family::{Base, Family, Micromamba, Package, Runtime, User};
pub use family_file::FamilyError;
pub use key::{Cause, ImageKey, Unpinned};
pub use lock::{FamilyLock, FamilyLockError, LockedBase, Programs};
pub use plan::{FamilyState, ImageChange, PlannedImage, plan};
pub use policy::{Change, ChangeClass, Verdict, policy};
pub use published::{VersionCheck, check_version};
