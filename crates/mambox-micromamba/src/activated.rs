//! The variables of a program that runs in an environment: for pip.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Outcome;
use crate::session::Session;

/// Our own variables, changed as activating `prefix` changes them. Activation scripts are not run: what builds
/// wheels gets along with paths.
pub(crate) fn environment(session: &Session<'_>, prefix: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut variables = session.machine.variables.clone();
    let bin = prefix.join("bin");
    let path = variables.get("PATH").cloned().unwrap_or_else(|| "/usr/bin:/bin".to_owned());
    variables.insert("PATH".to_owned(), format!("{}:{path}", bin.display()));
    variables.insert("CONDA_PREFIX".to_owned(), prefix.display().to_string());
    variables.insert("CONDA_DEFAULT_ENV".to_owned(), session.name_of(prefix));
    Ok(variables)
}
