//! The tables in the book's page of activation are the tables of checks.
//!
//! `MAMBOX_RENEW_BOOK=1 cargo test -p mambox-conformance --test book -- --test-threads 1` writes them anew.
#![allow(clippy::disallowed_methods)] // the variable above

use std::path::Path;

use mambox_conformance::{APPTAINER_CHECKS, By, CHECKS, Check, Family};

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
    hold(BEGIN, END, &table());
}

#[test]
fn the_rows_of_apptainer_are_its_checks() {
    let rows: String = APPTAINER_CHECKS.iter().map(|check| format!("- `{}`\n", check.name)).collect();
    hold("<!-- apptainer -->\n", "<!-- end of apptainer -->\n", &rows);
}

/// Holds what is between two marks of the page to a text.
fn hold(begin: &str, end: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(begin).expect("the mark where it begins");
    let (written, after) = rest.split_once(end).expect("the mark where it ends");
    if std::env::var_os("MAMBOX_RENEW_BOOK").is_some() {
        return std::fs::write(&path, [before, begin, text, end, after].concat()).expect("the page");
    }
    assert!(
        written == text,
        "{PAGE} says otherwise than the checks:\n{text}\n\
         Renew it with MAMBOX_RENEW_BOOK=1 cargo test -p mambox-conformance --test book -- --test-threads 1"
    );
}
