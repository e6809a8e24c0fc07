//! Conda versions as PyPI writes them.

use std::str::FromStr;

use pep440_rs::Version;

/// The version of PEP 440 that is nearest to one of conda's, in its canonical spelling; `None` where it does not even
/// begin with a number.
///
/// Conda counts a letter behind a number as a later release (`2025b`, `9e`), PEP 440 as an earlier one (a beta). Such letters
/// are left off, so that requirements like `>=2025` hold.
pub(crate) fn pep440(conda: &str) -> Option<String> {
    let whole = conda.trim();
    if !ends_in_a_letter(whole) {
        // conda has no hyphen in versions: `1.0-1` becomes `1.0_1` there.
        let spellings = [whole.to_owned(), whole.replace('_', "-")];
        if let Some(version) = spellings.iter().find_map(|text| Version::from_str(text).ok()) {
            return Some(version.to_string());
        }
    }
    Version::from_str(release(whole)).ok().map(|version| version.to_string())
}

/// A number and then one letter, as `2025b`.
fn ends_in_a_letter(text: &str) -> bool {
    let mut last = text.chars().rev();
    last.next().is_some_and(|c| c.is_ascii_alphabetic()) && last.next().is_some_and(|c| c.is_ascii_digit())
}

/// The numbers at the beginning, with an epoch where there is one.
fn release(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '!'))).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_nearest_version_is_taken() {
        for (conda, pypi) in [
            ("2.1.0", "2.1.0"),
            ("1.0.0rc1", "1.0.0rc1"),
            ("1.0.0_rc1", "1.0.0rc1"),
            ("2.0.0.dev3", "2.0.0.dev3"),
            ("1.2.post1", "1.2.post1"),
            ("1.0_1", "1.0.post1"),
            ("1!2.0", "1!2.0"),
            ("2.4.0+cu118", "2.4.0+cu118"),
            ("2025b", "2025"),
            ("1.1.1w", "1.1.1"),
            ("9e", "9"),
            ("01.02", "1.2"),
            ("3.0.alpha_x", "3.0"),
            ("2024_06_1", "2024"),
        ] {
            assert_eq!(pep440(conda).as_deref(), Some(pypi), "{conda}");
        }
        for none in ["main", "", "!", "v", "_1"] {
            assert_eq!(pep440(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_comes_out_is_canonical(conda in "[0-9a-z._!+]{0,12}") {
            if let Some(version) = pep440(&conda) {
                prop_assert_eq!(&Version::from_str(&version).unwrap().to_string(), &version);
                prop_assert!(!version.contains(['-', '/']), "it is fit for a file name");
            }
        }
    }
}
