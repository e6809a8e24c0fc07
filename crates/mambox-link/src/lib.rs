//! What every linker of conda packages agrees on, as pure functions.
//!
//! [`Targets`] maps and checks where each path of a package goes, [`overlap`] decides who wins where packages claim the same
//! path, [`Python`] knows the places of noarch python packages, and [`Replacement`] puts the environment's prefix into files.
//! Image layers and prefixes on disk are both linked by these rules, so that they come out the same.

mod error;
pub mod overlap;
mod prefix;
mod python;
mod target;

pub use error::{LinkError, printable};
pub use prefix::{ReplaceError, Replacement};
pub use python::Python;
pub use target::{Contents, Target, Targets, ancestors, check};
