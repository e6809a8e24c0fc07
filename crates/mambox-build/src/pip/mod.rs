//! Distributions of PyPI's kind: resolved at lock, and as wheels on this machine before layers are made.

mod build;
mod conflicts;
mod error;
mod logins;
mod resolve;
mod sources;
mod wheels;

pub(crate) use build::{Buildable, build, forbid};
pub(crate) use conflicts::settle;
pub use error::PipProblem;
pub(crate) use logins::learn_logins;
pub(crate) use resolve::{CACHE, Section, find_uv, libc, resolve};
pub(crate) use wheels::{ReadyWheel, fetch, fit, target};
