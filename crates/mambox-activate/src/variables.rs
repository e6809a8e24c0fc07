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
    let map: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|e| VariablesError::Json { file: file.into(), problem: e.to_string() })?;
    map.into_iter()
        .map(|(name, value)| match value {
            Value::String(value) if is_name(&name) && !value.contains('\0') => Ok((name, value)),
            _ => Err(VariablesError::Variable { file: file.into(), name }),
        })
        .collect()
}

/// Whether a text can name a variable in an image's Env, whose entries are `NAME=value`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The text of `conda-meta/state`, where conda keeps the variables of an environment; upper case, as
/// conda writes them. `None` where there are none.
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
    }
}
