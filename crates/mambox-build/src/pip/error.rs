//! What can be wrong with distributions of PyPI's kind, beyond what resolving them tells.

use std::path::PathBuf;

/// Paths that a message names.
const NAMED: usize = 5;

/// Why distributions cannot become part of an image. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PipProblem {
    /// A `pip:` section without an interpreter for it.
    #[error("{file} has a pip: section, but its dependencies have no python; add one such as 'python =3.13'")]
    NoPython {
        /// The environment's file.
        file: String,
    },
    /// A python whose version says nothing.
    #[error("the version '{version}' of python has no major and minor number, by which wheels are chosen")]
    PythonVersion {
        /// As locked.
        version: String,
    },
    /// A wheel of another python or system.
    #[error(
        "{wheel} does not run on {target}; lock again for this platform and base, so that a wheel is chosen that does"
    )]
    UnfitWheel {
        /// Its file name.
        wheel: String,
        /// Python, platform and libc.
        target: String,
    },
    /// Sources, where these are not to be built.
    #[error(
        "there is no wheel of {package} in the lock, and --no-build forbids to build one; leave --no-build out, or lock a \
         version that has a wheel"
    )]
    NoBuild {
        /// Name and version.
        package: String,
    },
    /// A folder that is not there (any more).
    #[error("the folder {} of the pip package {package} is not there; lock again, or build where it is", path.display())]
    NoFolder {
        /// Its name.
        package: String,
        /// The folder.
        path: PathBuf,
    },
    /// A folder of somebody's machine, which an image does not hold.
    #[error(
        "{package} was built from a folder of sources, which the image does not hold, so that its wheel cannot be made again; build \
         where the folder is, and compare the digests"
    )]
    NotInImage {
        /// The distribution's name.
        package: String,
    },
    /// A wheel that was built again, and came out otherwise.
    #[error(
        "the wheel of {package} comes out otherwise than the image says: its build is not reproducible, or the image is not what it \
         says"
    )]
    OtherWheel {
        /// The distribution's name.
        package: String,
    },
    /// A distribution that conda brings, too, in another version.
    #[error(
        "pip brings {wheel}, but the conda package {package} has {name} {version} already; ask for one of the two, or give \
         --pip-override, with which the wheel replaces it"
    )]
    SameDistribution {
        /// `name==version` of the wheel.
        wheel: String,
        /// The conda package's name.
        package: String,
        /// The distribution's name.
        name: String,
        /// Its version in the conda package.
        version: String,
    },
    /// Files of wheels where conda packages have some.
    #[error(
        "the wheel of {wheel} and the conda package {package} have the same files: {}; ask for one of the two, or give \
         --pip-override, with which the wheel's files are taken",
        named(paths)
    )]
    SamePaths {
        /// The distribution's name.
        wheel: String,
        /// The conda package's name.
        package: String,
        /// Relative to the prefix.
        paths: Vec<String>,
    },
}

fn named(paths: &[String]) -> String {
    let mut text = paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if paths.len() > NAMED {
        text.push_str(&format!(" and {} more", paths.len() - NAMED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_paths_are_named() {
        let error = |count: usize| {
            let paths = (0..count).map(|n| format!("lib/{n}.py")).collect();
            PipProblem::SamePaths { wheel: "rich".into(), package: "python-rich".into(), paths }.to_string()
        };
        assert!(error(1).contains("the same files: lib/0.py; ask"), "{}", error(1));
        assert!(error(7).contains("lib/4.py and 2 more; ask"), "{}", error(7));
    }
}
