//! Why an image is big.

use mambox_build::{DuplicateFile, SizedFile, SizedKind, SizedPackage, Sizes};

use super::inspection::section;
use super::style::Style;
use super::table::Table;
use super::text::{bytes, clean_line, count};

/// Packages that are named; the JSON has them all.
const PACKAGES: usize = 20;
/// Files and contents that are there twice.
const FILES: usize = 10;

/// The tables, the most telling first.
pub(super) fn sizes(sizes: &Sizes, style: Style) -> String {
    let mut text = String::new();
    let all = format!("{} in {}, before compression", bytes(sizes.bytes), count(sizes.files, "file"));
    section(&mut text, style, "by kind", kinds(&sizes.kinds, sizes.bytes) + "  " + &all + "\n");
    section(&mut text, style, "largest packages", packages(&sizes.packages, sizes.bytes));
    section(&mut text, style, "largest files", files(&sizes.largest));
    let twice = &sizes.duplicates;
    let heading =
        format!("{} whose content is there already ({})", count(twice.files, "file"), bytes(twice.bytes));
    section(&mut text, style, &heading, duplicates(&twice.largest));
    text
}

fn kinds(kinds: &[SizedKind], all: u64) -> String {
    let mut table = Table::indented(2).right(&[0, 1]);
    for kind in kinds {
        let policy = kind.policy.map(|policy| format!("--slim {policy} leaves them out"));
        table.row([
            bytes(kind.bytes),
            share(kind.bytes, all),
            kind.kind.title().into(),
            policy.unwrap_or_default(),
        ]);
    }
    table.render()
}

fn packages(packages: &[SizedPackage], all: u64) -> String {
    let mut table = Table::indented(2).right(&[0, 1]);
    for package in packages.iter().take(PACKAGES) {
        table.row([
            bytes(package.bytes),
            share(package.bytes, all),
            clean_line(&package.name),
            clean_line(&package.version),
        ]);
    }
    let more = packages.iter().skip(PACKAGES).map(|package| package.bytes);
    let (number, sum) =
        more.fold((0_usize, 0_u64), |(number, sum), bytes| (number + 1, sum.saturating_add(bytes)));
    if number > 0 {
        table.row([bytes(sum), share(sum, all), format!("{number} more"), String::new()]);
    }
    table.render()
}

fn files(files: &[SizedFile]) -> String {
    let mut table = Table::indented(2).right(&[0]);
    for file in files.iter().take(FILES) {
        table.row([
            bytes(file.bytes),
            clean_line(&file.path),
            file.package.as_deref().map(clean_line).unwrap_or_default(),
        ]);
    }
    table.render()
}

fn duplicates(files: &[DuplicateFile]) -> String {
    let mut table = Table::indented(2).right(&[0]);
    for file in files.iter().take(FILES) {
        let first = file.paths.first().map(|path| clean_line(path)).unwrap_or_default();
        let others = match file.paths.as_slice() {
            [_, other] => clean_line(other),
            [_, others @ ..] => format!("and {} more", others.len()),
            [] => String::new(),
        };
        table.row([bytes(file.bytes), first, others]);
    }
    table.render()
}

/// In per cent.
fn share(part: u64, all: u64) -> String {
    match all {
        0 => String::new(),
        all => format!("{:.1} %", part as f64 * 100.0 / all as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_build::{Duplicates, FileKind, SlimPolicy};
    use mambox_oci::Digest;

    #[test]
    fn kinds_packages_and_files_by_size() {
        let kind = |kind, policy, bytes| SizedKind { kind, policy, files: 3, bytes };
        let package = |name: &str, bytes| SizedPackage {
            prefix: "/opt/conda".into(),
            name: name.into(),
            version: "1.0".into(),
            files: 3,
            bytes,
        };
        let mut packages = vec![package("mkl", 600_000_000), package("py\u{1b}thon", 90_000_000)];
        packages.extend((0..22).map(|number| package(&format!("small-{number}"), 1000)));
        let found = Sizes {
            files: 31_000,
            bytes: 800_000_000,
            packages,
            kinds: vec![
                kind(FileKind::SharedLibs, None, 700_000_000),
                kind(FileKind::Headers, Some(SlimPolicy::Headers), 9_000_000),
            ],
            largest: vec![SizedFile {
                path: "/opt/conda/lib/libmkl_core.so.2".into(),
                package: Some("mkl".into()),
                bytes: 71_000_000,
            }],
            duplicates: Duplicates {
                files: 3,
                bytes: 41_000_000,
                largest: vec![
                    DuplicateFile {
                        digest: Digest::of(b"a"),
                        bytes: 20_000_000,
                        paths: vec!["/a".into(), "/b".into(), "/c".into()],
                    },
                    DuplicateFile {
                        digest: Digest::of(b"b"),
                        bytes: 1_000_000,
                        paths: vec!["/d".into(), "/d".into()],
                    },
                ],
            },
        };
        insta::assert_snapshot!(sizes(&found, Style::PLAIN).lines().filter(|line| !line.contains("small-1")).collect::<Vec<_>>().join("\n"), @r"

        by kind
          700.0 MB  87.5 %  shared libraries
            9.0 MB   1.1 %  headers           --slim headers leaves them out
          800.0 MB in 31000 files, before compression

        largest packages
          600.0 MB  75.0 %  mkl           1.0
           90.0 MB  11.2 %  py\u{1b}thon  1.0
            1.0 kB   0.0 %  small-0       1.0
            1.0 kB   0.0 %  small-2       1.0
            1.0 kB   0.0 %  small-3       1.0
            1.0 kB   0.0 %  small-4       1.0
            1.0 kB   0.0 %  small-5       1.0
            1.0 kB   0.0 %  small-6       1.0
            1.0 kB   0.0 %  small-7       1.0
            1.0 kB   0.0 %  small-8       1.0
            1.0 kB   0.0 %  small-9       1.0
            4.0 kB   0.0 %  4 more

        largest files
          71.0 MB  /opt/conda/lib/libmkl_core.so.2  mkl

        3 files whose content is there already (41.0 MB)
          20.0 MB  /a  and 2 more
           1.0 MB  /d  /d
        ");
    }
}
