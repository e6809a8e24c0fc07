//! What people see: progress on stderr, results on stdout.

mod bars;
mod build;
mod cache;
mod console;
mod convert;
mod difference;
mod inspection;
mod json_lines;
mod plain_lines;
mod plan;
mod progress;
mod sizes;
mod style;
mod table;
mod text;
mod verification;

pub(crate) use build::build_summary;
pub(crate) use cache::{cache_contents, cache_removed};
pub(crate) use console::Console;
pub(crate) use convert::convert_summary;
pub(crate) use difference::difference;
pub(crate) use inspection::inspection;
pub(crate) use plan::plan;
pub(crate) use progress::ProgressMode;
pub(crate) use style::Style;
pub(crate) use table::Table;
pub(crate) use text::{bytes, clean};
pub(crate) use verification::verification;
