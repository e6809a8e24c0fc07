//! `@EXPLICIT` files: URLs of packages with their hashes, in the order of installation.

use std::path::Path;
use std::str::FromStr;

use rattler_conda_types::{Subdir, package::CondaArchiveIdentifier};
use rattler_digest::{Md5, Md5Hash, Sha256, Sha256Hash, parse_digest_from_hex};
use url::Url;

use crate::{
    lock::MAX_PACKAGES,
    lock_read::{MAX_LOCK_SIZE, lexically_joined},
    locked_package::LockedPackage,
    portable::strip_credentials,
    spec_error::{Place, SpecError},
};

/// A package by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplicitPackage {
    /// Where the archive lies, without the hash. Credentials are kept, since fetching needs them:
    /// [`crate::LockedPackage`] drops them.
    pub url: Url,
    /// From `#<32 hex digits>`.
    pub md5: Option<Md5Hash>,
    /// From `#<64 hex digits>` or `#sha256:<64 hex digits>`.
    pub sha256: Option<Sha256Hash>,
}

/// An `@EXPLICIT` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplicitFile {
    /// From the comment `# platform: linux-64`.
    pub platform: Option<Subdir>,
    /// Packages in the order of the file.
    pub packages: Vec<ExplicitPackage>,
}

impl ExplicitFile {
    /// Whether a text is such a file: one of its lines is `@EXPLICIT`.
    pub fn is_explicit(text: &str) -> bool {
        text.lines().any(|line| line.trim() == "@EXPLICIT")
    }

    /// Reads the file. Paths are allowed in place of URLs; relative ones belong to `base_dir`, an absolute path.
    ///
    /// # Errors
    /// When a line is neither URL nor path of a conda package, a hash is none, or there are no packages.
    pub fn from_text(text: &str, file: &str, base_dir: Option<&Path>) -> Result<Self, SpecError> {
        if text.len() > MAX_LOCK_SIZE {
            return Err(SpecError::TooLarge { file: file.to_owned(), size: text.len(), most: MAX_LOCK_SIZE });
        }
        let mut platform = None;
        let mut packages = Vec::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            let refuse = |why: String| {
                let (place, entry) = (Place::line(file, index + 1), line.to_owned());
                SpecError::Explicit { place, entry, why }
            };
            if let Some(comment) = line.strip_prefix('#') {
                if let Some(name) = comment.trim_start().strip_prefix("platform:") {
                    platform = Some(
                        Subdir::from_str(name.trim()).map_err(|_| refuse("unknown platform".to_owned()))?,
                    );
                }
            } else if !(line.is_empty() || line.starts_with('@')) {
                packages.push(ExplicitPackage::from_entry(line, base_dir).map_err(refuse)?);
            }
        }
        if packages.is_empty() {
            return Err(SpecError::Empty { file: file.to_owned() });
        }
        if packages.len() > MAX_PACKAGES {
            let why = format!("{} packages are too many (at most {MAX_PACKAGES})", packages.len());
            let place = Place { file: file.to_owned(), line: None };
            return Err(SpecError::Explicit { place, entry: "@EXPLICIT".to_owned(), why });
        }
        Ok(Self { platform, packages })
    }

    /// Fails when a package could not be checked after its download.
    ///
    /// # Errors
    /// [`SpecError::NoHash`], naming the first such package.
    pub fn check_hashes(&self, file: &str) -> Result<(), SpecError> {
        match self.packages.iter().find(|package| package.md5.is_none() && package.sha256.is_none()) {
            Some(bare) => Err(SpecError::NoHash {
                file: file.to_owned(),
                package: strip_credentials(&bare.url).to_string(),
            }),
            None => Ok(()),
        }
    }
}

impl ExplicitPackage {
    fn from_entry(entry: &str, base_dir: Option<&Path>) -> Result<Self, String> {
        let (location, hash) = match entry.rsplit_once('#') {
            Some((location, hash)) => (location, Some(hash)),
            None => (entry, None),
        };
        let mut url = if location.contains("://") {
            Url::parse(location).map_err(|error| format!("no valid URL: {error}"))?
        } else {
            file_url(location, base_dir)?
        };
        url.set_fragment(None);
        if CondaArchiveIdentifier::try_from_url(&url).is_none() {
            return Err("a conda package is named NAME-VERSION-BUILD.conda or .tar.bz2".to_owned());
        }
        let (md5, sha256) = hash.map_or(Ok((None, None)), parse_hash)?;
        Ok(Self { url, md5, sha256 })
    }
}

impl From<&LockedPackage> for ExplicitPackage {
    fn from(package: &LockedPackage) -> Self {
        Self { url: package.url.clone(), md5: package.record.md5, sha256: package.record.sha256 }
    }
}

fn file_url(path: &str, base_dir: Option<&Path>) -> Result<Url, String> {
    let path = Path::new(path);
    let absolute = match base_dir {
        Some(base) if path.is_relative() => lexically_joined(base, path),
        _ => path.to_path_buf(),
    };
    Url::from_file_path(absolute).map_err(|()| "neither a URL nor an absolute path".to_owned())
}

fn parse_hash(text: &str) -> Result<(Option<Md5Hash>, Option<Sha256Hash>), String> {
    let wrong = || format!("the hash '{text}' is neither md5 (32 hex digits) nor sha256 (64 hex digits)");
    let digits = text.strip_prefix("sha256:");
    match (digits.unwrap_or(text).len(), digits) {
        (64, _) => {
            Ok((None, Some(parse_digest_from_hex::<Sha256>(digits.unwrap_or(text)).ok_or_else(wrong)?)))
        }
        (32, None) => Ok((Some(parse_digest_from_hex::<Md5>(text).ok_or_else(wrong)?), None)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MD5: &str = "0123456789abcdef0123456789abcdef";
    const SHA256: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn read(text: &str) -> Result<ExplicitFile, SpecError> {
        ExplicitFile::from_text(text, "explicit.txt", Some(Path::new("/home/me/env")))
    }

    #[test]
    fn hashes_of_all_kinds_in_the_files_order() {
        let text = format!(
            "\u{feff}# This file may be used to create an environment\n# platform: linux-64\n@EXPLICIT\n\
             https://host/c/linux-64/b-1-0.conda#{MD5}\nhttps://host/c/noarch/a-1-0.tar.bz2#{SHA256}\n\
             https://host/c/noarch/c-1-0.conda#sha256:{SHA256}\n\n  /srv/c/noarch/d-1-0.conda#{MD5}\n\
             ../c/noarch/e-1-0.conda\n"
        );
        let file = read(&text).unwrap();
        assert_eq!(file.platform, Some(Subdir::Linux64));
        let listing: Vec<String> = file
            .packages
            .iter()
            .map(|package| {
                let hash = match (package.md5, package.sha256) {
                    (Some(_), None) => "md5",
                    (None, Some(_)) => "sha256",
                    _ => "none",
                };
                format!("{} {hash}", package.url)
            })
            .collect();
        insta::assert_snapshot!(listing.join("\n"), @r#"
https://host/c/linux-64/b-1-0.conda md5
https://host/c/noarch/a-1-0.tar.bz2 sha256
https://host/c/noarch/c-1-0.conda sha256
file:///srv/c/noarch/d-1-0.conda md5
file:///home/me/c/noarch/e-1-0.conda none
"#);
        insta::assert_snapshot!(file.check_hashes("explicit.txt").unwrap_err(), @"explicit.txt: file:///home/me/c/noarch/e-1-0.conda has no hash, so its archive could not be checked. Write the file anew with hashes: conda list --explicit --sha256");
    }

    #[test]
    fn errors_name_the_line() {
        let error = |line: &str| read(&format!("@EXPLICIT\n{line}\n")).unwrap_err().to_string();
        insta::assert_snapshot!(error("https://me:pw@host/c/noarch/a-1-0.conda#123"), @"explicit.txt:2: 'https://host/c/noarch/a-1-0.conda#123': the hash '123' is neither md5 (32 hex digits) nor sha256 (64 hex digits)");
        insta::assert_snapshot!(error("https://host/c/noarch/a-1-0.conda#sha256:xyz"), @"explicit.txt:2: 'https://host/c/noarch/a-1-0.conda#sha256:xyz': the hash 'sha256:xyz' is neither md5 (32 hex digits) nor sha256 (64 hex digits)");
        insta::assert_snapshot!(error("https://host/c/noarch/index.html"), @"explicit.txt:2: 'https://host/c/noarch/index.html': a conda package is named NAME-VERSION-BUILD.conda or .tar.bz2");
        insta::assert_snapshot!(error("https://[/a-1-0.conda"), @"explicit.txt:2: 'https://[/a-1-0.conda': no valid URL: invalid IPv6 address");
        insta::assert_snapshot!(error("numpy"), @"explicit.txt:2: 'numpy': a conda package is named NAME-VERSION-BUILD.conda or .tar.bz2");
        insta::assert_snapshot!(error(""), @"explicit.txt lists no packages");
        insta::assert_snapshot!(read("# platform: dos-16\n@EXPLICIT\n").unwrap_err(), @"explicit.txt:1: '# platform: dos-16': unknown platform");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(# platform: |@EXPLICIT\n|https://|\\PC|\n|#){0,60}") {
            let _ = read(&text);
        }
    }
}
