//! What the file name of a wheel says.

use thiserror::Error;

use super::name::normalize_pip_name;
use crate::redact::for_message;

/// Longest file name that file systems take.
const MAX_FILE_NAME: usize = 255;
/// Tags of one part (`py2.py3`); honest names have a handful.
const MAX_TAGS: usize = 32;

/// `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl` (specification "Binary distribution format").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelName {
    /// Normalised.
    pub name: String,
    /// As written.
    pub version: String,
    /// The build tag's number and the rest of it; a wheel without one comes before all that have one.
    pub build: Option<(u64, String)>,
    /// For example `py2`, `py3` or `cp313`.
    pub pythons: Vec<String>,
    /// For example `none`, `abi3` or `cp313`.
    pub abis: Vec<String>,
    /// For example `any` or `manylinux_2_28_x86_64`.
    pub platforms: Vec<String>,
}

/// A file name that is no wheel's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{}' is no file name of a wheel, NAME-VERSION-PYTHON-ABI-PLATFORM.whl: {why}", for_message(.file_name))]
pub struct WheelNameError {
    /// The name as given.
    pub file_name: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl WheelName {
    /// Reads a file name.
    ///
    /// # Errors
    /// [`WheelNameError`], with the reason.
    pub fn parse(file_name: &str) -> Result<Self, WheelNameError> {
        let wrong = |why| WheelNameError { file_name: file_name.to_owned(), why };
        let stem = file_name.strip_suffix(".whl").ok_or_else(|| wrong("it does not end in .whl"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '!');
        if file_name.len() > MAX_FILE_NAME || !stem.chars().all(plain) {
            return Err(wrong("it is too long, or has characters that no such name has"));
        }
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, tags) = match parts[..] {
            [name, version, python, abi, platform] => (name, version, None, [python, abi, platform]),
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build), [python, abi, platform])
            }
            _ => return Err(wrong("it has not five or six parts between hyphens")),
        };
        let name = normalize_pip_name(name).map_err(|_| wrong("its first part is no name"))?;
        if !version.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong("its version does not begin with a digit"));
        }
        let build = build.map(|build| build_tag(build).ok_or_else(|| wrong("its build tag has no number")));
        let [pythons, abis, platforms] = tags.map(split);
        if [&pythons, &abis, &platforms]
            .iter()
            .any(|tags| tags.len() > MAX_TAGS || tags.iter().any(String::is_empty))
        {
            return Err(wrong("its tags are empty or too many"));
        }
        Ok(Self { name, version: version.to_owned(), build: build.transpose()?, pythons, abis, platforms })
    }

    /// Whether it runs on every platform and every Python 3.
    pub fn is_pure(&self) -> bool {
        self.platforms.iter().any(|platform| platform == "any")
    }

    /// All its tags, as in `py2-none-any`.
    pub fn tags(&self) -> impl Iterator<Item = [&str; 3]> {
        self.pythons.iter().flat_map(move |python| {
            self.abis.iter().flat_map(move |abi| {
                self.platforms.iter().map(move |platform| [python.as_str(), abi.as_str(), platform.as_str()])
            })
        })
    }
}

fn split(part: &str) -> Vec<String> {
    part.split('.').map(str::to_ascii_lowercase).collect()
}

fn build_tag(build: &str) -> Option<(u64, String)> {
    let digits = build.find(|c: char| !c.is_ascii_digit()).unwrap_or(build.len());
    Some((build[..digits].parse().ok()?, build[digits..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_five_parts_or_six() {
        let wheel = WheelName::parse("Ruamel.Yaml-0.18.6-1local-py2.py3-none-any.whl").unwrap();
        assert_eq!((wheel.name.as_str(), wheel.version.as_str()), ("ruamel-yaml", "0.18.6"));
        assert_eq!(wheel.build, Some((1, "local".into())));
        assert!(wheel.is_pure());
        let tags: Vec<String> = wheel.tags().map(|tag| tag.join("-")).collect();
        assert_eq!(tags, ["py2-none-any", "py3-none-any"]);
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        let why = |name: &str| WheelName::parse(name).unwrap_err().why;
        assert_eq!(why("x-1.0.tar.gz"), "it does not end in .whl");
        assert_eq!(why("x-1.0.whl"), "it has not five or six parts between hyphens");
        assert_eq!(why("x-one-py3-none-any.whl"), "its version does not begin with a digit");
        assert_eq!(why("x-1-b-py3-none-any.whl"), "its build tag has no number");
        assert_eq!(why("../x-1-py3-none-any.whl"), "it is too long, or has characters that no such name has");
        assert_eq!(why("x-1-py3..-none-any.whl"), "its tags are empty or too many");
    }
}
