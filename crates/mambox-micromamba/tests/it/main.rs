//! The program from outside: a table of commands against the facts of the micromamba reference, transactions that are
//! interrupted, and prefixes compared with those of rattler's installer.
//!
//! That reference is what was recorded of micromamba 2.8.1, by sections: 2 subcommands and options, 3 what all have in
//! common, 4 the commands, 5 run and shell, 6 what is written, 8 where we differ on purpose (docs/src/micromamba.md).
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stderr)]

mod flags;
mod installer;
mod killed;
mod lab;
mod rows;
mod table;
mod transactions;
mod trees;
mod words;
