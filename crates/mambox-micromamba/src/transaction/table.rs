//! The table of changes, in micromamba's words and order.

use std::fmt::Write;

use super::{channel_name, human_size};
use crate::solve::{Change, ChangeKind, Changes};

/// The sections, in order: heading, sign, and the word of the summary.
const SECTIONS: [(ChangeKind, &str, &str); 6] = [
    (ChangeKind::Install, "Install", "+"),
    (ChangeKind::Remove, "Remove", "-"),
    (ChangeKind::Change, "Change", "~"),
    (ChangeKind::Reinstall, "Reinstall", "o"),
    (ChangeKind::Upgrade, "Upgrade", "^"),
    (ChangeKind::Downgrade, "Downgrade", "v"),
];

const HEADINGS: [&str; 5] = ["Package", "Version", "Build", "Channel", "Size"];

type Row = [String; 5];

/// The whole table. `cached` tells which packages need not be downloaded; `alias` shortens channels.
pub(crate) fn render(changes: &Changes, cached: &dyn Fn(&Change) -> bool, alias: &str) -> String {
    let mut download = 0;
    let mut sections: Vec<(&str, Vec<Row>)> = Vec::new();
    let mut summary = String::new();
    for (kind, heading, sign) in SECTIONS {
        let of_kind = || changes.all.iter().filter(|change| change.kind == kind);
        let mut rows = Vec::new();
        for change in of_kind() {
            let cached = change.new.is_none() || cached(change);
            if !cached {
                download += change.record().and_then(|record| record.package_record.size).unwrap_or(0);
            }
            rows.extend(change_rows(change, sign, cached, alias));
        }
        if !rows.is_empty() {
            let _ = writeln!(summary, "  {heading}: {} packages", of_kind().count());
            sections.push((heading, rows));
        }
    }
    let widths = widths(sections.iter().flat_map(|(_, rows)| rows));
    let rule = "─".repeat(widths.iter().sum::<usize>() + 2 * HEADINGS.len());
    let mut text = line(&HEADINGS.map(str::to_owned), &widths);
    for (heading, rows) in &sections {
        let _ = write!(text, "{rule}\n  {heading}:\n{rule}\n\n");
        rows.iter().for_each(|row| text.push_str(&line(row, &widths)));
        text.push('\n');
    }
    let total = human_size(download);
    let _ = write!(text, "  Summary:\n\n{summary}\n  Total download: {total}\n\n{rule}\n");
    text
}

/// The old package stands above the one that replaces it.
fn change_rows(change: &Change, sign: &str, cached: bool, alias: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let replaces = matches!(change.kind, ChangeKind::Change | ChangeKind::Upgrade | ChangeKind::Downgrade);
    if let Some(old) = change.old.as_ref().filter(|_| replaces) {
        rows.push(row("-", &old.repodata_record, "", alias));
    }
    if let Some(record) = change.record() {
        let size = record.package_record.size.map(human_size).unwrap_or_default();
        let size = match (&change.new, cached) {
            (None, _) => String::new(),
            (Some(_), true) => "Cached".to_owned(),
            (Some(_), false) => size,
        };
        let sign = if replaces { "+" } else { sign };
        rows.push(row(sign, record, &size, alias));
    }
    rows
}

fn row(sign: &str, record: &rattler_conda_types::RepoDataRecord, size: &str, alias: &str) -> Row {
    let package = &record.package_record;
    [
        format!("{sign} {}", package.name.as_normalized()),
        package.version.to_string(),
        package.build.to_string(),
        channel_name(record, alias),
        size.to_owned(),
    ]
}

fn widths<'a>(rows: impl Iterator<Item = &'a Row>) -> [usize; 5] {
    let mut widths = HEADINGS.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

/// All columns to the left but the size.
fn line(row: &Row, widths: &[usize; 5]) -> String {
    let mut text = String::new();
    for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
        let pad = width - cell.chars().count();
        match index {
            4 => {
                let _ = write!(text, "  {}{cell}", " ".repeat(pad));
            }
            _ => {
                let _ = write!(text, "  {cell}{}", " ".repeat(pad));
            }
        }
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{prefix_record, record};

    /// The micromamba reference, section 4, "install/create stdout".
    #[test]
    fn the_table_has_sections_and_a_summary() {
        let mut new = record("numpy", "2.0");
        new.package_record.size = Some(7_100_000);
        let old = [prefix_record(record("jq", "1.6")), prefix_record(record("gone", "1"))];
        let wanted = vec![new, record("jq", "1.7")];
        let changes = Changes::between(&old, wanted, &|_| false);
        insta::assert_snapshot!(render(&changes, &|change| change.name() == "jq", "https://h"), @"
          Package  Version  Build  Channel    Size
        ──────────────────────────────────────────
          Install:
        ──────────────────────────────────────────

          + numpy  2.0      0      c           7MB

        ──────────────────────────────────────────
          Remove:
        ──────────────────────────────────────────

          - gone   1        0      c

        ──────────────────────────────────────────
          Upgrade:
        ──────────────────────────────────────────

          - jq     1.6      0      c
          + jq     1.7      0      c        Cached

          Summary:

          Install: 1 packages
          Remove: 1 packages
          Upgrade: 1 packages

          Total download: 7MB

        ──────────────────────────────────────────
        ");
    }
}
