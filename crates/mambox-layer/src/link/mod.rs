//! Linking: what an installer would leave in the prefix, as tar entries.

mod compile;
mod linker;
mod place;
mod record;
mod targets;

pub(crate) use compile::{Compiling, Made};
pub use linker::PackageSummary;
pub(crate) use linker::{LinkContext, link};
pub(crate) use record::{canonical_record, record_path};
pub(crate) use targets::{refuse_whiteout, targets};
