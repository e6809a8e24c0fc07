//! Reads back what travels inside an image of ours: recipe and lock.

use std::io::{self, Read};

use mambox_env::{Lock, LockFile, LockSelection};
use mambox_oci::{Image, Layer};

use crate::recipe::{self, PREFIX_LABEL, Recipe};
use crate::{BuildError, marks, paths};

/// The lock's name in the recipe's folder.
pub(crate) const LOCK: &str = "lock.yml";
/// The recipe's.
pub(crate) const RECIPE: &str = "recipe.json";

/// An environment has some MB of lock at most.
const MAX_FILE: u64 = 64 << 20;

/// Recipe and lock of an image.
#[derive(Debug)]
pub(crate) struct Embedded {
    /// How it was made.
    pub(crate) recipe: Recipe,
    /// Out of what.
    pub(crate) lock: Lock,
}

/// Finds recipe and lock of the environment that is active; `None` for an image that is not ours. Reads one small
/// layer; may block.
pub(crate) fn read(image: &Image) -> Result<Option<Embedded>, BuildError> {
    let labels = image.config().labels();
    match (labels.get(PREFIX_LABEL), environments(image).pop()) {
        (Some(prefix), Some(layer)) => read_from(&layer, prefix),
        _ => Ok(None),
    }
}

/// The same of all environments, bottom first, so that the active one is the last; none for an image that is not ours.
pub(crate) fn read_all(image: &Image) -> Result<Vec<Embedded>, BuildError> {
    let Some(active) = read(image)? else { return Ok(Vec::new()) };
    let root = paths::root_of(&active.recipe.name, &active.recipe.prefix);
    let layers = environments(image);
    // A base may be an image of ours, too.
    let first = layers.len().saturating_sub(1 + active.recipe.others.len());
    let mut all = Vec::new();
    for (name, layer) in active.recipe.others.iter().zip(&layers[first..]) {
        let missing = || BuildError::Recipe { problem: format!("that of the environment {name} is missing") };
        all.push(read_from(layer, &paths::of_environment(name, root))?.ok_or_else(missing)?);
    }
    all.push(active);
    Ok(all)
}

/// The layers that hold the records of environments, bottom first.
fn environments(image: &Image) -> Vec<Layer> {
    let layers = marks::described(image);
    layers.into_iter().filter(|(_, step)| is_environment(step)).map(|(layer, _)| layer.clone()).collect()
}

fn read_from(layer: &Layer, prefix: &str) -> Result<Option<Embedded>, BuildError> {
    let folder = format!("{}/{}", prefix.trim_start_matches('/'), recipe::FOLDER);
    let [lock, recipe] = files(layer, [&format!("{folder}/{LOCK}"), &format!("{folder}/{RECIPE}")])
        .map_err(|e| BuildError::Recipe { problem: e.to_string() })?;
    let (Some(lock), Some(recipe)) = (lock, recipe) else { return Ok(None) };
    let recipe = Recipe::parse(&recipe)?;
    let text = String::from_utf8(lock).map_err(|e| BuildError::Recipe { problem: e.to_string() })?;
    let file = LockFile::from_text(&text, "the lock in the image", &LockSelection::default())?;
    let empty = || BuildError::Recipe { problem: "the lock is empty".into() };
    let lock = file.locks().first().cloned().ok_or_else(empty)?;
    Ok(Some(Embedded { recipe, lock }))
}

fn is_environment(step: &mambox_oci::History) -> bool {
    step.created_by.as_deref() == Some(marks::ENVIRONMENT)
}

/// The content of some files of a layer, each bounded.
pub(crate) fn files<const N: usize>(layer: &Layer, paths: [&str; N]) -> io::Result<[Option<Vec<u8>>; N]> {
    let mut found = [const { None }; N];
    let mut tar = tar::Archive::new(layer.open_tar()?);
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes().into_owned();
        let wanted = paths.iter().position(|wanted| wanted.as_bytes() == path);
        if let (Some(index), true) = (wanted, entry.header().entry_type().is_file()) {
            if entry.size() > MAX_FILE {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{} is too big", paths[index]),
                ));
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            found[index] = Some(bytes);
        }
    }
    Ok(found)
}
