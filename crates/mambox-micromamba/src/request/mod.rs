//! What a person asks for: specs of the command line and files of all kinds, put together.

mod conda_lock;
mod files;
mod gather;
mod locked_pip;
mod pip_section;
mod wanted;

pub(crate) use files::{SpecFile, read};
pub(crate) use gather::{Surroundings, gather};
pub(crate) use pip_section::PipSection;
pub(crate) use wanted::{Asked, Exact, Specs};
