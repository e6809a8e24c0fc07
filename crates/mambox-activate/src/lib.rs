//! What activating a conda prefix changes, as data: nothing is run, nothing is read from the machine.
//!
//! The order and the names follow conda's own activator: variables of packages
//! (`etc/conda/env_vars.d/*.json`, by file name), then those of the environment
//! (`conda-meta/state`), which win.
//!
//! What `activate.d` scripts change is found by others, who run them: [`parse_exports`], [`capture`],
//! [`Document`]. Going from one active prefix to another and back is [`switch`] and [`deactivate`].
//!
//! An image's Env reaches every process an engine starts. Two doors pass it by: login shells, whose
//! `/etc/profile` resets `PATH` ([`profile_script`]), and Apptainer, which garbles some values ([`apptainer_scripts`]).

mod activation;
mod apptainer;
mod captured;
mod change;
mod document;
mod exports;
mod family;
mod login;
mod posix;
mod quote;
mod search_path;
mod shell;
mod switch;
mod variables;
mod word;

pub use activation::{Activation, DEFAULT_PATH, Environment, default_name};
pub use apptainer::{ApptainerScripts, PROGRAM, apptainer_scripts, carries_through_apptainer};
pub use captured::{Captured, Run, capture};
pub use change::Change;
pub use document::{DOCUMENT, Document, DocumentError, Mode};
pub use exports::{ExportsError, parse_exports};
pub use family::family_scripts;
pub use login::{PROFILE_SCRIPT, profile_script};
pub use quote::is_shell_name;
pub use shell::{Shell, render, render_change};
pub use switch::{How, active_prefix, deactivate, prefix_below, switch};
pub use variables::{STATE, VariablesError, package_variables, parse_state, state_file};
