//! A `pip:` section becomes exact distributions, with uv as a program.
//!
//! [`Uv::find`] looks for uv, [`installed`] says which distributions the conda packages of a lock bring, and [`resolve`]
//! has uv resolve requirements for an environment's python and platform, with those distributions as they are. What
//! comes back are files with sha256, folders and commits. [`index_options`] says where they are looked for. [`PipRequest`] says what is read of the machine.
//!
//! # Security
//! To learn what a source distribution depends on, uv runs its build backend **on this machine**, outside any sandbox,
//! unless its metadata are static. That is what pip does, too. [`PipRequest::no_build`] refuses it, and [`resolve`] says
//! where it may have happened.
//!
//! # The user's configuration of uv holds
//! uv gets the variables of the request and nothing else, so that `UV_INDEX`, `UV_EXCLUDE_NEWER`, `UV_CONSTRAINT`, proxies and
//! certificates count as they do for uv itself, and so does its `uv.toml` (beside the environment file, in the user's
//! folder, or as `UV_CONFIG_FILE` says). pip's own configuration, `pip.conf` and `PIP_*`, is not uv's and does not count. Set by this crate
//! are only the cache folder, the python version and platform, the format, and what would lead uv into another folder
//! or make it talk too much.

mod choose;
mod error;
mod failure;
mod hashes;
mod indexes;
mod installed;
mod mask;
mod names;
mod platform;
mod process;
mod pylock;
mod reader;
mod request;
mod resolve;
mod stubs;
mod uv;
mod uv_error;
mod version;
mod warnings;

pub use error::PipError;
pub use indexes::index_options;
pub use installed::{Installed, installed};
pub use request::PipRequest;
pub use resolve::resolve;
pub use uv::Uv;
pub use uv_error::UvError;
