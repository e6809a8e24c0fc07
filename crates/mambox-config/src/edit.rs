//! `config set`, `append`, `prepend`, `remove`, `remove-key` and `get`: section 4 of the reference, "config".

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value as Yaml};

use crate::edit_text::replace_entry;
use crate::files::MAX_FILE_SIZE;
use crate::key::{Key, Kind};
use crate::keys::find;
use crate::parse::{distinct, from_text, from_yaml};
use crate::render;
use crate::value::Value;

/// A change of one key. A key of a map may be followed by a dot and the name of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// Puts a value in the place of any other. A list takes its items separated by commas.
    Set(&'a str, &'a str),
    /// Puts items, separated by commas, at the end of a list; those that are in it move.
    Append(&'a str, &'a str),
    /// Puts items, separated by commas, at the start of a list; those that are in it move.
    Prepend(&'a str, &'a str),
    /// Takes an item out of a list, and the key with the last one.
    Remove(&'a str, &'a str),
    /// Takes out a key, also one that is unknown.
    RemoveKey(&'a str),
}

/// Why a file was not changed. The file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No key of that name, or none that a file may hold. micromamba's `set` prints this and exits with 0.
    #[error("Key is invalid or more than one key was received")]
    InvalidKey {
        /// As given.
        key: String,
    },
    /// `append`, `prepend` or `remove` with a key that is no list. micromamba exits with 1.
    #[error("Key '{key}' is not a list: use 'config set'")]
    NotAList {
        /// As given.
        key: String,
    },
    /// A value that the key does not allow.
    #[error("Value of '{key}' is invalid: expected {expected}")]
    WrongType {
        /// As given.
        key: String,
        /// What the key allows.
        expected: String,
    },
    /// The key, or the item to remove, is not in the file. micromamba prints this and exits with 0.
    #[error("Key is not present in file")]
    Absent,
    /// The file is no YAML mapping; it is left alone.
    #[error("no valid configuration, mend it by hand first: {why}")]
    NotYaml {
        /// Where and what.
        why: String,
    },
}

/// Applies changes to the text of an rc file, all or none. What they do not touch keeps its place and its comments
/// wherever the key is written plainly, one key a line; only in a file of another style comments may be lost.
///
/// # Errors
/// See [`Refusal`].
pub fn edit_text(text: &str, changes: &[Change<'_>]) -> Result<String, Refusal> {
    let mut text = text.to_owned();
    for change in changes {
        text = apply(&text, change)?;
    }
    Ok(text)
}

/// What a file holds for a key, as YAML with a line break at the end; without a key all of it.
///
/// # Errors
/// The file is no YAML mapping, or has no such key.
pub fn get(text: &str, key: Option<&str>) -> Result<String, Refusal> {
    let document = parse(text)?;
    let show = |(name, value): (&Yaml, &Yaml)| name.as_str().map(|name| render::entry(name, value, 0));
    let Some(key) = key else { return Ok(document.iter().filter_map(show).collect()) };
    if let Some(value) = document.get(key).filter(|value| !value.is_null()) {
        return Ok(render::entry(key, value, 0));
    }
    let (name, entry) = key.split_once('.').ok_or(Refusal::Absent)?;
    let value = document.get(name).and_then(|map| map.get(entry)).ok_or(Refusal::Absent)?;
    Ok(render::entry(key, value, 0))
}

fn parse(text: &str) -> Result<Mapping, Refusal> {
    if text.len() as u64 > MAX_FILE_SIZE {
        return Err(Refusal::NotYaml { why: format!("more than {MAX_FILE_SIZE} bytes") });
    }
    match serde_yaml::from_str(text) {
        Ok(Yaml::Mapping(document)) => Ok(document),
        Ok(Yaml::Null) => Ok(Mapping::new()),
        Ok(_) => Err(Refusal::NotYaml { why: "expected keys and values".to_owned() }),
        Err(error) => Err(Refusal::NotYaml { why: error.to_string() }),
    }
}

fn apply(text: &str, change: &Change<'_>) -> Result<String, Refusal> {
    let document = parse(text)?;
    let (name, value) = match *change {
        Change::RemoveKey(key) => removed_key(&document, key)?,
        Change::Set(key, value) => {
            let target = Target::find(key)?;
            (target.key.name, Some(target.set(&document, value)?))
        }
        Change::Append(key, items) => Target::find(key)?.with_list(&document, items, |old, new| {
            Ok(old.into_iter().filter(|item| !new.contains(item)).chain(new.clone()).collect())
        })?,
        Change::Prepend(key, items) => Target::find(key)?
            .with_list(&document, items, |old, new| Ok(distinct(new.iter().cloned().chain(old))))?,
        Change::Remove(key, item) => Target::find(key)?.with_list(&document, item, |old, _| {
            // The item as it is: what the variables' syntax would split may be one item here.
            let kept: Vec<_> = old.iter().filter(|known| *known != item).cloned().collect();
            if kept.len() == old.len() { Err(Refusal::Absent) } else { Ok(kept) }
        })?,
    };
    Ok(replace_entry(text, &document, name, value.as_ref()))
}

/// The top-level key to replace and what by; `None` takes it out.
type Replacement<'a> = (&'a str, Option<Yaml>);

fn removed_key<'a>(document: &Mapping, key: &'a str) -> Result<Replacement<'a>, Refusal> {
    if document.contains_key(key) {
        return Ok((key, None));
    }
    let (name, entry) = key.split_once('.').ok_or(Refusal::Absent)?;
    let Some(Yaml::Mapping(map)) = document.get(name) else { return Err(Refusal::Absent) };
    let mut map = map.clone();
    map.shift_remove(entry).ok_or(Refusal::Absent)?;
    Ok((name, (!map.is_empty()).then_some(Yaml::Mapping(map))))
}

/// A key that a change names, and the entry of a map.
struct Target<'a> {
    given: &'a str,
    key: &'static Key,
    entry: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn find(given: &'a str) -> Result<Self, Refusal> {
        let (name, entry) = match given.split_once('.') {
            Some((name, entry)) if !entry.is_empty() => (name, Some(entry)),
            _ => (given, None),
        };
        let fits = |key: &&Key| key.rc && (entry.is_none() || matches!(key.kind, Kind::Map | Kind::ListMap));
        let key = find(name).filter(fits).ok_or_else(|| Refusal::InvalidKey { key: given.to_owned() })?;
        Ok(Self { given, key, entry })
    }

    fn wrong(&self, expected: String) -> Refusal {
        Refusal::WrongType { key: self.given.to_owned(), expected }
    }

    /// What the file has for the key; nothing if that is not of the key's type, since it has no effect.
    fn current(&self, document: &Mapping) -> Option<Value> {
        let node = document.get(self.key.name)?;
        from_yaml(self.key, node, &|text| text.to_owned()).ok()
    }

    fn set(&self, document: &Mapping, text: &str) -> Result<Yaml, Refusal> {
        let value = match (self.key.kind, self.entry) {
            (Kind::Map, Some(entry)) => {
                let mut map = self.map(document);
                map.insert(entry.to_owned(), text.to_owned());
                Value::Map(map)
            }
            (Kind::ListMap, Some(entry)) => {
                let mut map = self.lists(document);
                map.insert(entry.to_owned(), items(text));
                Value::ListMap(map)
            }
            _ => from_text(self.key, text).map_err(|expected| self.wrong(expected))?,
        };
        Ok(as_written(self.key, value))
    }

    /// Replaces the list that is there by what `edit` makes of it and of the items given.
    fn with_list(
        &self,
        document: &Mapping,
        given: &str,
        edit: impl Fn(Vec<String>, &Vec<String>) -> Result<Vec<String>, Refusal>,
    ) -> Result<Replacement<'static>, Refusal> {
        let name = self.key.name;
        if let (Kind::ListMap, Some(entry)) = (self.key.kind, self.entry) {
            let mut map = self.lists(document);
            let list = edit(map.remove(entry).unwrap_or_default(), &items(given))?;
            if !list.is_empty() {
                map.insert(entry.to_owned(), list);
            }
            return Ok((name, (!map.is_empty()).then(|| Value::ListMap(map).to_yaml())));
        }
        if !self.key.kind.is_list() {
            return Err(Refusal::NotAList { key: self.given.to_owned() });
        }
        let new = from_text(self.key, given).map_err(|expected| self.wrong(expected))?;
        let old = self.current(document).map(|value| value.as_list().to_vec()).unwrap_or_default();
        let list = edit(old, &new.as_list().to_vec())?;
        Ok((name, (!list.is_empty()).then(|| Value::List(list).to_yaml())))
    }

    fn map(&self, document: &Mapping) -> BTreeMap<String, String> {
        if let Some(Value::Map(map)) = self.current(document) { map } else { BTreeMap::new() }
    }

    fn lists(&self, document: &Mapping) -> BTreeMap<String, Vec<String>> {
        if let Some(Value::ListMap(map)) = self.current(document) { map } else { BTreeMap::new() }
    }
}

fn items(text: &str) -> Vec<String> {
    distinct(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned))
}

/// `ssl_verify` is written as the truth value that it is to other programs.
fn as_written(key: &Key, value: Value) -> Yaml {
    match (key.kind, value.as_text()) {
        (Kind::TextOrBool, Some("true")) => Yaml::Bool(true),
        (Kind::TextOrBool, Some("false")) => Yaml::Bool(false),
        _ => value.to_yaml(),
    }
}

#[cfg(test)]
mod tests;
