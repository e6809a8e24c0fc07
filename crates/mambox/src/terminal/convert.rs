//! The summary of a conversion.

use mambox_build::ConvertReport;

use super::table::Table;
use super::text::{clean_line, seconds};

/// What was read, and where it is now.
pub(crate) fn convert_summary(report: &ConvertReport) -> String {
    let mut table = Table::default();
    table.row(["image".into(), clean_line(&report.source)]);
    table.row(["digest".into(), report.digest.to_string()]);
    let mut written = clean_line(&report.output.reference);
    if report.output.digest != report.digest {
        written += &format!(" as {}", report.output.digest);
    }
    table.row(["wrote".into(), written]);
    table.row(["time".into(), seconds(report.elapsed)]);
    table.render()
}
