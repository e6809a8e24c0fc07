//! Statements of POSIX sh that the scripts share. Each is true afterwards, so `set -e` goes on, and
//! reads no variable that may be unset, so `set -u` does.

use crate::activation::{Activation, DEFAULT_PATH};
use crate::quote::posix;

/// `export NAME='value'`.
pub(crate) fn export(name: &str, value: &str) -> String {
    format!("export {name}={}\n", posix(value))
}

/// Sets a variable that is unset or empty.
pub(crate) fn export_where_empty(name: &str, value: &str) -> String {
    format!("if [ -z \"${{{name}-}}\" ]; then export {name}={}; fi\n", posix(value))
}

/// Sets a variable that is unset; an empty one stays.
pub(crate) fn export_where_unset(name: &str, value: &str) -> String {
    format!("if [ -z \"${{{name}+x}}\" ]; then export {name}={}; fi\n", posix(value))
}

/// Puts a folder in front of `PATH`, unless it is there: what someone put before it on purpose, such
/// as a virtual environment's programs, stays before it.
pub(crate) fn prepend(folder: &str) -> String {
    let folder = posix(folder);
    format!(
        "case \":${{PATH-}}:\" in\n  *:{folder}:*) ;;\n  *) export PATH={folder}:\"${{PATH:-{DEFAULT_PATH}}}\" ;;\nesac\n"
    )
}

/// Puts a folder behind `PATH`, unless it is there.
pub(crate) fn append(folder: &str) -> String {
    let folder = posix(folder);
    format!(
        "case \":${{PATH-}}:\" in\n  *:{folder}:*) ;;\n  *) export PATH=\"${{PATH:-{DEFAULT_PATH}}}\":{folder} ;;\nesac\n"
    )
}

/// Puts all folders of an activation into `PATH` that are not there.
pub(crate) fn path(activation: &Activation) -> String {
    let front = activation.front();
    let first = front.iter().rev().map(|folder| prepend(folder));
    first.chain(activation.back().into_iter().map(append)).collect()
}

/// `unset NAME`; true also where it is not set.
pub(crate) fn unset(name: &str) -> String {
    format!("unset {name}\n")
}

/// Takes all folders of an activation out of `PATH`, each once.
pub(crate) fn without(activation: &Activation) -> String {
    let mut text = "mambox_path=:${PATH-}:\n".to_owned();
    let front = activation.front();
    for folder in front.iter().map(String::as_str).chain(activation.back()) {
        let folder = posix(folder);
        text.push_str(&format!(
            "case $mambox_path in\n  *:{folder}:*) mambox_path=${{mambox_path%%:{folder}:*}}:${{mambox_path#*:{folder}:}} ;;\nesac\n"
        ));
    }
    text + "mambox_path=${mambox_path#:}\nexport PATH=\"${mambox_path%:}\"\nunset mambox_path\n"
}
