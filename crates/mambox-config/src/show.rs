//! `config list`, `describe` and `sources`, and the dump of `--print-config-only`: sections 2 and 4 of the reference.
//!
//! As in micromamba values are shown as they are, with any credentials in them: who asks for them gets them.

use std::path::Path;

use serde_json::{Map, Value as Json};
use serde_yaml::Value as Yaml;

use crate::key::{Group, Key};
use crate::keys::KEYS;
use crate::load::Config;
use crate::merge::{Resolved, Source};
use crate::render;
use crate::value::Value;

/// Width of a group's box between its outermost signs.
const TITLE_WIDTH: usize = 52;

/// What is shown of which keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOptions {
    /// The values; `describe` goes without.
    pub values: bool,
    /// `-s`: where values come from.
    pub sources: bool,
    /// `-a`: also keys that only have their default.
    pub defaults: bool,
    /// Also keys that no file may hold; for `--print-config-only`.
    pub every_key: bool,
    /// `-d`: a line about each key.
    pub descriptions: bool,
    /// `-l`: all about each key.
    pub long_descriptions: bool,
    /// `-g`: titles of groups; shown with descriptions.
    pub groups: bool,
}

impl ListOptions {
    /// `config list` without options.
    pub const LIST: Self = Self {
        values: true,
        sources: false,
        defaults: false,
        every_key: false,
        descriptions: false,
        long_descriptions: false,
        groups: false,
    };
    /// `config describe` without options.
    pub const DESCRIBE: Self = Self { values: false, defaults: true, descriptions: true, ..Self::LIST };
    /// `--print-config-only`.
    pub const DUMP: Self = Self { sources: true, defaults: true, every_key: true, ..Self::LIST };
    /// `--print-context-only`.
    pub const CONTEXT: Self = Self { sources: false, ..Self::DUMP };

    fn describes(&self) -> bool {
        self.descriptions || self.long_descriptions
    }

    fn description(&self, key: &Key) -> &'static str {
        if self.long_descriptions { key.long_description() } else { key.description }
    }
}

/// Keys as YAML, each with a line break at the end; empty if none is set. With `names` only those, set or not.
pub fn list(config: &Config, names: &[&str], options: ListOptions) -> String {
    let mut text = String::new();
    let mut group: Option<Group> = None;
    for (key, resolved) in shown(config, names, options) {
        if options.describes() {
            if !text.is_empty() {
                text.push('\n');
            }
            if options.groups && group != Some(key.group) {
                text.push_str(&title(key.group));
            }
            text.push_str(&format!("# {}\n#   {}\n", key.name, options.description(key)));
        }
        if options.values {
            text.push_str(&with_sources(key.name, resolved, config.home(), options.sources));
        }
        group = Some(key.group);
    }
    text
}

/// The same as one JSON object: values by key, or objects of value, source and description where those were asked for.
pub fn list_json(config: &Config, names: &[&str], options: ListOptions) -> Json {
    let mut root = Map::new();
    for (key, resolved) in shown(config, names, options) {
        let value = resolved.value.to_json();
        let shown = if options.describes() || options.sources {
            let mut about = Map::new();
            if options.describes() {
                let name = if options.long_descriptions { "long_description" } else { "description" };
                about.insert(name.to_owned(), options.description(key).into());
            }
            if options.sources {
                about.insert("source".to_owned(), sources_json(resolved, config.home()));
            }
            if options.values {
                about.insert("value".to_owned(), value);
            }
            Json::Object(about)
        } else {
            value
        };
        if options.describes() && options.groups {
            let group = root.entry(format!("{}Configuration", key.group.title()));
            if let Some(group) = group.or_insert_with(|| Map::new().into()).as_object_mut() {
                group.insert(key.name.to_owned(), shown);
            }
        } else {
            root.insert(key.name.to_owned(), shown);
        }
    }
    Json::Object(root)
}

/// `config sources`: the files that are there, the strongest first as micromamba prints them.
pub fn sources(config: &Config) -> String {
    if config.without_files() {
        return "Configuration files disabled by --no-rc flag\n".to_owned();
    }
    let mut text = "Configuration files (by precedence order):\n".to_owned();
    for file in config.files() {
        let invalid = if file.valid { "" } else { " (invalid)" };
        text.push_str(&Source::File(file.path.clone()).display(config.home()));
        text.push_str(invalid);
        text.push('\n');
    }
    text
}

fn shown<'a>(
    config: &'a Config,
    names: &[&str],
    options: ListOptions,
) -> impl Iterator<Item = (&'static Key, &'a Resolved)> {
    let wanted = move |key: &Key, resolved: &Resolved| {
        options.every_key || (key.rc && (options.defaults || resolved.is_set()))
    };
    KEYS.iter().filter_map(|key| config.get(key.name).map(|resolved| (key, resolved))).filter(
        move |(key, resolved)| {
            if names.is_empty() { wanted(key, resolved) } else { names.contains(&key.name) }
        },
    )
}

fn title(group: Group) -> String {
    let name = format!("{} Configuration", group.title());
    let rule = "#".repeat(TITLE_WIDTH + 2);
    format!("# {rule}\n# #{name:^TITLE_WIDTH$}#\n# {rule}\n\n")
}

fn with_sources(key: &str, resolved: &Resolved, home: Option<&Path>, sources: bool) -> String {
    let comment = |of: &[Source]| {
        let names: Vec<_> = of.iter().map(|source| format!("'{}'", source.display(home))).collect();
        if sources { format!("  # {}", names.join(" > ")) } else { String::new() }
    };
    let whole =
        |value: &Yaml| format!("{}{}\n", render::entry(key, value, 0).trim_end(), comment(&resolved.sources));
    match &resolved.value {
        // micromamba writes an empty list as null.
        Value::List(items) if items.is_empty() => whole(&Yaml::Null),
        Value::List(items) => {
            let lines = items.iter().zip(&resolved.parts);
            let lines = lines.map(|(item, source)| {
                commented(
                    &render::list_item(&item.as_str().into(), 2),
                    &comment(std::slice::from_ref(source)),
                )
            });
            format!("{key}:\n{}", lines.collect::<String>())
        }
        Value::Map(map) if !map.is_empty() => {
            below(key, resolved, map.iter().map(|(name, text)| (name, text.as_str().into())), comment)
        }
        Value::ListMap(map) if !map.is_empty() => {
            let list =
                |items: &Vec<String>| Yaml::Sequence(items.iter().map(|item| item.as_str().into()).collect());
            below(key, resolved, map.iter().map(|(name, items)| (name, list(items))), comment)
        }
        value => whole(&value.to_yaml()),
    }
}

fn below<'a>(
    key: &str,
    resolved: &Resolved,
    entries: impl Iterator<Item = (&'a String, Yaml)>,
    comment: impl Fn(&[Source]) -> String,
) -> String {
    let lines = entries.zip(&resolved.parts).map(|((name, value), source)| {
        let comment = comment(std::slice::from_ref(source));
        let is_list = value.as_sequence().is_some_and(|items| !items.is_empty());
        // The source of a list stands behind each of its items.
        render::entry(name, &value, 2)
            .split_inclusive('\n')
            .enumerate()
            .map(|(at, line)| if is_list && at == 0 { line.to_owned() } else { commented(line, &comment) })
            .collect::<String>()
    });
    format!("{key}:\n{}", lines.collect::<String>())
}

fn commented(line: &str, comment: &str) -> String {
    format!("{}{comment}\n", line.trim_end_matches('\n'))
}

fn sources_json(resolved: &Resolved, home: Option<&Path>) -> Json {
    let of = |sources: &[Source]| -> Json { sources.iter().map(|source| source.display(home)).collect() };
    let named = |names: Vec<&String>| -> Json {
        names.into_iter().cloned().zip(resolved.parts.iter().map(|source| source.display(home))).collect()
    };
    match &resolved.value {
        Value::List(items) if !items.is_empty() => of(&resolved.parts),
        Value::Map(map) if !map.is_empty() => named(map.keys().collect()),
        Value::ListMap(map) if !map.is_empty() => named(map.keys().collect()),
        _ => of(&resolved.sources),
    }
}

#[cfg(test)]
mod tests;
