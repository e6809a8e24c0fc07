//! `pylock.toml` as uv writes it (PEP 751, "Specification of pylock.toml files"); keys that do not matter here are passed over.

use std::path::Path;

use serde::Deserialize;

/// Largest document that is read.
pub(crate) const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// A document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Pylock {
    lock_version: String,
    #[serde(default)]
    pub(crate) packages: Vec<Entry>,
}

/// One distribution, in one form or several.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) requires_python: Option<String>,
    pub(crate) vcs: Option<Vcs>,
    pub(crate) directory: Option<Directory>,
    pub(crate) archive: Option<File>,
    pub(crate) sdist: Option<File>,
    #[serde(default)]
    pub(crate) wheels: Vec<File>,
}

/// A commit of a repository.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Vcs {
    pub(crate) r#type: String,
    pub(crate) url: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) commit_id: String,
    pub(crate) subdirectory: Option<String>,
}

/// A folder with sources.
#[derive(Debug, Deserialize)]
pub(crate) struct Directory {
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) editable: bool,
    pub(crate) subdirectory: Option<String>,
}

/// A wheel, source distribution or archive.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    pub(crate) url: Option<String>,
    pub(crate) path: Option<String>,
    #[serde(default)]
    pub(crate) hashes: Hashes,
    pub(crate) subdirectory: Option<String>,
}

/// Other kinds do not matter.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Hashes {
    pub(crate) sha256: Option<String>,
}

impl Pylock {
    /// Reads a document.
    ///
    /// # Errors
    /// Why it cannot be understood.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let pylock: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        // A new minor version may add keys, a new major one may change their meaning.
        if pylock.lock_version.split('.').next() != Some("1") {
            let version: String = pylock.lock_version.chars().filter(|c| !c.is_control()).take(20).collect();
            return Err(format!("its lock-version is '{version}', and only 1.x is known"));
        }
        let mut names: Vec<&str> = pylock.packages.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("it has {} twice", pair[0].escape_debug()));
        }
        Ok(pylock)
    }

    /// Reads a file of at most [`MAX_SIZE`] bytes.
    ///
    /// # Errors
    /// Why it cannot be read or understood.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        use std::io::Read as _;
        let file = std::fs::File::open(path).map_err(|error| format!("it is not there ({error})"))?;
        let mut text = String::new();
        let read = file.take(MAX_SIZE + 1).read_to_string(&mut text);
        read.map_err(|error| format!("it cannot be read ({error})"))?;
        if text.len() as u64 > MAX_SIZE {
            return Err(format!("it is larger than {MAX_SIZE} bytes"));
        }
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_versions_and_double_names_are_refused() {
        let error = |text: &str| Pylock::parse(text).unwrap_err();
        let told = [
            error("lock-version = \"2.0\""),
            error("lock-version = \"\\u001b[31m\""),
            error("packages = []"),
            error("lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\n[[packages]]\nname = \"a\""),
            error("lock-version = \"1.0\"\n[[packages]]\nname = 3"),
            error("="),
        ];
        insta::assert_snapshot!(told.join("\n"), @"
        its lock-version is '2.0', and only 1.x is known
        its lock-version is '[31m', and only 1.x is known
        missing field `lock-version`
        it has a twice
        invalid type: integer `3`, expected a string
        unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
        ");
        assert!(Pylock::parse("lock-version = \"1.7\"\nnew-key = 1").is_ok());
    }
}
