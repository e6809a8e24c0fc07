//! Why an image is big: its files by package and by kind, the largest, and those that are there more than once.

mod entries;
mod kind;
mod report;
mod tally;

pub use kind::FileKind;
pub use report::{DuplicateFile, Duplicates, SizedFile, SizedKind, SizedPackage, Sizes};
pub(crate) use tally::sizes;
