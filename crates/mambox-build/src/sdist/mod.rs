//! A source distribution becomes a wheel: built once, in the sandbox, without network, and kept by everything that
//! decides it.
//!
//! What is fetched is checked before it comes here. The sources are laid into a folder, a build backend is called as
//! PEP 517 says, and the wheel that it leaves is written anew in one canonical form, so that two machines get the same
//! bytes from the same files.

mod advice;
mod archive;
#[cfg(test)]
mod archive_tests;
mod build;
mod build_requirement;
#[cfg(test)]
mod build_tests;
mod canonical;
mod driver;
mod error;
mod git;
mod ground;
#[cfg(test)]
mod machine;
mod project;
#[cfg(test)]
mod project_tests;
mod requirements;
mod result;
mod sources;
mod stage;
mod stored_zip;
mod unpack;
mod walk;
#[cfg(test)]
mod wheel_tests;
mod wheels;
mod workshop;

pub use error::{SdistError, SdistProblem};
pub(crate) use wheels::FOLDER as CACHE;
pub(crate) use {
    build::build_wheel,
    git::Commit,
    ground::{Ground, Identity},
    project::build_requirements,
    sources::Sources,
};
