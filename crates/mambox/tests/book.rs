//! The book's page of commands holds the help of every command, word for word.
//!
//! `MAMBOX_RENEW_BOOK=1 cargo test -p mambox --test book` writes it anew.
#![allow(clippy::disallowed_methods)] // the variable above

use std::fmt::Write as _;
use std::path::Path;

use mambox_testkit::TestEnv;

const PAGE: &str = "docs/src/commands.md";

const COMMANDS: [&[&str]; 21] = [
    &[],
    &["build"],
    &["lock"],
    &["plan"],
    &["convert"],
    &["inspect"],
    &["diff"],
    &["verify"],
    &["test"],
    &["images"],
    &["images", "update"],
    &["images", "build"],
    &["images", "test"],
    &["images", "plan"],
    &["images", "tags"],
    &["images", "policy"],
    &["images", "check-version"],
    &["cache"],
    &["cache", "info"],
    &["cache", "prune"],
    &["completions"],
];

fn page() -> String {
    let env = TestEnv::new(env!("CARGO_BIN_EXE_mambox")).var("COLUMNS", "100");
    let mut page = "# Commands\n\nWhat `--help` says. A test holds this page to it.\n".to_owned();
    for command in COMMANDS {
        let run = env.run(command.iter().chain(&["--help"]));
        assert!(run.success(), "{run}");
        let name = [&["mambox"], command].concat().join(" ");
        let help: Vec<&str> = run.stdout.trim_end().lines().map(str::trim_end).collect();
        // Writing to a string does not fail.
        let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n"));
    }
    page
}

#[test]
fn the_page_of_commands_is_the_help() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = page();
    if std::env::var_os("MAMBOX_RENEW_BOOK").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the page");
    let differs = written.lines().zip(page.lines()).find(|(written, help)| written != help);
    assert!(
        written == page,
        "{PAGE} is not what --help says; first difference: {differs:?}. \
         Renew it with MAMBOX_RENEW_BOOK=1 cargo test -p mambox --test book"
    );
}
