//! Records as conda, mamba and micromamba wrote them over the years, read into rattler's type.

use std::fs;
use std::path::Path;

use rattler_conda_types::PrefixRecord;
use serde_json::{Map, Value};

use crate::error::PrefixError;

/// Far more than the largest packages need.
const MAX_RECORD: u64 = 512 << 20;

pub(crate) fn read(path: &Path) -> Result<PrefixRecord, PrefixError> {
    let failed = |error| PrefixError::Read { path: path.to_owned(), error };
    let damaged = |why: String| PrefixError::Damaged { path: path.to_owned(), why };
    if fs::metadata(path).map_err(failed)?.len() > MAX_RECORD {
        return Err(damaged(format!("it has more than {MAX_RECORD} bytes")));
    }
    let bytes = fs::read(path).map_err(failed)?;
    if let Ok(record) = serde_json::from_slice(&bytes) {
        return Ok(record);
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let Value::Object(mut record) = value else { return Err(damaged("it is no JSON object".into())) };
    repair(&mut record, path);
    serde_json::from_value(Value::Object(record)).map_err(|error| damaged(error.to_string()))
}

/// Empty and missing fields, which some installers leave, become what they mean.
fn repair(record: &mut Map<String, Value>, path: &Path) {
    let is_void = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
    record.retain(|name, value| name == "build" || !is_void(value));
    if let Some(build) = record.get("build_string").cloned() {
        record.entry("build").or_insert(build);
    }
    let dist = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let parts: Vec<&str> = dist.rsplitn(3, '-').collect();
    if let [build, version, name] = parts[..] {
        for (key, value) in [("build", build), ("version", version), ("name", name)] {
            record.entry(key).or_insert_with(|| value.into());
        }
    }
    record.entry("build_number").or_insert_with(|| 0.into());
    record.entry("subdir").or_insert_with(|| "noarch".into());
    record.entry("depends").or_insert_with(|| Value::Array(Vec::new()));
    let named = record.get("fn").and_then(Value::as_str);
    if !named.is_some_and(|name| name.ends_with(".conda") || name.ends_with(".tar.bz2")) {
        record.insert("fn".into(), format!("{dist}.conda").into());
    }
    if !record.get("url").and_then(Value::as_str).is_some_and(|url| url.contains(':')) {
        let file = record["fn"].as_str().unwrap_or_default();
        let url = format!("file:///unknown/{}/{file}", record["subdir"].as_str().unwrap_or_default());
        record.insert("url".into(), url.into());
    }
    if !record.get("link").is_none_or(|link| link.is_object() && link["source"].is_string()) {
        record.remove("link");
    }
    let paths = record.get_mut("paths_data").and_then(|data| data.get_mut("paths"));
    for entry in paths.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(entry) = entry.as_object_mut() {
            entry.retain(|_, value| !is_void(value));
        }
    }
}
