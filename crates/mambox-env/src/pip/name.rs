//! Names of distributions.

use thiserror::Error;

use crate::redact::for_message;

/// Longer than any that an index accepts.
const MAX_NAME: usize = 200;

/// A text that is no name of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "'{}' is no name of a Python distribution: letters, digits, '.', '-' and '_', with a letter or digit at both ends",
    for_message(.0)
)]
pub struct PipNameError(pub String);

/// The one spelling of a name: small letters, and `-` for any run of `-`, `_` and `.` (specification "Names and
/// normalization", once PEP 503).
///
/// # Errors
/// [`PipNameError`] where the text is no name.
pub fn normalize_pip_name(name: &str) -> Result<String, PipNameError> {
    let separator = |c: char| matches!(c, '-' | '_' | '.');
    let plain = |c: char| c.is_ascii_alphanumeric() || separator(c);
    if name.is_empty()
        || name.len() > MAX_NAME
        || !name.chars().all(plain)
        || name.starts_with(separator)
        || name.ends_with(separator)
    {
        return Err(PipNameError(name.to_owned()));
    }
    let parts: Vec<&str> = name.split(separator).filter(|part| !part.is_empty()).collect();
    Ok(parts.join("-").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        for spelling in ["ruamel.yaml", "Ruamel-YAML", "ruamel__yaml", "ruamel-_.yaml"] {
            assert_eq!(normalize_pip_name(spelling).unwrap(), "ruamel-yaml");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "-x", "x.", "a b", "a/b", "..", "é"] {
            assert!(normalize_pip_name(text).is_err(), "{text}");
        }
    }
}
