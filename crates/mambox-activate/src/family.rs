//! What shells source by themselves in images of the micromamba family.

use crate::apptainer::apptainer_scripts_of_family;
use crate::login::{PROFILE_SCRIPT, profile_script_of_family};

/// The scripts of Apptainer and of login shells, as absolute paths and their texts. They ask [`PROGRAM`](crate::PROGRAM).
pub fn family_scripts() -> impl Iterator<Item = (&'static str, String)> {
    apptainer_scripts_of_family().into_iter().chain([(PROFILE_SCRIPT, profile_script_of_family())])
}
