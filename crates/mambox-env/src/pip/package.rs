//! One distribution of PyPI's kind in a lock.

use std::path::{Path, PathBuf};

use rattler_digest::Sha256Hash;
use url::Url;

use super::{
    name::normalize_pip_name,
    wheel_name::{WheelName, WheelNameError},
};
use crate::{
    lock_error::LockError, locked_package::canonical_url, portable::strip_credentials, redact::for_message,
};

/// Endings of source distributions.
const SDIST_ENDINGS: [&str; 3] = [".tar.gz", ".zip", ".tgz"];
/// Hexadecimal digits of a commit.
const COMMIT: usize = 40;

/// A distribution with all that is needed to fetch and check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipPackage {
    /// Normalised: see [`normalize_pip_name`].
    pub name: String,
    /// As its metadata write it; `None` where only building it tells.
    pub version: Option<String>,
    /// What there is of it.
    pub source: PipSource,
    /// The pythons that it is for, as a PEP 440 specifier.
    pub requires_python: Option<String>,
    /// What a source distribution is built with, exactly; `None` where the lock does not say.
    pub build_requires: Option<Vec<PipPackage>>,
}

/// Where a distribution is, and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipSource {
    /// A wheel, ready to become a layer.
    Wheel {
        /// Without credentials; `file:` for a local one.
        url: Url,
        /// Its name, which says for whom it is.
        file_name: String,
        /// Of its bytes.
        sha256: Sha256Hash,
    },
    /// An archive with sources, from which a wheel is built.
    Sdist {
        /// Without credentials; `file:` for a local one.
        url: Url,
        /// Its name.
        file_name: String,
        /// Of its bytes.
        sha256: Sha256Hash,
        /// The folder inside that is to be built.
        subdirectory: Option<String>,
    },
    /// A folder with sources on this machine, as it is when the wheel is built.
    Folder {
        /// Absolute, or relative to the folder of the lock.
        path: PathBuf,
    },
    /// A commit of a git repository.
    Git {
        /// The repository, without `git+` and without credentials.
        url: Url,
        /// All 40 hexadecimal digits.
        commit: String,
        /// The folder inside that is to be built.
        subdirectory: Option<String>,
    },
}

impl PipPackage {
    /// A distribution with nothing but name, version and source.
    ///
    /// # Errors
    /// [`LockError::PipPackage`] where the name is none.
    pub fn new(name: &str, version: Option<&str>, source: PipSource) -> Result<Self, LockError> {
        let wrong = |why: String| LockError::PipPackage { package: for_message(name), why };
        let name = normalize_pip_name(name).map_err(|error| wrong(error.to_string()))?;
        let version = version.map(str::to_owned);
        Ok(Self { name, version, source, requires_python: None, build_requires: None })
    }

    /// `name==version`, or the name.
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{}=={}", self.name, for_message(version)),
            None => self.name.clone(),
        }
    }

    /// Whether there is a wheel of it already.
    pub fn is_wheel(&self) -> bool {
        matches!(self.source, PipSource::Wheel { .. })
    }

    /// The distribution as it may stand in an image: without credentials and paths of this machine.
    pub(crate) fn portable(&self) -> Self {
        let mut package = self.clone();
        match &mut package.source {
            PipSource::Wheel { url, file_name, .. } | PipSource::Sdist { url, file_name, .. } => {
                if url.scheme() == "file" {
                    url.set_path(&format!("/{}/{file_name}", self.name));
                }
            }
            PipSource::Folder { path } => {
                *path = Path::new("/").join(&self.name).join(path.file_name().unwrap_or_default());
            }
            PipSource::Git { .. } => {}
        }
        package.build_requires = package.build_requires.map(|all| all.iter().map(Self::portable).collect());
        package
    }
}

impl PipSource {
    /// A wheel or source distribution at a URL, by its file name.
    ///
    /// # Errors
    /// Why the file is neither, or cannot be checked.
    pub fn file(url: &Url, sha256: Option<Sha256Hash>, subdirectory: Option<String>) -> Result<Self, String> {
        let file_name = file_name(url).ok_or("its address ends in no file name")?;
        let url = canonical_url(strip_credentials(url)).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https" | "file") {
            return Err(format!("its address begins with {}:, which is not supported", url.scheme()));
        }
        let sha256 = sha256.ok_or("there is no sha256, so that it could not be checked; lock again")?;
        if file_name.ends_with(".whl") {
            WheelName::parse(&file_name).map_err(|error: WheelNameError| error.to_string())?;
            return Ok(Self::Wheel { url, file_name, sha256 });
        }
        if !SDIST_ENDINGS.iter().any(|ending| file_name.ends_with(ending)) {
            let name = for_message(&file_name);
            return Err(format!(
                "'{name}' is neither a wheel (.whl) nor a source distribution (.tar.gz, .zip)"
            ));
        }
        Ok(Self::Sdist { url, file_name, sha256, subdirectory: subdirectory.map(relative).transpose()? })
    }

    /// A commit of a repository.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn git(url: &Url, commit: &str, subdirectory: Option<String>) -> Result<Self, String> {
        if commit.len() != COMMIT || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("'{}' is no whole commit of git (40 digits)", for_message(commit)));
        }
        if !matches!(url.scheme(), "http" | "https" | "file" | "ssh" | "git") {
            return Err(format!("git+{}: is not supported", url.scheme()));
        }
        let mut clean = strip_credentials(url);
        // A login name without password is part of such an address: `git@`.
        if url.scheme() == "ssh" {
            let _ = clean.set_username(url.username());
        }
        let subdirectory = subdirectory.map(relative).transpose()?;
        Ok(Self::Git { url: clean, commit: commit.to_ascii_lowercase(), subdirectory })
    }
}

fn relative(folder: String) -> Result<String, String> {
    let bad = |part: &str| matches!(part, "" | "." | "..");
    if folder.starts_with('/') || folder.trim_end_matches('/').split('/').any(bad) || folder.contains('\0') {
        return Err(format!("its subdirectory '{}' is no folder inside", for_message(&folder)));
    }
    Ok(folder.trim_end_matches('/').to_owned())
}

/// The last segment of the path, with its escapes resolved; a plain file name.
fn file_name(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.next_back()?;
    let path = Url::parse(&format!("file:///{segment}")).ok()?.to_file_path().ok()?;
    let name = path.file_name()?.to_str()?.to_owned();
    let plain =
        name.len() <= 255 && !name.starts_with('.') && !name.contains(|c: char| c.is_control() || c == '\\');
    plain.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> String {
        match PipSource::file(&Url::parse(url).unwrap(), Some([7; 32].into()), None) {
            Ok(PipSource::Wheel { url, file_name, .. }) => format!("wheel {file_name} at {url}"),
            Ok(PipSource::Sdist { url, file_name, .. }) => format!("sdist {file_name} at {url}"),
            Ok(other) => format!("{other:?}"),
            Err(why) => why,
        }
    }

    #[test]
    fn a_file_is_told_by_its_name_and_loses_credentials() {
        let told = [
            of("https://me:pw@example.invalid/x/rich-14.0-py3-none-any.whl#sha256=ab"),
            of("https://example.invalid/x/torch-2.0%2Bcpu-cp313-cp313-linux_x86_64.whl"),
            of("file:///home/me/x-1.0.tar.gz"),
            of("https://example.invalid/x-1.0.exe"),
            of("https://example.invalid/x-1.0.whl"),
            of("ftp://example.invalid/x-1.0.zip"),
            of("https://example.invalid/"),
        ];
        insta::assert_snapshot!(told.join("\n"), @r#"
        wheel rich-14.0-py3-none-any.whl at https://example.invalid/x/rich-14.0-py3-none-any.whl
        wheel torch-2.0+cpu-cp313-cp313-linux_x86_64.whl at https://example.invalid/x/torch-2.0%2Bcpu-cp313-cp313-linux_x86_64.whl
        sdist x-1.0.tar.gz at file:///home/me/x-1.0.tar.gz
        'x-1.0.exe' is neither a wheel (.whl) nor a source distribution (.tar.gz, .zip)
        'x-1.0.whl' is no file name of a wheel, NAME-VERSION-PYTHON-ABI-PLATFORM.whl: it has not five or six parts between hyphens
        its address begins with ftp:, which is not supported
        its address ends in no file name
        "#);
    }

    #[test]
    fn a_commit_is_whole_and_a_subdirectory_inside() {
        let url = Url::parse("https://token@example.invalid/x.git").unwrap();
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let git = PipSource::git(&url, commit, Some("src/x/".into())).unwrap();
        let PipSource::Git { url: clean, subdirectory, .. } = git else { panic!("{git:?}") };
        assert_eq!(
            (clean.as_str(), subdirectory.as_deref()),
            ("https://example.invalid/x.git", Some("src/x"))
        );
        assert!(PipSource::git(&url, "main", None).is_err());
        assert!(PipSource::git(&url, commit, Some("../x".into())).is_err());
    }
}
