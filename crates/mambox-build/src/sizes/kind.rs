//! What sort of file it is, by its path.

use mambox_layer::{SlimPolicies, SlimPolicy};
use serde::Serialize;

/// A sort of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// All of the base's.
    Base,
    /// What [`SlimPolicy::StaticLibs`] leaves out, and so on.
    StaticLibs,
    /// C headers.
    Headers,
    /// Documentation.
    Docs,
    /// Tests of the standard library.
    Tests,
    /// Debug symbols.
    Debug,
    /// `.pyc` files of `python -O` and `-OO`.
    PycLevels,
    /// `*.so` and `*.so.1`.
    SharedLibs,
    /// What is in `bin`, `sbin` and `libexec`.
    Programs,
    /// `*.py`.
    PythonSources,
    /// Other `*.pyc`.
    Pyc,
    /// Anything else of an environment.
    Data,
    /// Above the base and in no environment: files of `--copy`, accounts.
    Outside,
}

impl FileKind {
    /// Of a file of an environment; `path` is relative to its prefix.
    pub(super) fn of(package: &str, path: &str) -> Self {
        if let Some(policy) = SlimPolicies::all().left_out(package, path) {
            return Self::from(policy);
        }
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        if name.ends_with(".so") || name.contains(".so.") {
            Self::SharedLibs
        } else if name.ends_with(".py") {
            Self::PythonSources
        } else if name.ends_with(".pyc") {
            Self::Pyc
        } else if ["bin/", "sbin/", "libexec/"].iter().any(|folder| path.starts_with(folder)) {
            Self::Programs
        } else {
            Self::Data
        }
    }

    /// The slim policy that would leave such files out.
    pub fn policy(self) -> Option<SlimPolicy> {
        SlimPolicy::ALL.into_iter().find(|policy| Self::from(*policy) == self)
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Base => "base image",
            Self::StaticLibs => "static libraries",
            Self::Headers => "headers",
            Self::Docs => "documentation",
            Self::Tests => "tests of the standard library",
            Self::Debug => "debug symbols",
            Self::PycLevels => ".pyc files of python -O and -OO",
            Self::SharedLibs => "shared libraries",
            Self::Programs => "programs",
            Self::PythonSources => "Python sources",
            Self::Pyc => ".pyc files",
            Self::Data => "data",
            Self::Outside => "outside of environments",
        }
    }
}

impl From<SlimPolicy> for FileKind {
    fn from(policy: SlimPolicy) -> Self {
        match policy {
            SlimPolicy::Debug => Self::Debug,
            SlimPolicy::Docs => Self::Docs,
            SlimPolicy::Headers => Self::Headers,
            SlimPolicy::PycLevels => Self::PycLevels,
            SlimPolicy::StaticLibs => Self::StaticLibs,
            SlimPolicy::Tests => Self::Tests,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_kind() {
        let kinds = [
            ("lib/libz.so.1.3", FileKind::SharedLibs),
            ("lib/python3.13/lib-dynload/a.cpython-313-x86_64-linux-gnu.so", FileKind::SharedLibs),
            ("lib/libz.a", FileKind::StaticLibs),
            ("lib/python3.13/os.py", FileKind::PythonSources),
            ("lib/python3.13/__pycache__/os.cpython-313.pyc", FileKind::Pyc),
            ("lib/python3.13/__pycache__/os.cpython-313.opt-1.pyc", FileKind::PycLevels),
            ("lib/python3.13/test/a.py", FileKind::Tests),
            ("bin/python3.13", FileKind::Programs),
            ("share/zoneinfo/UTC", FileKind::Data),
            ("conda-meta/python-3.13.5-0.json", FileKind::Data),
        ];
        for (path, kind) in kinds {
            assert_eq!(FileKind::of("python", path), kind, "{path}");
        }
        assert_eq!(FileKind::Headers.policy(), Some(SlimPolicy::Headers));
        assert_eq!(FileKind::Data.policy(), None);
    }
}
