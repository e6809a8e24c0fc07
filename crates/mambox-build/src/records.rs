//! The environment's own records, a small layer above the packages: conda's history and state, our lock
//! and recipe, and the scripts for the two doors that pass by an image's Env: login shells and Apptainer.

use mambox_activate::{Activation, DOCUMENT, PROFILE_SCRIPT, apptainer_scripts, profile_script, state_file};
use mambox_env::{Lock, LockFile};
use mambox_oci::{Compression, Layer};

use crate::compose::Active;
use crate::created::rfc3339;
use crate::plans::package_label;
use crate::recipe::{self, Recipe};
use crate::tree::{Content, FileTree};
use crate::{BuildError, embedded, marks};

/// Makes the layer. The lock is the portable one: no path of this machine, no credential.
pub(crate) fn layer(
    lock: &Lock,
    recipe: &Recipe,
    active: &Active,
    compression: Compression,
) -> Result<Layer, BuildError> {
    let mut tree = tree(lock, recipe)?;
    if let Some(document) = &active.document {
        let path = format!("{}/{DOCUMENT}", recipe.prefix);
        tree.file(&path, 0o664, Content::Bytes(document.to_json().into_bytes()));
    }
    if let Some(activation) = active.activation() {
        add_scripts(&mut tree, activation, recipe.entry_program.is_some());
    }
    let tar = tree.to_bytes(u64::try_from(recipe.created).unwrap_or(0));
    let history = marks::history(marks::ENVIRONMENT, Some(rfc3339(recipe.created)), None);
    Layer::from_tar(&tar, compression, history)
        .map_err(|e| BuildError::io("cannot compress", "the environment's records", e))
}

fn tree(lock: &Lock, recipe: &Recipe) -> Result<FileTree, BuildError> {
    let prefix = recipe.prefix.trim_start_matches('/');
    let mut tree = FileTree::default();
    // As in the packages' layers: group 0 may write in the prefix.
    for folder in [prefix, &format!("{prefix}/conda-meta"), &format!("{prefix}/{}", recipe::FOLDER)] {
        tree.folder(folder, 0o775);
    }
    let mut file =
        |name: &str, bytes: Vec<u8>| tree.file(&format!("{prefix}/{name}"), 0o664, Content::Bytes(bytes));
    file("conda-meta/history", history(lock, recipe).into_bytes());
    if let Some(state) = state_file(&recipe.variables) {
        file("conda-meta/state", state.into_bytes());
    }
    let portable = LockFile::new(mambox_env::DEFAULT_ENVIRONMENT, vec![lock.portable()])?;
    file(&format!("{}/{}", recipe::FOLDER, embedded::LOCK), portable.to_yaml()?.into_bytes());
    file(&format!("{}/{}", recipe::FOLDER, embedded::RECIPE), recipe.to_json());
    Ok(tree)
}

fn add_scripts(tree: &mut FileTree, activation: &Activation, has_program: bool) {
    let apptainer = apptainer_scripts(activation, has_program);
    for (path, text) in apptainer.into_iter().chain([(PROFILE_SCRIPT, profile_script(activation))]) {
        tree.file(path, 0o644, Content::Bytes(text.into_bytes()));
    }
}

/// `conda-meta/history`, whose presence makes a folder an environment for conda, and whose last
/// "update specs" line `conda update` and `conda env export --from-history` go by.
fn history(lock: &Lock, recipe: &Recipe) -> String {
    let time = rfc3339(recipe.created).replace('T', " ").replace('Z', "");
    let mut text = format!("==> {time} <==\n# cmd: mambox build\n");
    for package in lock.portable().packages() {
        let channel = package.channel.as_deref().unwrap_or_default();
        let record = &package.record;
        text.push_str(&format!("+{channel}/{}::{}\n", record.subdir, package_label(package)));
    }
    // A Python list of strings, as conda writes it; JSON's quoting is a subset of Python's.
    let specs = serde_json::json!(recipe.specs);
    text.push_str(&format!("# update specs: {specs}\n"));
    text
}
