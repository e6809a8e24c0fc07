//! `images.lock`: by which digests the parts of the family are known.
//!
//! Images are made of what `images.toml` says and of what this file pins, and of nothing else. `mambox images update`
//! writes it.

use std::collections::BTreeMap;

use mambox_oci::{Digest, Platform};
use serde::{Deserialize, Serialize};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// Digests of bases and programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FamilyLock {
    /// What mambox itself puts into images: scripts, certificates, how layers are made.
    pub furnishings: Option<Digest>,
    /// Of the programs for inside an image.
    pub programs: BTreeMap<Platform, Programs>,
    /// By the base's name.
    pub bases: BTreeMap<String, LockedBase>,
}

/// The executables for one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Programs {
    /// The entry program's bytes.
    pub mambox_init: Digest,
    /// The package manager's bytes; of a channel's package, those of its archive.
    pub micromamba: Digest,
    /// Where the archive is, for a channel's package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A base as it was last looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedBase {
    /// The reference that was looked up.
    pub image: String,
    /// The manifest of each platform.
    pub digests: BTreeMap<Platform, Digest>,
}

/// An `images.lock` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FamilyLockError {
    /// No TOML, or not of this shape.
    #[error("{file}: {problem}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// Written by a newer mambox.
    #[error("{file} has format {found}, and this mambox knows {FORMAT}; use a newer one")]
    Format {
        /// The file.
        file: String,
        /// Its format.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    furnishings: Option<Digest>,
    #[serde(default)]
    programs: BTreeMap<String, Programs>,
    #[serde(default)]
    bases: BTreeMap<String, BaseTable>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseTable {
    image: String,
    digests: BTreeMap<String, Digest>,
}

/// Only the format, so that a newer file is told from a damaged one.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl FamilyLock {
    /// Reads an `images.lock`; `file` is how messages name it.
    pub fn parse(text: &str, file: &str) -> Result<Self, FamilyLockError> {
        let syntax = |problem: String| FamilyLockError::Syntax { file: file.into(), problem };
        let head: Head = toml::from_str(text).map_err(|e| syntax(e.to_string()))?;
        if head.format != FORMAT {
            return Err(FamilyLockError::Format { file: file.into(), found: head.format });
        }
        let read: File = toml::from_str(text).map_err(|e| syntax(e.to_string()))?;
        let platform = |text: &String| text.parse::<Platform>().map_err(|e| syntax(e.to_string()));
        let mut lock = Self { furnishings: read.furnishings, ..Self::default() };
        for (name, programs) in &read.programs {
            lock.programs.insert(platform(name)?, programs.clone());
        }
        for (name, base) in read.bases {
            let digests = base.digests.iter().map(|(name, digest)| Ok((platform(name)?, *digest)));
            let digests = digests.collect::<Result<_, FamilyLockError>>()?;
            lock.bases.insert(name, LockedBase { image: base.image, digests });
        }
        Ok(lock)
    }

    /// The file's text: sorted, so that a renewal changes only the lines that it must.
    pub fn to_text(&self) -> String {
        let base = |base: &LockedBase| BaseTable {
            image: base.image.clone(),
            digests: base.digests.iter().map(|(platform, digest)| (platform.to_string(), *digest)).collect(),
        };
        let file = File {
            format: FORMAT,
            furnishings: self.furnishings,
            programs: self.programs.iter().map(|(p, programs)| (p.to_string(), programs.clone())).collect(),
            bases: self.bases.iter().map(|(name, locked)| (name.clone(), base(locked))).collect(),
        };
        // Strings and numbers under string keys cannot fail to serialize.
        let text = toml::to_string(&file).unwrap_or_default();
        format!("# Written by `mambox images update`. Do not edit.\n{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let amd64 = Platform::linux("amd64");
        let lock = FamilyLock {
            furnishings: Some(Digest::of(b"f")),
            programs: BTreeMap::from([(
                amd64.clone(),
                Programs { mambox_init: Digest::of(b"i"), micromamba: Digest::of(b"m"), url: None },
            )]),
            bases: BTreeMap::from([(
                "debian13-slim".into(),
                LockedBase {
                    image: "debian:13-slim".into(),
                    digests: BTreeMap::from([(amd64, Digest::of(b"d"))]),
                },
            )]),
        };
        let text = lock.to_text();
        insta::assert_snapshot!(text, @r#"
        # Written by `mambox images update`. Do not edit.
        format = 1
        furnishings = "sha256:252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111"

        [programs."linux/amd64"]
        mambox-init = "sha256:de7d1b721a1e0632b7cf04edf5032c8ecffa9f9a08492152b926f1a5a7e765d7"
        micromamba = "sha256:62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"

        [bases.debian13-slim]
        image = "debian:13-slim"

        [bases.debian13-slim.digests]
        "linux/amd64" = "sha256:18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4"
        "#);
        assert_eq!(FamilyLock::parse(&text, "images.lock").unwrap(), lock);
    }

    #[test]
    fn a_newer_format_is_told_from_a_damaged_file() {
        let error = |text: &str| FamilyLock::parse(text, "images.lock").unwrap_err().to_string();
        assert_eq!(
            error("format = 2\nnew = 1"),
            "images.lock has format 2, and this mambox knows 1; use a newer one"
        );
        assert!(error("format = 1\nnew = 1").contains("unknown field"));
        assert!(
            error("format = 1\n[bases.x]\nimage = 'y'\ndigests = { z = 'sha256:0' }")
                .starts_with("images.lock: ")
        );
    }
}
