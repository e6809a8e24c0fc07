//! Linking: what an installer would leave in the prefix, as tar entries.

mod compile;
mod linker;
mod place;
mod prefix;
mod python;
mod record;
mod target;

pub use linker::PackageSummary;
pub(crate) use linker::{LinkContext, link};
pub use python::Python;
pub(crate) use record::{canonical_record, record_path};
pub(crate) use target::Targets;
