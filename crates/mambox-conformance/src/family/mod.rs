//! Checks of a whole image that claims to be of the micromamba family, whoever made it.

mod apptainer;
mod attempt;
mod check;
mod checks;
mod facts;
mod json;
mod judge;
mod junit;
mod lab;
mod probe;
mod report;
mod runner;
mod survey;
mod table;

pub use check::{Expect, FamilyCheck, Group, Look, Ought, Start, Who};
pub use checks::family_checks;
pub use report::{CheckResult, FamilyOutcome, FamilyReport};
pub use runner::{FamilyTest, Through, test_family};
