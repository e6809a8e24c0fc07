//! What a configuration makes of a container: all of it but the layers and how they came to be.
//!
//! It travels in the recipe, so that `mambox verify` notices another user, entrypoint or variable.
//! Annotations are no part of it, since a docker-archive cannot carry them.

use mambox_oci::ImageConfig;
use serde_json::{Map, Value};

/// The configuration without `rootfs` and `history`.
pub(crate) fn essence(config: &ImageConfig) -> Map<String, Value> {
    let mut fields: Map<String, Value> = serde_json::from_slice(&config.to_bytes()).unwrap_or_default();
    fields.remove("rootfs");
    fields.remove("history");
    fields
}

/// A line for each field that is another than it should be.
pub(crate) fn differences(expected: &Map<String, Value>, found: &Map<String, Value>) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", expected, found, &mut lines);
    lines
}

fn compare(above: &str, expected: &Map<String, Value>, found: &Map<String, Value>, lines: &mut Vec<String>) {
    let mut names: Vec<&String> = expected.keys().chain(found.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match (expected.get(name), found.get(name)) {
            (one, other) if one == other => {}
            (Some(Value::Object(one)), Some(Value::Object(other))) => compare(&path, one, other, lines),
            (one, other) if path == "config.Env" => variables(one, other, lines),
            (one, other) => lines.push(format!("{path} should be {}, is {}", show(one), show(other))),
        }
    }
}

/// Variables one by one; where none differs, their order or number does.
fn variables(expected: Option<&Value>, found: Option<&Value>, lines: &mut Vec<String>) {
    let (before, after) = (by_name(expected), by_name(found));
    let known = lines.len();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("(none)").to_owned();
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
        let (one, other) = (text(before.get(name)), text(after.get(name)));
        lines.push(format!("env {name} should be '{one}', is '{other}'"));
    }
    if lines.len() == known {
        lines.push(format!("config.Env should be {}, is {}", show(expected), show(found)));
    }
}

fn by_name(list: Option<&Value>) -> Map<String, Value> {
    let words = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    words.map(|word| word.split_once('=').unwrap_or((word, ""))).map(|(k, v)| (k.into(), v.into())).collect()
}

fn show(value: Option<&Value>) -> String {
    value.map_or("(none)".into(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Map<String, Value> {
        let text = format!(
            r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":[]}},"config":{text}}}"#
        );
        essence(&ImageConfig::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn every_change_of_the_configuration_is_named() {
        let good = config(r#"{"User":"1:1","Env":["A=1","B=2"],"Cmd":["sh"]}"#);
        assert!(differences(&good, &good).is_empty());
        let evil = r#"{"User":"0","Env":["A=1","B=3","LD_PRELOAD=/x"],"Cmd":["sh"],"Entrypoint":["/x"]}"#;
        insta::assert_snapshot!(differences(&good, &config(evil)).join("\n"), @r#"
        config.Entrypoint should be (none), is ["/x"]
        env B should be '2', is '3'
        env LD_PRELOAD should be '(none)', is '/x'
        config.User should be "1:1", is "0"
        "#);
        let swapped = r#"{"User":"1:1","Env":["B=2","A=1"],"Cmd":["sh"]}"#;
        insta::assert_snapshot!(differences(&good, &config(swapped)).join("\n"), @r#"config.Env should be ["A=1","B=2"], is ["B=2","A=1"]"#);
    }
}
