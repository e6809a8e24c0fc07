//! A transaction as JSON (section 3, "--json").

use serde_json::{Map, Value, json};

use super::channel_name;
use crate::solve::Changes;
use rattler_conda_types::RepoDataRecord;

/// The `actions` object; parts without an entry are absent.
pub(crate) fn actions(changes: &Changes, prefix: &str, fetched: &[RepoDataRecord], alias: &str) -> Value {
    let records = |records: &[RepoDataRecord]| -> Vec<Value> {
        records.iter().map(|record| record_json(record, alias)).collect()
    };
    let unlink: Vec<RepoDataRecord> =
        changes.to_unlink().into_iter().map(|record| record.repodata_record).collect();
    let mut actions = Map::new();
    actions.insert("PREFIX".to_owned(), json!(prefix));
    for (key, list) in
        [("FETCH", records(fetched)), ("LINK", records(&changes.to_link())), ("UNLINK", records(&unlink))]
    {
        if !list.is_empty() {
            actions.insert(key.to_owned(), Value::Array(list));
        }
    }
    Value::Object(actions)
}

/// One record, with the keys that scripts know.
pub(crate) fn record_json(record: &RepoDataRecord, alias: &str) -> Value {
    let package = &record.package_record;
    let build = package.build.to_string();
    let mut object = json!({
        "name": package.name.as_normalized(),
        "version": package.version.to_string(),
        "build": build,
        "build_string": build,
        "build_number": package.build_number,
        "channel": channel_name(record, alias),
        "url": mambox_env::strip_credentials(&record.url).as_str(),
        "subdir": package.subdir,
        "fn": record.identifier.to_file_name(),
        "size": package.size.unwrap_or(0),
        "timestamp": package.timestamp.map_or(0, |time| time.timestamp_millis() / 1000),
        "license": package.license.clone().unwrap_or_default(),
        "depends": package.depends,
        "constrains": package.constrains,
        "track_features": package.track_features.join(","),
    });
    if let Some(object) = object.as_object_mut() {
        let hashes = [("md5", package.md5.map(hex::encode)), ("sha256", package.sha256.map(hex::encode))];
        for (key, hash) in hashes {
            object.extend(hash.map(|hash| (key.to_owned(), Value::String(hash))));
        }
        if let Some(kind) = noarch(record) {
            object.insert("noarch".to_owned(), json!(kind));
        }
    }
    object
}

fn noarch(record: &RepoDataRecord) -> Option<&'static str> {
    match record.package_record.noarch {
        kind if kind.is_python() => Some("python"),
        kind if kind.is_none() => None,
        _ => Some("generic"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noarch_python;

    #[test]
    fn records_have_the_keys_of_conda() {
        let json =
            serde_json::to_string_pretty(&record_json(&noarch_python("six", "1.16"), "https://h")).unwrap();
        insta::assert_snapshot!(json, @r#"
        {
          "name": "six",
          "version": "1.16",
          "build": "0",
          "build_string": "0",
          "build_number": 0,
          "channel": "c",
          "url": "https://h/c/linux-64/six-1.16-0.conda",
          "subdir": "linux-64",
          "fn": "six-1.16-0.conda",
          "size": 0,
          "timestamp": 0,
          "license": "",
          "depends": [],
          "constrains": [],
          "track_features": "",
          "noarch": "python"
        }
        "#);
    }
}
