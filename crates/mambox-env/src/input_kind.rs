//! Which kind of input a file is.

use thiserror::Error;

use crate::explicit::ExplicitFile;

/// How much of a text is looked at to tell its kind, in bytes.
const LOOK: usize = 64 << 10;

/// The kinds of input that describe an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// `environment.yml`
    EnvironmentYaml,
    /// conda-lock.yml version 1
    CondaLock,
    /// pixi.lock, or a lock that `mambox lock` wrote
    RattlerLock,
    /// A text that holds `@EXPLICIT`
    Explicit,
    /// A text with a match spec a line
    SpecList,
}

/// A file that is none of the kinds, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file} {what}. {advice}")]
pub struct UnknownInput {
    /// The file
    pub file: String,
    /// What it seems to be
    pub what: String,
    /// What to do
    pub advice: String,
}

const KINDS: &str = "Expected an environment.yml, a lock file (conda-lock.yml, pixi.lock), \
                     an @EXPLICIT file or a list of match specs";

impl InputKind {
    /// Tells the kind from the content first and from the name where that leaves a doubt.
    ///
    /// # Errors
    /// [`UnknownInput`] for binary files, HTML, JSON, pixi.toml and other projects' files.
    pub fn detect(file: &str, text: &[u8]) -> Result<Self, UnknownInput> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        let unknown = |what: &str, advice: &str| {
            Err(UnknownInput { file: file.to_owned(), what: what.to_owned(), advice: advice.to_owned() })
        };
        let head = &text[..text.len().min(LOOK)];
        let Ok(text) = std::str::from_utf8(text) else {
            return unknown(binary_kind(head), KINDS);
        };
        if head.contains(&0) {
            return unknown(binary_kind(head), KINDS);
        }
        let trimmed = text.trim_start_matches('\u{feff}').trim_start();
        if trimmed.is_empty() {
            return unknown("is empty", KINDS);
        }
        if trimmed.starts_with('<') {
            let advice = "A download that ended on a web page? For files on GitHub take the raw URL";
            return unknown("is HTML or XML", advice);
        }
        if let Some(advice) = other_project(name) {
            return unknown("describes a project, not an environment", advice);
        }
        if name.ends_with(".json") || trimmed.starts_with('{') {
            let advice = "Write an environment.yml (conda env export), or lock with mambox lock";
            return unknown("is JSON, which is not supported", advice);
        }
        if ExplicitFile::is_explicit(text) {
            return Ok(Self::Explicit);
        }
        let yaml_name = has_extension(name, &["yml", "yaml", "lock"]);
        match lock_kind(text) {
            Some(kind) => Ok(kind),
            None if name.ends_with("-lock.yml") || name.ends_with("-lock.yaml") => Ok(Self::CondaLock),
            None if name.ends_with(".lock") => Ok(Self::RattlerLock),
            None if yaml_name || has_top_level_key(text, "dependencies") => Ok(Self::EnvironmentYaml),
            None => Ok(Self::SpecList),
        }
    }
}

/// A lock by its content: `version:` beside `package:` (conda-lock) or `packages:` (rattler_lock).
fn lock_kind(text: &str) -> Option<InputKind> {
    if !has_top_level_key(text, "version") {
        return None;
    }
    if has_top_level_key(text, "package") && has_top_level_key(text, "metadata") {
        return Some(InputKind::CondaLock);
    }
    has_top_level_key(text, "environments").then_some(InputKind::RattlerLock)
}

fn has_top_level_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

fn other_project(name: &str) -> Option<&'static str> {
    match name {
        "pixi.toml" | "pyproject.toml" => {
            Some("Lock it with pixi (pixi lock) and give the pixi.lock beside it to mambox")
        }
        "requirements.txt" | "requirements.in" => {
            Some("It is for pip, which is not supported yet: list the conda packages in an environment.yml")
        }
        "meta.yaml" | "recipe.yaml" => {
            Some("It is a recipe: build the package first, then name it in an environment.yml")
        }
        "uv.lock" | "poetry.lock" => Some("It is a lock for pip's packages, which are not supported yet"),
        _ if name.ends_with(".toml") => {
            Some("TOML is not supported: write an environment.yml, or give a pixi.lock")
        }
        _ => None,
    }
}

fn binary_kind(head: &[u8]) -> &'static str {
    match head {
        [b'P', b'K', 3, 4, ..] => "is a zip archive (a .conda package?), not text",
        [b'B', b'Z', b'h', ..] => "is a bzip2 archive (a .tar.bz2 package?), not text",
        [0x1f, 0x8b, ..] => "is gzip data, not text",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "is zstd data, not text",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is text in UTF-16, not in UTF-8",
        _ => "is no UTF-8 text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_counts_before_the_name() {
        let rattler = "version: 7\nplatforms: []\nenvironments:\n  default: {}\npackages: []\n";
        let conda_lock = "version: 1\nmetadata:\n  platforms: []\npackage: []\n";
        for (name, text, kind) in [
            ("environment.yml", "name: x\ndependencies: [jq]\n", InputKind::EnvironmentYaml),
            ("dir.d/env.yaml", "channels: [conda-forge]\n", InputKind::EnvironmentYaml),
            ("env", "dependencies:\n- jq\n", InputKind::EnvironmentYaml),
            ("pixi.lock", rattler, InputKind::RattlerLock),
            ("anything.txt", rattler, InputKind::RattlerLock),
            ("my-lock.yml", rattler, InputKind::RattlerLock),
            ("pixi.lock", "version: 7\n", InputKind::RattlerLock),
            ("conda-lock.yml", conda_lock, InputKind::CondaLock),
            ("lock.yml", conda_lock, InputKind::CondaLock),
            ("conda-lock.yml", "version: 2\n", InputKind::CondaLock),
            ("linux.txt", "# platform: linux-64\n@EXPLICIT\nhttps://h/a-1-0.conda\n", InputKind::Explicit),
            ("env.yml", "@EXPLICIT\n", InputKind::Explicit),
            ("specs.txt", "numpy\njq\n", InputKind::SpecList),
            ("-", "numpy\n", InputKind::SpecList),
        ] {
            assert_eq!(InputKind::detect(name, text.as_bytes()), Ok(kind), "{name}: {text}");
        }
    }

    #[test]
    fn foreign_files_are_told_what_to_do() {
        let error = |name, bytes: &[u8]| InputKind::detect(name, bytes).unwrap_err().to_string();
        insta::assert_snapshot!(error("environment.yml", b"\n<!DOCTYPE html><html>"), @"environment.yml is HTML or XML. A download that ended on a web page? For files on GitHub take the raw URL");
        insta::assert_snapshot!(error("pixi.toml", b"[project]\n"), @"pixi.toml describes a project, not an environment. Lock it with pixi (pixi lock) and give the pixi.lock beside it to mambox");
        insta::assert_snapshot!(error("env.toml", b"a = 1\n"), @"env.toml describes a project, not an environment. TOML is not supported: write an environment.yml, or give a pixi.lock");
        insta::assert_snapshot!(error("env.json", b"{}"), @"env.json is JSON, which is not supported. Write an environment.yml (conda env export), or lock with mambox lock");
        insta::assert_snapshot!(error("requirements.txt", b"flask\n"), @"requirements.txt describes a project, not an environment. It is for pip, which is not supported yet: list the conda packages in an environment.yml");
        insta::assert_snapshot!(error("meta.yaml", b"package: x\n"), @"meta.yaml describes a project, not an environment. It is a recipe: build the package first, then name it in an environment.yml");
        insta::assert_snapshot!(error("jq-1-0.conda", b"PK\x03\x04\xff"), @"jq-1-0.conda is a zip archive (a .conda package?), not text. Expected an environment.yml, a lock file (conda-lock.yml, pixi.lock), an @EXPLICIT file or a list of match specs");
        insta::assert_snapshot!(error("env.yml", b"\xff\xfen\0a\0"), @"env.yml is text in UTF-16, not in UTF-8. Expected an environment.yml, a lock file (conda-lock.yml, pixi.lock), an @EXPLICIT file or a list of match specs");
        insta::assert_snapshot!(error("env.yml", b"a\0b"), @"env.yml is no UTF-8 text. Expected an environment.yml, a lock file (conda-lock.yml, pixi.lock), an @EXPLICIT file or a list of match specs");
        insta::assert_snapshot!(error("env.yml", b" \n"), @"env.yml is empty. Expected an environment.yml, a lock file (conda-lock.yml, pixi.lock), an @EXPLICIT file or a list of match specs");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(name in "\\PC{0,20}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = InputKind::detect(&name, &bytes);
        }
    }
}
