//! `RECORD`: the list by which a wheel vouches for its files, and the one that is written into the environment.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::csv;
use super::members::Members;
use crate::error::Problem;

/// A line has some 120 bytes.
const MAX_RECORD: u64 = 128 << 20;
/// What of a hash is shown; longer ones are none.
const MAX_SHOWN: usize = 100;

/// The paths that the RECORD of an installed distribution lists, relative to what the folder `site` is relative to, in which
/// the distribution lies. Those that lead out of that are left out.
pub fn recorded_paths(site: &str, record: &str) -> Vec<String> {
    let files = csv::rows(record).into_iter().filter_map(|row| row.into_iter().next());
    files.filter_map(|file| joined(site, &file)).collect()
}

fn joined(site: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = site.split('/').collect();
    for part in file.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The hashes that RECORD lists, by path.
pub(super) struct Listed(HashMap<String, String>);

impl Listed {
    /// Reads RECORD of the `.dist-info` folder `info`. What is listed but absent does no harm.
    pub(super) fn read(members: &mut Members, info: &str) -> Result<Self, Problem> {
        let bytes = members.read(&format!("{info}/RECORD"), MAX_RECORD)?;
        let bytes = bytes.ok_or(Problem::Missing(
            "RECORD in its .dist-info folder, by which wheels vouch for their files",
        ))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| Problem::Metadata { file: "RECORD", why: error.to_string() })?;
        let mut hashes = HashMap::new();
        for row in csv::rows(&text) {
            let mut fields = row.into_iter();
            let path = fields.next().unwrap_or_default();
            let hash = fields.next().unwrap_or_default();
            if hashes.get(&path).is_some_and(|other| *other != hash) {
                return Err(unvouched(&path, "it is listed twice, with different hashes".to_owned()));
            }
            hashes.insert(path, hash);
        }
        Ok(Self(hashes))
    }

    /// What to hold a file of the archive to.
    pub(super) fn check(&self, path: &str) -> Result<Check, Problem> {
        let refuse = |why: String| unvouched(path, why);
        let listed = self.0.get(path).ok_or_else(|| refuse("it is not listed".to_owned()))?;
        if listed.is_empty() {
            return Err(refuse("it is listed without a hash".to_owned()));
        }
        let shown = || mambox_link::printable(&listed.chars().take(MAX_SHOWN).collect::<String>());
        let (algorithm, digest) = listed.split_once('=').unwrap_or((listed, ""));
        let (hasher, length) = match algorithm {
            "sha256" => (Hasher::Sha256(Sha256::new()), 32),
            "sha384" => (Hasher::Sha384(Sha384::new()), 48),
            "sha512" => (Hasher::Sha512(Sha512::new()), 64),
            _ => {
                return Err(refuse(format!(
                    "its hash {} is of none of the kinds sha256, sha384 and sha512",
                    shown()
                )));
            }
        };
        let digest = URL_SAFE_NO_PAD.decode(digest.trim_end_matches('=')).ok();
        let digest = digest.filter(|digest| digest.len() == length);
        let expected = digest.ok_or_else(|| refuse(format!("its hash {} is malformed", shown())))?;
        Ok(Check { path: path.to_owned(), expected, hasher })
    }
}

/// A file of the archive on its way, which is held to its listed hash.
pub(super) struct Check {
    path: String,
    expected: Vec<u8>,
    hasher: Hasher,
}

enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Check {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sha384(hasher) => hasher.update(bytes),
            Hasher::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// Compares the hashes.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let (algorithm, digest) = match self.hasher {
            Hasher::Sha256(hasher) => ("sha256", hasher.finalize().to_vec()),
            Hasher::Sha384(hasher) => ("sha384", hasher.finalize().to_vec()),
            Hasher::Sha512(hasher) => ("sha512", hasher.finalize().to_vec()),
        };
        if digest == self.expected {
            return Ok(());
        }
        let encode = |digest: &[u8]| URL_SAFE_NO_PAD.encode(digest);
        let why =
            format!("its {algorithm} is listed as {}, but is {}", encode(&self.expected), encode(&digest));
        Err(unvouched(&self.path, why))
    }
}

fn unvouched(path: &str, why: String) -> Problem {
    Problem::Unvouched { path: mambox_link::printable(path), why }
}

/// A file of the environment, for the RECORD that is written there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Installed {
    /// Relative to the prefix.
    pub(super) path: String,
    /// sha256 and size; `.pyc` files that are made have none, as with pip.
    pub(super) content: Option<([u8; 32], u64)>,
}

impl Installed {
    pub(super) fn new(path: &str, sha256: Sha256, size: u64) -> Self {
        Self { path: path.to_owned(), content: Some((sha256.finalize().into(), size)) }
    }
}

/// The RECORD of an environment, whose own path is `record`: sorted by path, relative to site-packages.
pub(super) fn render(installed: &[Installed], record: &str, site_packages: &str) -> String {
    let mut rows: Vec<(String, String)> = installed
        .iter()
        .map(|file| {
            let content = file
                .content
                .map(|(sha256, size)| format!("sha256={},{size}", URL_SAFE_NO_PAD.encode(sha256)));
            (relative(&file.path, site_packages), content.unwrap_or_else(|| ",".to_owned()))
        })
        .collect();
    rows.push((relative(record, site_packages), ",".to_owned()));
    rows.sort();
    rows.into_iter().map(|(path, content)| format!("{},{content}\n", csv::field(&path))).collect()
}

/// `path` as seen from the folder `from`; both are relative to the prefix.
fn relative(path: &str, from: &str) -> String {
    let (mut path, mut from) = (path, from);
    while let Some(((top, below), (other, rest))) =
        path.split_once('/').zip(Some(from.split_once('/').unwrap_or((from, ""))))
    {
        if top != other {
            break;
        }
        (path, from) = (below, rest);
    }
    let up = from.split('/').filter(|part| !part.is_empty()).count();
    format!("{}{path}", "../".repeat(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_site_packages() {
        let site = "lib/python3.13/site-packages";
        let paths = [
            "lib/python3.13/site-packages/a/b.py",
            "bin/tool",
            "lib/x",
            "lib/python3.13/y",
            "include/h",
            "lib/python3.13/site-packages",
            "top",
        ];
        assert_eq!(
            paths.map(|path| relative(path, site)),
            [
                "a/b.py",
                "../../../bin/tool",
                "../../x",
                "../y",
                "../../../include/h",
                "../site-packages",
                "../../../top"
            ]
        );
    }

    #[test]
    fn the_record_is_sorted_and_quoted() {
        let file = |path: &str, content| Installed { path: path.to_owned(), content };
        let installed = [
            file("lib/python3.13/site-packages/b,\"c\".py", Some(([0; 32], 7))),
            file("lib/python3.13/site-packages/__pycache__/b.pyc", None),
            file("bin/b", Some(([255; 32], 0))),
        ];
        let record = "lib/python3.13/site-packages/b-1.dist-info/RECORD";
        insta::assert_snapshot!(render(&installed, record, "lib/python3.13/site-packages"), @r#"
        ../../../bin/b,sha256=__________________________________________8,0
        __pycache__/b.pyc,,
        "b,""c"".py",sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,7
        b-1.dist-info/RECORD,,
        "#);
    }
}
