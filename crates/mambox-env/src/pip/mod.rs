//! Distributions of PyPI's kind: their names, wheels' file names and tags, and their place in a lock.

mod lock;
mod name;
mod package;
mod tags;
mod wheel_name;

pub(crate) use lock::{from_rattler, to_rattler};
pub use name::{PipNameError, normalize_pip_name};
pub use package::{PipPackage, PipSource};
pub use tags::{TagRank, WheelTarget};
pub use wheel_name::{WheelName, WheelNameError};
