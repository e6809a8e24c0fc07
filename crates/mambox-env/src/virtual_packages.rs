//! Virtual packages of the image that is built; never those of the machine that builds it.
//!
//! Names and meaning follow conda's manual ("Managing virtual packages"): an override that is set but empty takes
//! the package away.

use std::collections::BTreeMap;
use std::str::FromStr;

use rattler_conda_types::{GenericVirtualPackage, PackageName, Subdir, Version, package::BuildString};
use thiserror::Error;

use crate::{libc::Libc, redact::for_message};

/// The kernel that is assumed, since an image does not know the one it will run on: that of RHEL 8, as rattler
/// assumes for foreign platforms.
const ASSUMED_LINUX: &str = "4.18";

/// The variables that change virtual packages; the command reads them and passes those that are set.
pub const OVERRIDES: [&str; 4] =
    ["CONDA_OVERRIDE_GLIBC", "CONDA_OVERRIDE_CUDA", "CONDA_OVERRIDE_LINUX", "CONDA_OVERRIDE_ARCHSPEC"];

/// What is known about the image to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPackageFacts {
    /// The image's platform.
    pub platform: Subdir,
    /// The base's C library.
    pub libc: Libc,
    /// The base's CUDA version: see [`parse_cuda_version`].
    pub cuda: Option<Version>,
    /// A micro-architecture to build for, such as `x86_64_v3`; the platform's lowest when absent.
    pub archspec: Option<String>,
    /// The oldest kernel to support.
    pub linux: Option<Version>,
    /// `CONDA_OVERRIDE_*` by name, also for options such as `--cuda`. They win over all above.
    pub overrides: BTreeMap<String, String>,
    /// What the facts are about, for messages.
    pub subject: Subject,
}

/// What virtual packages describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subject {
    /// The base of an image that is being built.
    #[default]
    BaseImage,
    /// The system that asks.
    System,
}

impl Subject {
    /// With its article: `the base image`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseImage => "the base image",
            Self::System => "this system",
        }
    }
}

/// Why there are no virtual packages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VirtualPackageError {
    /// Images hold Linux.
    #[error("cannot build an image for {platform}: images are for Linux, such as linux-64 or linux-aarch64")]
    NotLinux {
        /// The platform
        platform: Subdir,
    },
    /// An override that is no version.
    #[error("{variable}={} is no version; write one such as 2.28, or leave it empty for none", for_message(.value))]
    Override {
        /// The variable
        variable: &'static str,
        /// Its value
        value: String,
    },
}

impl VirtualPackageFacts {
    /// Facts of a base of which nothing is known, such as `scratch`.
    pub fn new(platform: Subdir) -> Self {
        Self {
            platform,
            libc: Libc::None,
            cuda: None,
            archspec: None,
            linux: None,
            overrides: BTreeMap::new(),
            subject: Subject::default(),
        }
    }

    /// The virtual packages, sorted by name: always `__unix`; `__linux`, `__archspec`, `__glibc` and `__cuda`
    /// where they are known and not overridden by nothing.
    ///
    /// # Errors
    /// When the platform is not Linux or an override is no version.
    pub fn virtual_packages(&self) -> Result<Vec<GenericVirtualPackage>, VirtualPackageError> {
        if !self.platform.is_linux() {
            return Err(VirtualPackageError::NotLinux { platform: self.platform });
        }
        let glibc = match &self.libc {
            Libc::Glibc(version) => Some(version.clone()),
            Libc::Musl(_) | Libc::None => None,
        };
        let linux = self.linux.clone().or_else(|| Version::from_str(ASSUMED_LINUX).ok());
        let mut packages = Vec::new();
        packages.extend(self.archspec().map(|name| package("__archspec", Version::major(1), &name)));
        let cuda = self.version("CONDA_OVERRIDE_CUDA", self.cuda.clone())?;
        packages.extend(cuda.map(|version| package("__cuda", version, "0")));
        let glibc = self.version("CONDA_OVERRIDE_GLIBC", glibc)?;
        packages.extend(glibc.map(|version| package("__glibc", version, "0")));
        let linux = self.version("CONDA_OVERRIDE_LINUX", linux)?;
        packages.extend(linux.map(|version| package("__linux", version, "0")));
        packages.push(package("__unix", Version::major(0), "0"));
        Ok(packages)
    }

    /// What to add to the reasons of a failed solve when the base offers no glibc.
    pub fn hint(&self) -> Option<String> {
        let overridden = self.overrides.get("CONDA_OVERRIDE_GLIBC");
        if overridden.is_some_and(|value| !value.trim().is_empty()) {
            return None;
        }
        let why = match &self.libc {
            Libc::Glibc(_) if overridden.is_none() => return None,
            Libc::Glibc(_) => "CONDA_OVERRIDE_GLIBC is set and empty",
            Libc::Musl(_) => &format!("{} has musl, not glibc", self.subject.name()),
            Libc::None => &format!("{} has no C library for {}", self.subject.name(), self.platform),
        };
        let choose = match self.subject {
            Subject::BaseImage => "Choose a base with glibc such as debian:13-slim",
            Subject::System => "Take an image with glibc such as debian:13-slim",
        };
        Some(format!(
            "there is no __glibc, because {why}. {choose}, or state the version with CONDA_OVERRIDE_GLIBC if one is \
             added later"
        ))
    }

    fn archspec(&self) -> Option<String> {
        match self.overrides.get("CONDA_OVERRIDE_ARCHSPEC").map(|value| value.trim()) {
            Some("") => None,
            Some(name) => Some(name.to_owned()),
            None => self.archspec.clone().or_else(|| self.platform.arch().map(|arch| arch.to_string())),
        }
    }

    fn version(
        &self,
        variable: &'static str,
        known: Option<Version>,
    ) -> Result<Option<Version>, VirtualPackageError> {
        match self.overrides.get(variable).map(|value| value.trim()) {
            None => Ok(known),
            Some("") => Ok(None),
            Some(value) => plain_version(value)
                .map(Some)
                .ok_or_else(|| VirtualPackageError::Override { variable, value: value.to_owned() }),
        }
    }
}

/// A version that begins with a number; conda's own grammar takes any word for one.
fn plain_version(text: &str) -> Option<Version> {
    if text.starts_with(|c: char| c.is_ascii_digit()) { Version::from_str(text).ok() } else { None }
}

/// `CUDA_VERSION` of a base image, such as `12.4.1`, as conda's `__cuda` has it: major and minor.
pub fn parse_cuda_version(text: &str) -> Option<Version> {
    let parts: Vec<&str> = text.trim().splitn(3, '.').take(2).collect();
    let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.iter().all(numeric) {
        return None;
    }
    Version::from_str(&parts.join(".")).ok()
}

fn package(name: &str, version: Version, build: &str) -> GenericVirtualPackage {
    GenericVirtualPackage {
        name: PackageName::new_unchecked(name),
        version,
        build_string: BuildString::new_unchecked(build),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debian() -> VirtualPackageFacts {
        let libc = Libc::Glibc(Version::from_str("2.36").unwrap());
        VirtualPackageFacts { libc, ..VirtualPackageFacts::new(Subdir::Linux64) }
    }

    fn with(mut facts: VirtualPackageFacts, variable: &str, value: &str) -> VirtualPackageFacts {
        facts.overrides.insert(variable.to_owned(), value.to_owned());
        facts
    }

    fn listed(facts: &VirtualPackageFacts) -> String {
        let packages = facts.virtual_packages().unwrap();
        packages.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn they_come_from_the_base() {
        insta::assert_snapshot!(listed(&debian()), @"__archspec=1=x86_64 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        let cuda = VirtualPackageFacts { cuda: parse_cuda_version("12.4.1"), ..debian() };
        insta::assert_snapshot!(listed(&cuda), @"__archspec=1=x86_64 __cuda=12.4=0 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        let arm = VirtualPackageFacts { platform: Subdir::LinuxAarch64, ..debian() };
        insta::assert_snapshot!(listed(&arm), @"__archspec=1=aarch64 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        let musl = VirtualPackageFacts { libc: Libc::Musl(None), ..debian() };
        insta::assert_snapshot!(listed(&musl), @"__archspec=1=x86_64 __linux=4.18=0 __unix=0=0");
    }

    #[test]
    fn overrides_win_and_empty_ones_take_away() {
        let scratch = VirtualPackageFacts::new(Subdir::Linux64);
        insta::assert_snapshot!(listed(&with(scratch, "CONDA_OVERRIDE_GLIBC", "2.17")), @"__archspec=1=x86_64 __glibc=2.17=0 __linux=4.18=0 __unix=0=0");
        let cuda = VirtualPackageFacts { cuda: parse_cuda_version("12.4.1"), ..debian() };
        insta::assert_snapshot!(listed(&with(cuda.clone(), "CONDA_OVERRIDE_CUDA", "")), @"__archspec=1=x86_64 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        insta::assert_snapshot!(listed(&with(cuda, "CONDA_OVERRIDE_CUDA", "11.8")), @"__archspec=1=x86_64 __cuda=11.8=0 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        insta::assert_snapshot!(listed(&with(debian(), "CONDA_OVERRIDE_ARCHSPEC", "x86_64_v3")), @"__archspec=1=x86_64_v3 __glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        insta::assert_snapshot!(listed(&with(debian(), "CONDA_OVERRIDE_ARCHSPEC", "")), @"__glibc=2.36=0 __linux=4.18=0 __unix=0=0");
        insta::assert_snapshot!(listed(&with(debian(), "CONDA_OVERRIDE_LINUX", "6.1")), @"__archspec=1=x86_64 __glibc=2.36=0 __linux=6.1=0 __unix=0=0");
    }

    #[test]
    fn a_base_without_glibc_gives_a_hint() {
        assert_eq!(debian().hint(), None);
        let scratch = VirtualPackageFacts::new(Subdir::Linux64);
        insta::assert_snapshot!(scratch.hint().unwrap(), @"there is no __glibc, because the base image has no C library for linux-64. Choose a base with glibc such as debian:13-slim, or state the version with CONDA_OVERRIDE_GLIBC if one is added later");
        assert_eq!(with(scratch, "CONDA_OVERRIDE_GLIBC", "2.28").hint(), None);
        assert!(with(debian(), "CONDA_OVERRIDE_GLIBC", "").hint().unwrap().contains("set and empty"));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let error = |facts: VirtualPackageFacts| facts.virtual_packages().unwrap_err().to_string();
        insta::assert_snapshot!(error(VirtualPackageFacts::new(Subdir::OsxArm64)), @"cannot build an image for osx-arm64: images are for Linux, such as linux-64 or linux-aarch64");
        insta::assert_snapshot!(error(with(debian(), "CONDA_OVERRIDE_GLIBC", "new!")), @"CONDA_OVERRIDE_GLIBC=new! is no version; write one such as 2.28, or leave it empty for none");
        insta::assert_snapshot!(error(with(debian(), "CONDA_OVERRIDE_CUDA", "latest")), @"CONDA_OVERRIDE_CUDA=latest is no version; write one such as 2.28, or leave it empty for none");
    }

    #[test]
    fn cuda_counts_to_the_minor_version() {
        let parse = |text| parse_cuda_version(text).map(|version| version.to_string());
        assert_eq!(parse("12.4.1").as_deref(), Some("12.4"));
        assert_eq!(parse("11.8").as_deref(), Some("11.8"));
        assert_eq!(parse("12").as_deref(), Some("12"));
        for bad in ["", "latest", "12.x", "."] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
