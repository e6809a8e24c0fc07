//! Where variables of packages and environments are kept in a prefix.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A file of variables that is not an object of strings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariablesError {
    /// The file cannot be parsed.
    #[error("{file} is no JSON object: {problem}")]
    Json {
        /// Its path in the prefix.
        file: String,
        /// The parser's words.
        problem: String,
    },
    /// A value is no text, or a name cannot be a variable's.
    #[error("{file}: '{name}' cannot be an environment variable; names hold no '=' and values are texts")]
    Variable {
        /// The file's path in the prefix.
        file: String,
        /// The name at fault.
        name: String,
    },
}

/// Reads one `etc/conda/env_vars.d/NAME.json`; `file` is its path, for messages.
pub fn package_variables(file: &str, text: &[u8]) -> Result<BTreeMap<String, String>, VariablesError> {
    variables(file, object(file, text)?)
}

/// Where conda keeps the variables of an environment, in its prefix.
pub const STATE: &str = "conda-meta/state";

/// The variables that [`STATE`] gives an environment; none where it has no `env_vars`.
///
/// A value of `***unset***` stays as it is: [`crate::Activation::new`] knows that it takes a package's
/// variable back.
pub fn parse_state(text: impl AsRef<[u8]>) -> Result<BTreeMap<String, String>, VariablesError> {
    match object(STATE, text.as_ref())?.remove("env_vars") {
        None | Some(Value::Null) => Ok(BTreeMap::new()),
        Some(Value::Object(map)) => variables(STATE, map),
        Some(_) => Err(VariablesError::Json { file: STATE.into(), problem: "env_vars is no object".into() }),
    }
}

fn object(file: &str, text: &[u8]) -> Result<Map<String, Value>, VariablesError> {
    serde_json::from_slice(text)
        .map_err(|e| VariablesError::Json { file: file.into(), problem: e.to_string() })
}

fn variables(file: &str, map: Map<String, Value>) -> Result<BTreeMap<String, String>, VariablesError> {
    map.into_iter()
        .map(|(name, value)| match value {
            Value::String(value) if is_name(&name) && !value.contains('\0') => Ok((name, value)),
            _ => Err(VariablesError::Variable { file: file.into(), name }),
        })
        .collect()
}

/// Whether a text can name a variable in an image's Env, whose entries are `NAME=value`.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The text of [`STATE`]; names in upper case, as conda writes them. `None` where there are none.
pub fn state_file(variables: &BTreeMap<String, String>) -> Option<String> {
    (!variables.is_empty()).then(|| json!({"env_vars": variables, "version": 1}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_of_texts_are_variables() {
        let read = |text: &str| package_variables("etc/conda/env_vars.d/a.json", text.as_bytes());
        assert_eq!(read(r#"{"A": "1"}"#).unwrap(), BTreeMap::from([("A".into(), "1".into())]));
        for (bad, why) in [("[]", "no JSON object"), (r#"{"A": 1}"#, "'A'"), (r#"{"A=B": "x"}"#, "'A=B'")] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("a.json"), "{error}");
        }
    }

    #[test]
    fn the_state_file_is_what_conda_reads() {
        let state = state_file(&BTreeMap::from([("A".into(), "x \"y\"".into())])).unwrap();
        insta::assert_snapshot!(state, @r#"{"env_vars":{"A":"x \"y\""},"version":1}"#);
        assert_eq!(state_file(&BTreeMap::new()), None);
        assert_eq!(parse_state(state).unwrap(), BTreeMap::from([("A".into(), "x \"y\"".into())]));
    }

    #[test]
    fn a_state_may_hold_other_things_than_variables() {
        for none in ["{}", r#"{"version": 1}"#, r#"{"env_vars": {}, "other": [1]}"#, r#"{"env_vars": null}"#]
        {
            assert_eq!(parse_state(none), Ok(BTreeMap::new()), "{none}");
        }
        for (bad, why) in [
            ("", "no JSON object"),
            (r#"{"env_vars": []}"#, "env_vars is no object"),
            (r#"{"env_vars": {"A": null}}"#, "'A'"),
            (r#"{"env_vars": {"": "x"}}"#, "''"),
            (r#"{"env_vars": {"A": "\u0000"}}"#, "'A'"),
        ] {
            let error = parse_state(bad).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(STATE), "{bad}: {error}");
        }
    }
}
