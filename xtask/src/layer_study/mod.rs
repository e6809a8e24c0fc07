//! How packages are to be grouped into layers: what a second pull costs under several plans, from locks alone.

mod catalog;
mod change;
mod command;
mod debian;
mod environment;
mod family;
mod report;
mod statistics;
mod strategy;
mod study;
#[cfg(test)]
mod tests;
mod transfer;

pub(crate) use command::{Arguments, CatalogArguments};
