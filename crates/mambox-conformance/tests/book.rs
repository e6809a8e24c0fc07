//! The table in the book's page of activation is the table of checks.
//!
//! `MAMBOX_RENEW_BOOK=1 cargo test -p mambox-conformance --test book` writes it anew.
#![allow(clippy::disallowed_methods)] // the variable above

use std::path::Path;

use mambox_conformance::{By, CHECKS, Check, Family};

const PAGE: &str = "docs/src/activation.md";
const BEGIN: &str = "<!-- checks -->\n";
const END: &str = "<!-- end of checks -->\n";

fn table() -> String {
    let mut table =
        "| way in | image of `mambox build` | image of the micromamba family |\n|---|---|---|\n".to_owned();
    table.extend(CHECKS.iter().map(row));
    table
}

fn row(check: &Check) -> String {
    let [built, family] = [Family::Built, Family::Micromamba].map(|family| cell(check.by(family)));
    format!("| `{}` | {built} | {family} |\n", check.name)
}

/// Files as code, words as words.
fn cell(by: Option<By>) -> String {
    match by {
        None => "–".to_owned(),
        Some(by @ (By::ImageEnv | By::Nothing)) => by.text().to_owned(),
        Some(by) => format!("`{}`", by.text()),
    }
}

#[test]
fn the_rows_of_the_page_are_the_checks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the mark where the table begins");
    let (written, after) = rest.split_once(END).expect("the mark where it ends");
    let table = table();
    if std::env::var_os("MAMBOX_RENEW_BOOK").is_some() {
        return std::fs::write(&path, [before, BEGIN, &table, END, after].concat()).expect("the page");
    }
    assert!(
        written == table,
        "{PAGE} has another table than the checks:\n{table}\n\
         Renew it with MAMBOX_RENEW_BOOK=1 cargo test -p mambox-conformance --test book"
    );
}
