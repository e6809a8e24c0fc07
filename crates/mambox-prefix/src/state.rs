//! `conda-meta/state`: JSON whose `env_vars` are the environment's own variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::PrefixError;
use crate::prefix::read_if_there;

const VARIABLES: &str = "env_vars";

pub(crate) fn variables(meta: &Path) -> Result<BTreeMap<String, String>, PrefixError> {
    let state = read(meta)?;
    let Some(variables) = state.get(VARIABLES).and_then(Value::as_object) else { return Ok(BTreeMap::new()) };
    Ok(variables.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
}

/// Numbers and the like as a shell would show them.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The file's text with some variables set; all else that it holds stays.
pub(crate) fn with(meta: &Path, set: &BTreeMap<String, String>) -> Result<String, PrefixError> {
    let mut state = read(meta)?;
    let variables = state.entry(VARIABLES).or_insert_with(|| Value::Object(Map::new()));
    if !variables.is_object() {
        *variables = Value::Object(Map::new());
    }
    if let Some(variables) = variables.as_object_mut() {
        variables.extend(set.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))));
    }
    Ok(format!("{:#}\n", Value::Object(state)))
}

pub(crate) fn set(meta: &Path, variables: &BTreeMap<String, String>) -> Result<(), PrefixError> {
    let text = with(meta, variables)?;
    let (path, beside) = (meta.join("state"), meta.join(".state.new"));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| PrefixError::Write { path, error })
}

fn read(meta: &Path) -> Result<Map<String, Value>, PrefixError> {
    let path = meta.join("state");
    let Some(text) = read_if_there(&path)? else { return Ok(Map::new()) };
    let damaged = |why| PrefixError::Damaged { path: path.clone(), why };
    match serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))? {
        Value::Object(state) => Ok(state),
        _ => Err(damaged("it is no JSON object".into())),
    }
}
