//! The program from outside: a table of commands against the facts of reference/micromamba-cli.md, transactions that are
//! interrupted, and prefixes compared with those of rattler's installer.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr)]

mod flags;
mod lab;
mod rows;
mod table;
mod words;
