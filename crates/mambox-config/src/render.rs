//! YAML in the shape that micromamba prints and that people write into rc files: two spaces a level, lists indented.

use serde_yaml::Value as Yaml;

/// `key: value` with a line break at the end; lists and maps go below the key.
pub(crate) fn entry(key: &str, value: &Yaml, indent: usize) -> String {
    let mut text = format!("{:indent$}{}:", "", scalar(&key.into()));
    match value {
        Yaml::Sequence(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                text.push_str(&list_item(item, indent + 2));
            }
        }
        Yaml::Mapping(map) if !map.is_empty() => {
            text.push('\n');
            for (name, value) in map {
                text.push_str(&entry(&text_of(name), value, indent + 2));
            }
        }
        value => {
            text.push(' ');
            text.push_str(&flow(value));
            text.push('\n');
        }
    }
    text
}

/// `  - item` with a line break at the end.
pub(crate) fn list_item(item: &Yaml, indent: usize) -> String {
    format!("{:indent$}- {}\n", "", flow(item))
}

/// A scalar on one line, quoted only where it must be.
pub(crate) fn scalar(value: &Yaml) -> String {
    match value {
        Yaml::Null => "~".to_owned(),
        Yaml::String(text) => {
            let written = serde_yaml::to_string(text).unwrap_or_default();
            let plain = !text.is_empty() && text.chars().all(is_harmless) && !is_truth_word(text);
            if plain && written.trim_end() == text { text.clone() } else { quoted(text) }
        }
        value => serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned(),
    }
}

/// The text of a scalar without quotes, by which items are compared.
pub(crate) fn text_of(value: &Yaml) -> String {
    value.as_str().map_or_else(|| scalar(value), str::to_owned)
}

/// Letters and what stands on keys: what no reader of YAML takes offence at.
fn is_harmless(character: char) -> bool {
    character == ' '
        || character.is_ascii_graphic()
        || (character.is_alphanumeric() && u32::from(character) <= 0xFFFF)
}

/// In double quotes; the rest of Unicode is escaped, since readers differ in what they let through.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            character if is_harmless(character) => quoted.push(character),
            character => quoted.push_str(&format!("\\U{:08X}", u32::from(character))),
        }
    }
    quoted.push('"');
    quoted
}

/// Words that are truth values to readers of YAML 1.1, as conda and micromamba are.
fn is_truth_word(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str())
}

/// Anything on one line: what no key of ours has, but an unknown one in the same file may.
fn flow(value: &Yaml) -> String {
    match value {
        Yaml::Sequence(items) => {
            format!("[{}]", items.iter().map(flow_scalar).collect::<Vec<_>>().join(", "))
        }
        Yaml::Mapping(map) => {
            let entry =
                |(name, value): (&Yaml, &Yaml)| format!("{}: {}", flow_scalar(name), flow_scalar(value));
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Yaml::Tagged(tagged) => format!("{} {}", tagged.tag, flow(&tagged.value)),
        value => scalar(value),
    }
}

/// Inside brackets more characters need quotes than outside.
fn flow_scalar(value: &Yaml) -> String {
    match value {
        Yaml::String(text) => quoted(text),
        value => flow(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_only_where_they_must_be() {
        let of = |text: &str| scalar(&Yaml::from(text));
        assert_eq!(of("conda-forge"), "conda-forge");
        assert_eq!(of("https://a.b/c"), "https://a.b/c");
        assert_eq!(of("({default_env}) "), r#""({default_env}) ""#);
        assert_eq!(
            (of(""), of("true"), of("2024"), of("no")),
            (r#""""#.into(), r#""true""#.into(), r#""2024""#.into(), r#""no""#.into())
        );
        assert_eq!(of("a: b"), r#""a: b""#);
        assert_eq!(of("größe"), "größe");
        assert_eq!(of("\u{2028}"), r#""\U00002028""#, "a line break to some readers");
        assert_eq!(scalar(&Yaml::Bool(true)), "true");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(key in "[a-z_]{1,8}", items in prop::collection::vec("\\PC{0,12}|[ -~\n]{0,8}", 0..4)) {
            let list = Yaml::Sequence(items.iter().map(|item| Yaml::from(item.as_str())).collect());
            let map = Yaml::Mapping(items.iter().map(|item| (item.as_str().into(), list.clone())).collect());
            for value in [list, map] {
                let text = entry(&key, &value, 0);
                let read: Yaml = serde_yaml::from_str(&text).expect(&text);
                prop_assert_eq!(&read[key.as_str()], &value, "{}", text);
            }
        }
    }
}
