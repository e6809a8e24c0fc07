//! Several values of a key become one.

use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::expand::shrink_home;
use crate::key::Key;
use crate::value::Value;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An option.
    Cli,
    /// An environment variable.
    Env(&'static str),
    /// A configuration file.
    File(PathBuf),
    /// The table of keys.
    Default,
}

impl Source {
    /// As micromamba names it: `CLI`, the variable, the path with `~`, `default`.
    pub fn display(&self, home: Option<&Path>) -> String {
        match self {
            Self::Cli => "CLI".to_owned(),
            Self::Env(name) => (*name).to_owned(),
            Self::File(path) => shrink_home(path, home),
            Self::Default => "default".to_owned(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.display(None))
    }
}

/// A value and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The value that counts.
    pub value: Value,
    /// Every source that has the key, the strongest first; `[Default]` if none has.
    pub sources: Vec<Source>,
    /// Where each item of a list, or each entry of a map in the order of names, comes from.
    pub parts: Vec<Source>,
}

impl Resolved {
    /// Whether any source has the key.
    pub fn is_set(&self) -> bool {
        self.sources != [Source::Default]
    }
}

/// Joins what was found, the strongest first: of single values the first counts, lists follow one another without
/// repeating, maps are united and the stronger entry counts. Nothing found gives the default.
pub(crate) fn merge(key: &Key, found: Vec<(Source, Value)>) -> Resolved {
    let mut found = found.into_iter();
    let Some((first, value)) = found.next() else {
        let value = key.default_value();
        let parts = vec![Source::Default; size(&value)];
        return Resolved { value, sources: vec![Source::Default], parts };
    };
    let mut sources = vec![first.clone()];
    let mut merging = Merging { parts: Vec::new(), by_name: BTreeMap::new() };
    let mut value = merging.start(value, &first);
    for (source, weaker) in found {
        merging.add(&mut value, weaker, &source);
        sources.push(source);
    }
    let parts =
        if merging.by_name.is_empty() { merging.parts } else { merging.by_name.into_values().collect() };
    Resolved { value, sources, parts }
}

fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::ListMap(map) => map.len(),
        _ => 0,
    }
}

struct Merging {
    parts: Vec<Source>,
    by_name: BTreeMap<String, Source>,
}

impl Merging {
    fn start(&mut self, value: Value, source: &Source) -> Value {
        let mut empty = match value {
            Value::List(_) => Value::List(Vec::new()),
            Value::Map(_) => Value::Map(BTreeMap::new()),
            Value::ListMap(_) => Value::ListMap(BTreeMap::new()),
            single => return single,
        };
        self.add(&mut empty, value, source);
        empty
    }

    fn add(&mut self, value: &mut Value, weaker: Value, source: &Source) {
        match (value, weaker) {
            (Value::List(items), Value::List(more)) => {
                for item in more {
                    if !items.contains(&item) {
                        items.push(item);
                        self.parts.push(source.clone());
                    }
                }
            }
            (Value::Map(map), Value::Map(more)) => self.unite(map, more, source),
            (Value::ListMap(map), Value::ListMap(more)) => self.unite(map, more, source),
            // A single value, or one of a wrong type that only an option could have brought: the first counts.
            _ => {}
        }
    }

    fn unite<V>(&mut self, map: &mut BTreeMap<String, V>, more: BTreeMap<String, V>, source: &Source) {
        for (name, value) in more {
            if let Entry::Vacant(place) = map.entry(name) {
                self.by_name.insert(place.key().clone(), source.clone());
                place.insert(value);
            }
        }
    }
}
