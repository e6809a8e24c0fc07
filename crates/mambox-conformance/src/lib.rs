//! Checks × bases × engines: whether an image's environment is active in every way in which a container
//! is entered.
//!
//! [`CHECKS`] are the ways in, as data. [`perform`] goes one of them on an [`Image`] of an [`Engine`] and gives a
//! [`Reading`], the environment that a program found there; an [`Expectation`] says what is wrong with it.
//!
//! [`APPTAINER_CHECKS`] are those of Apptainer, which has its own: it takes variables of the host, and no entrypoint.
//!
//! [`test_family`] tries a whole image that claims to be of the micromamba family, whoever made it: [`family_checks`] are
//! its promises, the ways in among them.
//!
//! Engines are spoken to through their own commands, as people do it. Images and containers are removed when
//! their values are dropped.

mod apptainer;
mod check;
mod checks;
mod command;
mod engine;
mod error;
mod expectation;
mod family;
mod image;
mod perform;
mod reading;
mod words;

pub use apptainer::{APPTAINER_CHECKS, Action, Apptainer, ApptainerCheck};
pub use check::{By, Check, Entry, Family, Need, Words};
pub use checks::CHECKS;
pub use engine::{Engine, unique};
pub use error::EngineError;
pub use expectation::{Expectation, Value};
pub use family::{
    CheckResult, Expect, FamilyCheck, FamilyOutcome, FamilyReport, FamilyTest, Group, Look, Ought, Start,
    Through, Who, family_checks, test_family,
};
pub use image::{Container, Image};
pub use perform::{Programs, Subject, perform};
pub use reading::Reading;
