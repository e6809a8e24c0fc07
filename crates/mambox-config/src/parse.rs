//! Texts and YAML to values of a key's type.

use std::collections::BTreeMap;

use serde_yaml::Value as Yaml;

use crate::key::{Key, Kind};
use crate::value::Value;

/// A YAML node as a value of the key; `expand` is applied to each text.
///
/// # Errors
/// What the key expects.
pub(crate) fn from_yaml(key: &Key, node: &Yaml, expand: &dyn Fn(&str) -> String) -> Result<Value, String> {
    read(key.kind, node, expand).ok_or_else(|| key.kind.expected())
}

/// The text of a variable or of an argument as a value of the key.
///
/// # Errors
/// What the key expects.
pub fn from_text(key: &Key, text: &str) -> Result<Value, String> {
    let same = |text: &str| text.to_owned();
    let value = match key.kind {
        Kind::List => Some(Value::List(distinct(split(text, &[',']).map(str::to_owned)))),
        Kind::Paths => Some(Value::List(distinct(split(text, &[',', ':']).map(str::to_owned)))),
        Kind::Specs => Some(Value::List(distinct(specs(text).into_iter()))),
        Kind::Map | Kind::ListMap => {
            let node = serde_yaml::from_str(text).ok();
            node.and_then(|node| read(key.kind, &node, &same))
        }
        kind => read(kind, &Yaml::from(text.trim()), &same),
    };
    value.ok_or_else(|| key.kind.expected())
}

fn read(kind: Kind, node: &Yaml, expand: &dyn Fn(&str) -> String) -> Option<Value> {
    let text = |node: &Yaml| scalar(node).map(|text| expand(&text));
    let list = |node: &Yaml| match node {
        Yaml::Sequence(items) => items.iter().map(text).collect::<Option<Vec<_>>>(),
        Yaml::Null => Some(Vec::new()),
        one => text(one).map(|one| vec![one]),
    };
    match kind {
        Kind::Bool => truth(&text(node)?).map(Value::Bool),
        Kind::Int => text(node)?.trim().parse().ok().map(Value::Int),
        Kind::Text | Kind::Path | Kind::TextOrBool => text(node).map(Value::Text),
        Kind::Priority => {
            let word = text(node)?.trim().to_lowercase();
            let word = match truth(&word) {
                Some(true) => "flexible",
                Some(false) => "disabled",
                None => ["strict", "flexible", "disabled"].into_iter().find(|known| *known == word)?,
            };
            Some(Value::text(word))
        }
        Kind::Word(words) => {
            let word = text(node)?.to_lowercase();
            words.contains(&word.as_str()).then_some(Value::Text(word))
        }
        Kind::List | Kind::Specs | Kind::Paths => Some(Value::List(distinct(list(node)?.into_iter()))),
        Kind::Map => entries(node, text).map(Value::Map),
        Kind::ListMap => entries(node, list).map(Value::ListMap),
    }
}

fn entries<V>(node: &Yaml, read: impl Fn(&Yaml) -> Option<V>) -> Option<BTreeMap<String, V>> {
    if node.is_null() {
        return Some(BTreeMap::new());
    }
    node.as_mapping()?.iter().map(|(name, value)| Some((scalar(name)?, read(value)?))).collect()
}

/// The text of a scalar: files have numbers and truth values where text is meant (a channel called 2024).
fn scalar(node: &Yaml) -> Option<String> {
    match node {
        Yaml::String(text) => Some(text.clone()),
        Yaml::Bool(truth) => Some(truth.to_string()),
        Yaml::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The truth values of YAML 1.1, which conda and mamba read, and 0 and 1.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn split<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = &'a str> {
    // micromamba reads such a variable as the inside of a YAML list, where quotes may stand.
    let bare = |item: &'a str| item.trim().trim_matches(['"', '\'']).trim();
    text.trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split(separators)
        .map(bare)
        .filter(|item| !item.is_empty())
}

/// conda separates specs by `&`, mamba by commas, which stand in specs as well: what begins with a comparison
/// belongs to the spec before it.
fn specs(text: &str) -> Vec<String> {
    if text.contains('&') {
        return text.split('&').map(|spec| spec.trim().to_owned()).filter(|spec| !spec.is_empty()).collect();
    }
    let mut specs: Vec<String> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match specs.last_mut() {
            Some(last) if part.starts_with(['<', '>', '=', '!', '~', '*']) => {
                last.push(',');
                last.push_str(part);
            }
            _ => specs.push(part.to_owned()),
        }
    }
    specs
}

/// The items without what was there before.
pub(crate) fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::find;
    use proptest::prelude::*;

    /// Section 3, "Precedence": lists in the environment are comma-separated.
    #[test]
    fn variables_become_values() {
        let of = |name: &str, text: &str| from_text(find(name).unwrap(), text).unwrap();
        assert_eq!(of("channels", "a, b,,a"), Value::list(["a", "b"]));
        assert_eq!(of("channels", "['a', \"b\"]"), Value::list(["a", "b"]));
        assert_eq!(of("envs_dirs", "/a:/b,/c"), Value::list(["/a", "/b", "/c"]));
        assert_eq!(
            of("pinned_packages", "python>=3.8,<3.9,numpy"),
            Value::list(["python>=3.8,<3.9", "numpy"])
        );
        assert_eq!(of("pinned_packages", "a>1,<2 & b"), Value::list(["a>1,<2", "b"]));
        assert_eq!(of("offline", "Yes"), Value::Bool(true));
        assert_eq!(of("offline", "0"), Value::Bool(false));
        assert_eq!(of("extract_threads", "-1"), Value::Int(-1));
        assert_eq!(of("safety_checks", "Warn"), Value::text("warn"));
        assert_eq!(
            of("custom_channels", "{a: https://x}"),
            Value::Map([("a".to_owned(), "https://x".to_owned())].into())
        );
        assert_eq!(from_text(find("offline").unwrap(), "maybe").unwrap_err(), "true or false");
        assert_eq!(from_text(find("custom_channels").unwrap(), "a").unwrap_err(), "names and values");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", at in 0..crate::keys::KEYS.len()) {
            let key = &crate::keys::KEYS[at];
            if let (Ok(Value::List(items)), true) = (from_text(key, &text), key.kind.is_list()) {
                prop_assert!(items.iter().all(|item| !item.is_empty()));
            }
            if let Ok(node) = serde_yaml::from_str::<Yaml>(&text) {
                let _ = from_yaml(key, &node, &|text| text.to_owned());
            }
        }
    }
}
