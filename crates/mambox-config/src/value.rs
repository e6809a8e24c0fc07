//! The values that configuration keys hold.

use std::collections::BTreeMap;
use std::fmt;

use crate::redact::redact;

/// A value of a key, already of the key's type. Texts may hold credentials, so `Debug` masks them.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text, a path, or one word of an enumeration.
    Text(String),
    /// Texts in order of precedence, none twice.
    List(Vec<String>),
    /// Texts by name.
    Map(BTreeMap<String, String>),
    /// Lists by name.
    ListMap(BTreeMap<String, Vec<String>>),
}

impl Value {
    /// Text from anything that is text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list from anything that holds texts.
    pub fn list<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The items; empty if it is no list.
    pub fn as_list(&self) -> &[String] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// As JSON, for `config --json`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(truth) => (*truth).into(),
            Self::Int(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.clone().into(),
            Self::Map(map) => map.iter().map(|(name, text)| (name.clone(), text.as_str())).collect(),
            Self::ListMap(map) => map.iter().map(|(name, items)| (name.clone(), items.clone())).collect(),
        }
    }

    /// As YAML, for writing into an rc file.
    pub(crate) fn to_yaml(&self) -> serde_yaml::Value {
        use serde_yaml::Value as Yaml;
        let list = |items: &[String]| Yaml::Sequence(items.iter().map(|item| item.as_str().into()).collect());
        match self {
            Self::Bool(truth) => (*truth).into(),
            Self::Int(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => list(items),
            Self::Map(map) => Yaml::Mapping(
                map.iter().map(|(name, text)| (name.as_str().into(), text.as_str().into())).collect(),
            ),
            Self::ListMap(map) => {
                Yaml::Mapping(map.iter().map(|(name, items)| (name.as_str().into(), list(items))).collect())
            }
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: &[String]| items.iter().map(|item| redact(item)).collect::<Vec<_>>();
        match self {
            Self::Bool(truth) => write!(out, "{truth}"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{:?}", redact(text)),
            Self::List(items) => write!(out, "{:?}", list(items)),
            Self::Map(map) => {
                out.debug_map().entries(map.iter().map(|(name, text)| (name, redact(text)))).finish()
            }
            Self::ListMap(map) => {
                out.debug_map().entries(map.iter().map(|(name, items)| (name, list(items)))).finish()
            }
        }
    }
}
