//! `activation.json`: what the build learnt of an environment's `activate.d` scripts, for the programs
//! in the image.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::activation::Environment;
use crate::captured::Captured;
use crate::change::Change;
use crate::search_path::folders;
use crate::variables::is_name;

/// Where the document lies in a prefix.
pub const DOCUMENT: &str = "conda-meta/mambox/activation.json";

/// Changes with the meaning of what is written.
const FORMAT: u64 = 1;
/// In bytes. The kernel starts no program with an environment of this size.
const LARGEST: usize = 8 << 20;

/// How the scripts of an environment reach the programs of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Run at build; what they changed is in the image's Env.
    Captured,
    /// Sourced by the entrypoint at each start.
    Entrypoint,
    /// Not at all.
    None,
}

/// What the build saw of the scripts, and what they changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// How they reach the programs of the image.
    pub mode: Mode,
    /// The scripts, relative to the prefix, in the order in which they are sourced.
    pub scripts: Vec<String>,
    /// What the captured variables held before the scripts ran, those that they unset included; `None`:
    /// unset. It is what an entrypoint goes back to before it sources the scripts itself.
    pub before: BTreeMap<String, Option<String>>,
    /// What the scripts changed.
    pub captured: Captured,
}

/// A text that is no document of an activation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is no JSON object, or too large to be a document.
    #[error("{DOCUMENT} cannot be read: {0}; build the image anew")]
    Json(String),
    /// Another version of mambox wrote it.
    #[error(
        "{DOCUMENT} has the format {0}, this program knows {FORMAT}; use the mambox that built the image"
    )]
    Format(String),
    /// A part is missing or has another shape.
    #[error("{DOCUMENT}: '{field}' is not {shape}; build the image anew")]
    Field {
        /// Its name.
        field: &'static str,
        /// What it ought to be.
        shape: &'static str,
    },
}

impl Mode {
    /// As people and documents write it: `captured`, `entrypoint`, `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Entrypoint => "entrypoint",
            Self::None => "none",
        }
    }

    /// The mode of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Captured, Self::Entrypoint, Self::None].into_iter().find(|mode| mode.as_str() == name)
    }
}

impl Document {
    /// A document of what scripts changed over an environment.
    pub fn new(mode: Mode, scripts: Vec<String>, before: &Environment, captured: Captured) -> Self {
        let names = captured.variables.keys().chain(&captured.unset);
        let before = names.map(|name| (name.clone(), before.get(name).cloned())).collect();
        Self { mode, scripts, before, captured }
    }

    /// Takes back what was captured, before scripts are sourced after all: values that are still the
    /// captured ones become what they were before, and the folders put around `PATH` leave it.
    pub fn undo(&self, current: &Environment) -> Change {
        let mut next = current.clone();
        for (name, before) in &self.before {
            if current.get(name) != self.captured.variables.get(name) {
                continue;
            }
            match before {
                Some(value) => next.insert(name.clone(), value.clone()),
                None => next.remove(name),
            };
        }
        if let Some(path) = current.get("PATH") {
            let all: Vec<String> = folders(path).map(str::to_owned).collect();
            let rest = all.strip_prefix(self.captured.path_first.as_slice()).unwrap_or(&all);
            let rest = rest.strip_suffix(self.captured.path_last.as_slice()).unwrap_or(rest);
            next.insert("PATH".into(), rest.join(":"));
        }
        Change::between(current, &next)
    }

    /// The text of the file: the same document, the same bytes.
    pub fn to_json(&self) -> String {
        let Captured { variables, unset, path_first, path_last, dynamic } = &self.captured;
        let value = json!({
            "format": FORMAT,
            "mode": self.mode.as_str(),
            "scripts": self.scripts,
            "before": self.before,
            "captured": {
                "variables": variables,
                "unset": unset,
                "path_first": path_first,
                "path_last": path_last,
                "dynamic": dynamic,
            },
        });
        format!("{value:#}\n")
    }

    /// Reads the text of the file. Names, values, folders and scripts are such that an environment can
    /// hold them, and scripts lie in the prefix.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, DocumentError> {
        let text = text.as_ref();
        if text.len() > LARGEST {
            return Err(DocumentError::Json(format!("it has more than {LARGEST} bytes")));
        }
        let map: Map<String, Value> =
            serde_json::from_slice(text).map_err(|e| DocumentError::Json(e.to_string()))?;
        match map.get("format") {
            Some(format) if format.as_u64() == Some(FORMAT) => {}
            other => return Err(DocumentError::Format(other.map_or("none".into(), Value::to_string))),
        }
        let mode = map.get("mode").and_then(Value::as_str).and_then(Mode::of_name);
        let captured = map.get("captured").and_then(Value::as_object);
        let captured = captured.ok_or(DocumentError::Field { field: "captured", shape: "an object" })?;
        Ok(Self {
            mode: mode
                .ok_or(DocumentError::Field { field: "mode", shape: "captured, entrypoint or none" })?,
            scripts: list(&map, "scripts", "a list of paths in the prefix", is_in_prefix)?,
            before: variables(&map, "before", |value| match value {
                Value::Null => Some(None),
                value => text_of(value).map(Some),
            })?,
            captured: Captured {
                variables: variables(captured, "variables", text_of)?,
                unset: names(captured, "unset")?,
                path_first: list(captured, "path_first", "a list of folders", is_folder)?,
                path_last: list(captured, "path_last", "a list of folders", is_folder)?,
                dynamic: names(captured, "dynamic")?,
            },
        })
    }
}

/// A value that a variable can hold.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.contains('\0') => Some(text),
        _ => None,
    }
}

fn variables<T>(
    map: &Map<String, Value>,
    field: &'static str,
    value_of: impl Fn(Value) -> Option<T>,
) -> Result<BTreeMap<String, T>, DocumentError> {
    let error = DocumentError::Field { field, shape: "an object of variables" };
    let entries = map.get(field).and_then(Value::as_object).ok_or_else(|| error.clone())?;
    let entry = |(name, value): (&String, &Value)| {
        value_of(value.clone()).filter(|_| is_name(name)).map(|value| (name.clone(), value))
    };
    entries.iter().map(entry).collect::<Option<_>>().ok_or(error)
}

fn list(
    map: &Map<String, Value>,
    field: &'static str,
    shape: &'static str,
    fits: impl Fn(&str) -> bool,
) -> Result<Vec<String>, DocumentError> {
    let error = DocumentError::Field { field, shape };
    let entries = map.get(field).and_then(Value::as_array).ok_or_else(|| error.clone())?;
    let entry = |value: &Value| text_of(value.clone()).filter(|text| fits(text));
    entries.iter().map(entry).collect::<Option<_>>().ok_or(error)
}

fn names(map: &Map<String, Value>, field: &'static str) -> Result<BTreeSet<String>, DocumentError> {
    Ok(list(map, field, "a list of variables", is_name)?.into_iter().collect())
}

fn is_folder(text: &str) -> bool {
    !text.is_empty() && !text.contains(':')
}

fn is_in_prefix(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let captured = Captured {
            variables: [("GDAL_DATA", "/opt/conda/share/gdal"), ("CC", "it's \"cc\"\n")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            unset: ["LD_PRELOAD".to_owned()].into(),
            path_first: vec!["/opt/conda/x".into()],
            path_last: vec![],
            dynamic: ["CACHE".to_owned()].into(),
        };
        let before = Environment::from([("CC".into(), "gcc".into()), ("LD_PRELOAD".into(), "/x.so".into())]);
        Document::new(Mode::Captured, vec!["etc/conda/activate.d/gdal.sh".into()], &before, captured)
    }

    #[test]
    fn a_document_says_what_was_seen_and_reads_back() {
        let text = document().to_json();
        insta::assert_snapshot!(text, @r#"
        {
          "format": 1,
          "mode": "captured",
          "scripts": [
            "etc/conda/activate.d/gdal.sh"
          ],
          "before": {
            "CC": "gcc",
            "GDAL_DATA": null,
            "LD_PRELOAD": "/x.so"
          },
          "captured": {
            "variables": {
              "CC": "it's \"cc\"\n",
              "GDAL_DATA": "/opt/conda/share/gdal"
            },
            "unset": [
              "LD_PRELOAD"
            ],
            "path_first": [
              "/opt/conda/x"
            ],
            "path_last": [],
            "dynamic": [
              "CACHE"
            ]
          }
        }
        "#);
        assert_eq!(Document::parse(&text).unwrap(), document());
    }

    #[test]
    fn what_no_environment_can_hold_is_refused_by_name() {
        let good = document().to_json();
        for (part, instead, why) in [
            ("\"format\": 1", "\"format\": 2", "has the format 2"),
            ("\"format\": 1,", "", "has the format none"),
            ("\"captured\",", "\"sometimes\",", "'mode' is not captured"),
            ("etc/conda", "../conda", "'scripts' is not"),
            ("etc/conda", "/etc/conda", "'scripts' is not"),
            ("etc/conda", "etc//conda", "'scripts' is not"),
            ("\"gcc\"", "1", "'before' is not"),
            ("\"CC\"", "\"C=C\"", "'before' is not"),
            ("cc\\\"\\n", "\\u0000", "'variables' is not"),
            ("/opt/conda/x", "/opt:/x", "'path_first' is not"),
            ("\"path_last\": []", "\"path_last\": {}", "'path_last' is not"),
            ("\"CACHE\"", "\"\"", "'dynamic' is not"),
            ("\"unset\"", "\"set\"", "'unset' is not"),
            ("{", "[", "cannot be read"),
        ] {
            let bad = good.replacen(part, instead, 1);
            assert_ne!(bad, good, "{part} is in the document");
            let error = Document::parse(bad).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(DOCUMENT), "{part}: {error}");
        }
        assert!(Document::parse(" ".repeat(LARGEST + 1)).unwrap_err().to_string().contains("more than"));
    }

    #[test]
    fn captured_values_are_taken_back_unless_somebody_changed_them() {
        let environment = |entries: &[(&str, &str)]| -> Environment {
            entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let mut document = document();
        document.captured.path_last = vec!["/late".into()];
        let captured = environment(&[
            ("CC", "it's \"cc\"\n"),
            ("GDAL_DATA", "/opt/conda/share/gdal"),
            ("OTHER", "1"),
            ("PATH", "/opt/conda/x:/opt/conda/bin:/bin:/late"),
        ]);
        let before = environment(&[
            ("CC", "gcc"),
            ("LD_PRELOAD", "/x.so"),
            ("OTHER", "1"),
            ("PATH", "/opt/conda/bin:/bin"),
        ]);
        assert_eq!(document.undo(&captured).apply(&captured), before);
        let mine =
            environment(&[("CC", "mine"), ("LD_PRELOAD", "mine"), ("PATH", "/venv/bin:/opt/conda/x:/bin")]);
        assert!(document.undo(&mine).is_empty());
    }

    #[test]
    fn modes_have_names() {
        for mode in [Mode::Captured, Mode::Entrypoint, Mode::None] {
            assert_eq!(Mode::of_name(mode.as_str()), Some(mode));
        }
        assert_eq!(Mode::of_name("Captured"), None);
    }
}
