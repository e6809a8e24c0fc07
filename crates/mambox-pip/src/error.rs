//! Why the pip section of an environment cannot be resolved.

use std::path::PathBuf;

use thiserror::Error;

/// Why requirements do not become distributions. What uv said is indented, and without credentials.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipError {
    /// Bounds.
    #[error("{file}: its pip section is too large: {what}; make it shorter")]
    TooMuch {
        /// The environment file, or one that it includes.
        file: String,
        /// What there is too much of.
        what: String,
    },
    /// A requirement that cannot be read.
    #[error(
        "{file}: the pip requirement '{line}' cannot be used:{said}\nWrite it as in pip's requirements files: NAME, NAME==1.0, \
         NAME @ URL, ./FOLDER or an option such as --index-url URL"
    )]
    Requirement {
        /// The environment file, or one that it includes.
        file: String,
        /// The requirement, or where it stands.
        line: String,
        /// What is wrong with it.
        said: String,
    },
    /// A file or folder that is not there.
    #[error(
        "{file}: its pip requirements name what is not there, or is no Python project:\n{said}\nRelative paths start at the folder of \
         the file that names them{unset}"
    )]
    Missing {
        /// The environment file, or one that it includes.
        file: String,
        /// What uv or the system said.
        said: String,
        /// Variables without a value, as a remark.
        unset: String,
    },
    /// No set of versions fulfils all requirements.
    #[error("{file}: the pip packages cannot be resolved for {target}:\n{said}{there}")]
    Unsolvable {
        /// The environment file.
        file: String,
        /// `python 3.13 on linux-64`.
        target: String,
        /// uv's explanation.
        said: String,
        /// What conda packages have to do with it, a line for each.
        there: String,
    },
    /// An index or another server does not give what is needed.
    #[error(
        "{file}: an index, a file or a repository for the pip packages cannot be reached:\n{said}\nCheck the address, the network \
         and the login (https://USER:PASSWORD@…, netrc, or uv's own variables){unset}"
    )]
    Index {
        /// The environment file.
        file: String,
        /// What uv said.
        said: String,
        /// Variables without a value, as a remark.
        unset: String,
    },
    /// A source distribution does not tell its dependencies.
    #[error(
        "{file}: a source distribution among the pip packages cannot be built to learn its dependencies:\n{said}\nInstall what its \
         build needs on this machine, ask for a version that has a wheel, or use the conda package of that name"
    )]
    Build {
        /// The environment file.
        file: String,
        /// What uv and the build backend said.
        said: String,
    },
    /// There is nothing that can be used of a distribution.
    #[error("{file}: {package} cannot be used for {target}: {why}")]
    NoFile {
        /// The environment file.
        file: String,
        /// `name==version`.
        package: String,
        /// `python 3.13 on linux-64`.
        target: String,
        /// The reason, and what to do.
        why: String,
    },
    /// A pinned hash is not the file's.
    #[error(
        "{file}: {package} has another hash than the requirement pins: {found}\nwhere one of these is wanted: {wanted}\nEither the \
         file was replaced, which should not happen, or the requirement has to be pinned anew"
    )]
    Hash {
        /// The environment file.
        file: String,
        /// `name==version`.
        package: String,
        /// What there is.
        found: String,
        /// What is pinned.
        wanted: String,
    },
    /// A distribution would lie over a conda package.
    #[error(
        "{file}: {package} would replace the conda package {conda}, by an override of uv; take {name} out of dependencies: or \
         out of the override"
    )]
    Replaces {
        /// The environment file.
        file: String,
        /// `name==version`.
        package: String,
        /// `name-version-build`.
        conda: String,
        /// The distribution's name.
        name: String,
    },
    /// uv does not know the target.
    #[error(
        "{file}: pip packages cannot be resolved for {target}: uv {version} does not know that platform; use conda packages \
         instead, or a newer uv"
    )]
    Platform {
        /// The environment file.
        file: String,
        /// `python 3.13 on linux-s390x`.
        target: String,
        /// uv's version.
        version: String,
    },
    /// uv wants a python to run.
    #[error(
        "{file}: uv finds no python on this machine, which it needs to read metadata; install any Python 3 and have it in PATH:\n{said}"
    )]
    NoPython {
        /// The environment file.
        file: String,
        /// What uv said.
        said: String,
    },
    /// uv failed for another reason, or was killed.
    #[error("{file}: uv {version} could not resolve the pip packages ({how}):\n{said}")]
    Failed {
        /// The environment file.
        file: String,
        /// uv's version.
        version: String,
        /// The exit code or signal.
        how: String,
        /// What uv said.
        said: String,
    },
    /// uv did not come to an end.
    #[error("{file}: uv was stopped: {why}")]
    Stopped {
        /// The environment file.
        file: String,
        /// Which bound it went over, and what to do.
        why: String,
    },
    /// uv's result cannot be understood.
    #[error(
        "{file}: the pylock.toml that uv {version} wrote for the pip packages cannot be used: {why}; try another version of uv"
    )]
    Pylock {
        /// The environment file.
        file: String,
        /// uv's version.
        version: String,
        /// What is wrong with it.
        why: String,
    },
    /// The system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
}
