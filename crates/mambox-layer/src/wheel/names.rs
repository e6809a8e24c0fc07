//! Names and versions of distributions, as file names, folders and metadata write them.

use std::str::FromStr;

use pep440_rs::Version;

use crate::error::Problem;

/// A name as PEP 503 compares it: in lower case, with `-` for each run of `-`, `_` and `.`.
pub(crate) fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            c => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

/// Whether two spellings mean one version (PEP 440). In names of files and folders `_` stands for `-`, and with older
/// tools for `+` as well.
pub(super) fn same_version(a: &str, b: &str) -> bool {
    let parse = |version: &str| Version::from_str(&version.replace('_', "-")).ok();
    if let (Some(a), Some(b)) = (parse(a), parse(b)) {
        return a == b;
    }
    let plain = |version: &str| version.replace(['-', '_', '+'], ".").to_lowercase();
    plain(a) == plain(b)
}

/// What a wheel's file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
}

impl<'a> FileName<'a> {
    /// Of `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl`.
    pub(super) fn parse(file_name: &'a str) -> Result<Self, Problem> {
        let parts: Vec<&str> = file_name.strip_suffix(".whl").unwrap_or_default().split('-').collect();
        match parts.as_slice() {
            [name, version, _, _, _] | [name, version, _, _, _, _]
                if parts.iter().all(|part| !part.is_empty()) =>
            {
                Ok(Self { name, version })
            }
            _ => {
                let why = "its file name is not of the form NAME-VERSION-PYTHON-ABI-PLATFORM.whl";
                Err(Problem::NotWheel(why.to_owned()))
            }
        }
    }

    /// Whether name and version are the same.
    pub(super) fn is(&self, name: &str, version: &str) -> bool {
        normalise(self.name) == normalise(name) && same_version(self.version, version)
    }

    /// Whether a folder `NAME-VERSION.dist-info` or the like, given without its ending, is this distribution's.
    pub(super) fn owns(&self, stem: &str) -> bool {
        stem.split_once('-').is_some_and(|(name, version)| self.is(name, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_pep_503() {
        let names = ["Friendly-Bard", "FRIENDLY.BARD", "friendly__bard", "friendly-._.-bard"];
        assert_eq!(names.map(normalise), ["friendly-bard"; 4]);
    }

    #[test]
    fn versions_are_compared_by_pep_440() {
        for (a, b) in [
            ("1.0", "1.0.0"),
            ("1.0.post1", "1.0-1"),
            ("1.0_1", "1.0.post1"),
            ("2.0rc1", "2.0.RC-1"),
            ("1.0+cu_1", "1.0+cu.1"),
            ("1.0_cu1", "1.0+cu1"),
            ("weird_x", "weird-x"),
        ] {
            assert!(same_version(a, b), "{a} {b}");
        }
        for (a, b) in [("1.0", "1.1"), ("1.0", "1.0.post1"), ("weird", "1.0")] {
            assert!(!same_version(a, b), "{a} {b}");
        }
    }

    #[test]
    fn file_names_have_five_parts_or_six() {
        let parse = |text| FileName::parse(text).map(|name| format!("{} {}", name.name, name.version)).ok();
        assert_eq!(parse("a_b-1.0-py3-none-any.whl").as_deref(), Some("a_b 1.0"));
        assert_eq!(parse("a-1.0-2x-cp311-cp311-linux_x86_64.whl").as_deref(), Some("a 1.0"));
        for name in [
            "a-1.0-py3-none.whl",
            "a-1.0-py3-none-any.zip",
            "a--py3-none-any.whl",
            "",
            "a-b-1-2-py3-none-any.whl",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
