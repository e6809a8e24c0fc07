//! `environment.yml`, as conda and micromamba read it.

use std::fmt::Display;

use rattler_conda_types::Subdir;
use serde_yaml::{Mapping, Value};

use crate::{
    expand::{Lookup, expand_variables},
    match_spec::{self, ParsedSpec},
    redact::for_message,
    spec::EnvSpec,
    spec_error::{Place, SpecError},
    yaml,
};

/// Largest environment file that is read, in bytes.
pub const MAX_SPEC_SIZE: usize = 4 << 20;

/// Most items of one list.
const MAX_ITEMS: usize = 10_000;

/// More warnings about one file help nobody.
pub(crate) const MAX_WARNINGS: usize = 20;

/// An environment file that was read, and what in it was not understood.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvFile {
    /// The request.
    pub spec: EnvSpec,
    /// What the file holds beyond that; to be shown, not to fail on.
    pub warnings: Vec<String>,
}

impl EnvSpec {
    /// Reads an `environment.yml`.
    ///
    /// `platform` is the one that the environment is *for*: `sel(linux): …` items are evaluated for it.
    /// `variables` gives the values for `${NAME}` in channels. `prefix:` is ignored.
    ///
    /// # Errors
    /// When the text is no YAML, is of another shape, or holds a spec that cannot be parsed.
    pub fn from_yaml(
        text: &str,
        file: &str,
        platform: Subdir,
        variables: Lookup<'_>,
    ) -> Result<EnvFile, SpecError> {
        check_size(text, file)?;
        let document = yaml::parse(text).map_err(|why| SpecError::Yaml { file: file.to_owned(), why })?;
        let mut reader =
            Reader { text, file, platform, variables, spec: EnvSpec::default(), warnings: vec![] };
        match document {
            Value::Mapping(document) => reader.document(&document)?,
            other => {
                return Err(
                    reader.shape("the file", format!("expected keys and values, found {}", kind(&other)))
                );
            }
        }
        Ok(EnvFile { spec: reader.spec, warnings: reader.warnings })
    }
}

pub(crate) fn check_size(text: &str, file: &str) -> Result<(), SpecError> {
    if text.len() > MAX_SPEC_SIZE {
        return Err(SpecError::TooLarge { file: file.to_owned(), size: text.len(), most: MAX_SPEC_SIZE });
    }
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    platform: Subdir,
    variables: Lookup<'a>,
    spec: EnvSpec,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn document(&mut self, document: &Mapping) -> Result<(), SpecError> {
        // Channels first, whatever their place: those named in specs come after them.
        for wanted in ["channels", "dependencies"] {
            if let Some(value) = document.get(wanted).filter(|value| !value.is_null()) {
                for item in self.list(wanted, value)? {
                    if wanted == "channels" { self.channel(item)? } else { self.dependency(item)? }
                }
            }
        }
        for (key, value) in document {
            match key.as_str() {
                Some("channels" | "dependencies" | "prefix") => {}
                Some("name") => self.spec.name = self.name(value)?,
                Some("variables") => self.set_variables(value)?,
                Some(key) => self.warn(key, "unknown key, ignored"),
                None => return Err(self.shape(&show(key), format!("a key must be text, not {}", kind(key)))),
            }
        }
        Ok(())
    }

    fn name(&self, value: &Value) -> Result<Option<String>, SpecError> {
        if value.is_null() {
            return Ok(None);
        }
        scalar(value)
            .map(Some)
            .ok_or_else(|| self.shape("name", format!("must be text, not {}", kind(value))))
    }

    fn channel(&mut self, item: &Value) -> Result<(), SpecError> {
        let Some(written) = item.as_str() else {
            return Err(
                self.shape(&label("channels", item), format!("a channel must be text, not {}", kind(item)))
            );
        };
        let expanded = expand_variables(written, self.variables).map_err(|variable| {
            SpecError::UnsetVariable { place: self.place(written), channel: for_message(written), variable }
        })?;
        self.spec.add_channel(&expanded);
        Ok(())
    }

    fn dependency(&mut self, item: &Value) -> Result<(), SpecError> {
        match item {
            Value::String(text) => self.match_spec(text),
            Value::Mapping(sections) => {
                sections.iter().try_for_each(|(key, value)| self.section(&show(key), value))
            }
            other => Err(self.shape(
                &label("dependencies", other),
                format!("a dependency must be a match spec such as 'numpy >=2', not {}", kind(other)),
            )),
        }
    }

    fn match_spec(&mut self, text: &str) -> Result<(), SpecError> {
        let parsed = self.parse(text)?;
        self.spec.add_parsed(parsed);
        Ok(())
    }

    fn parse(&self, text: &str) -> Result<ParsedSpec, SpecError> {
        match_spec::parse(text).map_err(|why| match_spec::refusal(self.place(text), text, why))
    }

    /// `pip: […]` or `sel(linux): …` among the dependencies.
    fn section(&mut self, key: &str, value: &Value) -> Result<(), SpecError> {
        if key == "pip" {
            return self.pip(value);
        }
        let Some(system) = key.strip_prefix("sel(").and_then(|rest| rest.strip_suffix(')')) else {
            let why = match scalar(value) {
                Some(version) => format!("unknown section; for the package write: - {key} {version}"),
                None => "unknown section; known are pip: and sel(linux|osx|win|unix):".to_owned(),
            };
            return Err(self.shape(key, why));
        };
        let selected = match system.trim() {
            "linux" => self.platform.is_linux(),
            "osx" => self.platform.is_osx(),
            "win" => self.platform.is_windows(),
            "unix" => self.platform.is_unix(),
            _ => return Err(self.shape(key, "unknown selector; known are linux, osx, win and unix")),
        };
        for item in self.one_or_list(key, value)? {
            let Some(text) = item.as_str() else {
                return Err(self.shape(key, format!("expected a match spec, found {}", kind(item))));
            };
            // Checked for every platform, so that a typo shows wherever the file is built.
            let parsed = self.parse(text)?;
            if selected {
                self.spec.add_parsed(parsed);
            }
        }
        Ok(())
    }

    fn pip(&mut self, value: &Value) -> Result<(), SpecError> {
        for item in self.one_or_list("pip", value)? {
            match scalar(item) {
                Some(requirement) => self.spec.pip.push(requirement),
                None => {
                    return Err(self.shape("pip", format!("a requirement must be text, not {}", kind(item))));
                }
            }
        }
        Ok(())
    }

    fn set_variables(&mut self, value: &Value) -> Result<(), SpecError> {
        let variables = match value {
            Value::Null => return Ok(()),
            Value::Mapping(variables) => variables,
            other => {
                let why = format!("expected names and values, found {}", kind(other));
                return Err(self.shape("variables", why));
            }
        };
        for (name, value) in variables {
            let name = show(name);
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err(self.shape(&name, "no valid name for an environment variable"));
            }
            // A number such as 1.10 would come out as 1.1.
            let text = scalar(value).filter(|text| !value.is_f64() && !text.contains('\0'));
            let Some(text) = text else {
                let why = format!("write the value in quotes; it must be text, not {}", kind(value));
                return Err(self.shape(&name, why));
            };
            self.spec.variables.insert(name, text);
        }
        Ok(())
    }

    fn list<'v>(&self, key: &str, value: &'v Value) -> Result<&'v [Value], SpecError> {
        match value {
            Value::Sequence(items) if items.len() > MAX_ITEMS => {
                Err(self.shape(key, format!("{} items are too many (at most {MAX_ITEMS})", items.len())))
            }
            Value::Sequence(items) => Ok(items),
            other => Err(self.shape(key, format!("expected a list, found {}", kind(other)))),
        }
    }

    fn one_or_list<'v>(&self, key: &str, value: &'v Value) -> Result<&'v [Value], SpecError> {
        match value {
            Value::Null => Ok(&[]),
            Value::String(_) => Ok(std::slice::from_ref(value)),
            other => self.list(key, other),
        }
    }

    fn warn(&mut self, key: &str, why: impl Display) {
        if self.warnings.len() < MAX_WARNINGS {
            let warning = format!("{}: {}: {why}", self.place(key), for_message(key));
            self.warnings.push(warning);
        }
    }

    fn shape(&self, item: &str, why: impl Into<String>) -> SpecError {
        SpecError::Shape { place: self.place(item), item: for_message(item), why: why.into() }
    }

    fn place(&self, item: &str) -> Place {
        Place::find(self.file, self.text, item)
    }
}

/// Text, whole numbers and truth values as text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn show(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| kind(value).to_owned())
}

/// The item as text, or the list's key where it cannot be shown.
fn label(list: &str, item: &Value) -> String {
    scalar(item).unwrap_or_else(|| list.to_owned())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "keys and values",
        Value::Tagged(_) => "a tagged value",
    }
}
