//! The two commands.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::catalog::Catalog;
use super::{debian, report, study};

/// What stands in the book between these two lines is the study's.
const BEGIN: &str = "<!-- cargo xtask layer-study writes from here -->\n";
const END: &str = "<!-- to here -->";

/// Compare plans of layers over families of environments; prints Markdown
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many families of environments
    #[arg(long, default_value_t = 48)]
    families: usize,
    /// Put the tables into this file, between its two marks, instead of printing them
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), String> {
        let catalog = Catalog::debian()?;
        let pairs = study::pairs(&catalog, self.families)?;
        let text = report::report(&pairs, self.families).map_err(|error| error.to_string())?;
        match &self.write {
            None => io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string()),
            Some(page) => replace(page, &text),
        }
    }
}

/// Puts the tables into a page.
fn replace(page: &Path, tables: &str) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", page.display());
    let old = read(page)?;
    let (before, rest) = old.split_once(BEGIN).ok_or_else(|| failed(&format!("has no line {BEGIN}")))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| failed(&format!("has no line {END}")))?;
    let new = format!("{before}{BEGIN}\n{tables}\n{END}{after}");
    #[allow(clippy::disallowed_methods)] // a program, no library
    fs::write(page, new).map_err(|error| failed(&error))
}

fn read(file: &Path) -> Result<String, String> {
    #[allow(clippy::disallowed_methods)] // a program, no library
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Make the study's catalogue out of a package index of Debian; prints it
#[derive(Debug, Args)]
pub(crate) struct CatalogArguments {
    /// The index, unpacked: a `Packages` file
    #[arg(value_name = "FILE")]
    index: PathBuf,
}

impl CatalogArguments {
    pub(crate) fn run(self) -> Result<(), String> {
        let index = read(&self.index)?;
        let mut out = io::stdout().lock();
        let mut write = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
        write(
            "# name, version, kind, bytes of the archive, whether it is asked for, dependencies: Debian's package index, with conda's names",
        )?;
        let entries = debian::catalog(&index)?;
        entries.iter().try_for_each(|entry| write(&entry.to_string()))
    }
}
