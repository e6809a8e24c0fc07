//! What can go wrong in a build.

use std::io;
use std::path::{Path, PathBuf};

use mambox_activate::{ExportsError, VariablesError};
use mambox_env::{LockError, SpecError, UnknownInput, VirtualPackageError};
use mambox_layer::{LayerError, SlimPolicies, SlimPolicy};
use mambox_oci::{Digest, ImageError};
use mambox_resolve::{CacheError, DocumentError, ExplicitError, FetchError, SettingsError, SolveError};
use mambox_sandbox::SandboxError;
use mambox_transport::TransportError;

use crate::pip::PipProblem;
use crate::sdist::SdistError;

/// A failed operation. Each message names what is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file cannot be read or written.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was attempted, as in "cannot write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The cache cannot be written.
    #[error("cannot write to the cache {}: {source}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file cannot be copied into the image.
    #[error("cannot copy {} into the image: {problem}", path.display())]
    Copy {
        /// The file or folder on this machine.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A folder is where a file is to be.
    #[error("/{path} is a folder in the base image; a file cannot take its place")]
    Occupied {
        /// The path, without its first slash.
        path: String,
    },
    /// A path in the image cannot be used.
    #[error("the path '{path}' {problem}")]
    ImagePath {
        /// As given.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The base has another account where ours should be.
    #[error("the base's {file} has '{existing}', which clashes with the account mambauser (57439)")]
    Account {
        /// `/etc/passwd` or `/etc/group`.
        file: &'static str,
        /// The line in the way.
        existing: String,
    },
    /// `--user` names nobody.
    #[error("the base has no user '{0}'")]
    UnknownUser(String),
    /// A platform that conda has no subdir for.
    #[error("conda has no packages for {0}")]
    Platform(String),
    /// The input does not have the wanted platform.
    #[error("{file} is for {has}, not for {wanted}")]
    InputPlatform {
        /// The input.
        file: String,
        /// What it has.
        has: String,
        /// What was asked for.
        wanted: String,
    },
    /// A recipe that cannot be read.
    #[error("the image's recipe cannot be used: {problem}")]
    Recipe {
        /// What is wrong.
        problem: String,
    },
    /// An image that mambox did not make.
    #[error("{0} was not made by mambox: it has no lock and no recipe inside")]
    NotOurs(String),
    /// An environment file that is no text of a known kind.
    #[error(transparent)]
    UnknownInput(#[from] UnknownInput),
    /// An environment that cannot be parsed.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Distributions of PyPI's kind.
    #[error(transparent)]
    Pip(#[from] PipProblem),
    /// The program that resolves a `pip:` section.
    #[error(transparent)]
    Uv(#[from] mambox_pip::UvError),
    /// A `pip:` section that could not be resolved.
    #[error(transparent)]
    PipResolve(#[from] mambox_pip::PipError),
    /// A lock that cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Virtual packages that cannot be.
    #[error(transparent)]
    VirtualPackage(#[from] VirtualPackageError),
    /// A package or plan that cannot become a layer.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// An archive that changed after it was fetched.
    #[error("{} has the sha256 {}, but the lock says {}; it was changed after it was fetched", path.display(), actual.hex(), expected.hex())]
    Tampered {
        /// The archive.
        path: PathBuf,
        /// What the lock says.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// Variables of a package that cannot be read.
    #[error("package {package}: {source}")]
    Variables {
        /// The package.
        package: String,
        /// What is wrong.
        source: VariablesError,
    },
    /// A package with a link script, where that was forbidden.
    #[error("package {package} has the link script {script}")]
    LinkScriptRefused {
        /// The package's name.
        package: String,
        /// The script, relative to the prefix.
        script: String,
    },
    /// A package with a script that would have to run before the package is there.
    #[error(
        "package {package} has the script {script}, which is to run before the package is installed; no installer but old conda does that"
    )]
    PreLinkScript {
        /// The package's name.
        package: String,
        /// The script, relative to the prefix.
        script: String,
    },
    /// A link script that failed.
    #[error("the link script {script} of package {package} {how}; its last words:\n{output}")]
    LinkScriptFailed {
        /// The package's name.
        package: String,
        /// The script, relative to the prefix.
        script: String,
        /// How it ended.
        how: String,
        /// The end of its output.
        output: String,
    },
    /// An activation script that ended the shell that sources it.
    #[error("the activation script {script} {how} instead of coming back; its last words:\n{output}")]
    ActivationScript {
        /// The script, in the image.
        script: String,
        /// How it ended.
        how: String,
        /// The end of its output.
        output: String,
    },
    /// Variables that a shell prints in an unknown way.
    #[error("the variables that {shell} exports cannot be read: {source}")]
    Exports {
        /// The shell, in the image.
        shell: String,
        /// What is wrong.
        source: ExportsError,
    },
    /// Scripts, and nothing to run them.
    #[error("{what} needs a shell, and neither base nor environment has one")]
    NoScriptShell {
        /// The script, relative to the prefix.
        what: String,
    },
    /// A program of the image that does not start here.
    #[error(
        "{what} cannot run here: {program} of the image, which is for {platform}, does not start: {said}"
    )]
    CannotRun {
        /// The script, relative to the prefix.
        what: String,
        /// The program, in the image.
        program: String,
        /// The image's platform.
        platform: String,
        /// The system's words.
        said: String,
    },
    /// No sandbox, or one that failed.
    #[error("{what} cannot run: {source}")]
    Sandbox {
        /// What was to run.
        what: String,
        /// Why it cannot.
        source: SandboxError,
    },
    /// `.pyc` files that cannot be made on this machine.
    #[error("the .pyc files of noarch python packages and wheels cannot be made here: {reason}")]
    NoPyc {
        /// Why not, and what to do.
        reason: String,
    },
    /// A python module that misses what a slim policy left out.
    #[error(
        "the python module {module} does not import without what the slim policy {policy} leaves out: {error}"
    )]
    SlimImport {
        /// The module.
        module: String,
        /// Python's words.
        error: String,
        /// The policy whose rule names what is missed.
        policy: SlimPolicy,
        /// All that are on.
        slim: SlimPolicies,
    },
    /// Python failed at compiling.
    #[error("noarch python packages cannot be compiled: {reason}; leave that out with --pyc off")]
    Compile {
        /// How.
        reason: String,
    },
    /// The entrypoint's program is missing.
    #[error(
        "the image needs the entrypoint of mambox-init for {platform}, and that program is not here; looked for {looked}"
    )]
    NoEntryProgram {
        /// The image's platform.
        platform: String,
        /// The places.
        looked: String,
    },
    /// Sources that do not become a wheel.
    #[error(transparent)]
    Sdist(#[from] SdistError),
    /// Parts that do not make an image.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// Channels or network settings that cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// An environment that cannot be solved.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// An `@EXPLICIT` file whose packages cannot be read.
    #[error(transparent)]
    Explicit(#[from] ExplicitError),
    /// A package that cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An environment's address that cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The package cache.
    #[error(transparent)]
    PackageCache(#[from] CacheError),
    /// A base that cannot be read, or an output that cannot be written.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A worker thread died.
    #[error("a worker stopped unexpectedly while {0}; this is a defect of mambox")]
    Worker(&'static str),
}

impl BuildError {
    /// A file or folder that failed us; `action` as in "cannot read".
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { action, path: path.as_ref().into(), source }
    }

    /// A cache that failed us.
    pub(crate) fn cache(path: &Path, source: io::Error) -> Self {
        Self::Cache { path: path.into(), source }
    }

    /// Something that cannot be copied.
    pub(crate) fn copy(path: &Path, problem: &'static str) -> Self {
        Self::Copy { path: path.into(), problem }
    }

    /// What to do next, where the message does not say it yet.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Cache { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room with 'mambox cache prune', or set MAMBOX_CACHE_DIR to a folder on a larger disk"
            }
            Self::Cache { .. } => "set MAMBOX_CACHE_DIR to a folder that you may write to",
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room, for example with 'mambox cache prune'"
            }
            Self::Tampered { .. } => {
                "remove the file so that it is fetched again, and find out who changed it"
            }
            Self::Account { .. } => "choose the image's user yourself, for example --user 1000:0",
            Self::UnknownUser(_) => "use a name from the base's /etc/passwd, or a number such as 1000:0",
            Self::Platform(_) => "use linux/amd64, linux/arm64 or linux/ppc64le",
            Self::InputPlatform { .. } => {
                "ask for one of its platforms, or lock the environment again with more"
            }
            Self::LinkScriptRefused { .. } => {
                "add --link-scripts run to run it in a sandbox, or --link-scripts skip to leave it out"
            }
            Self::PreLinkScript { .. } => "leave link scripts out with --link-scripts skip",
            Self::LinkScriptFailed { .. } => {
                "find out what the script wants of the base, or leave link scripts out with --link-scripts skip"
            }
            Self::ActivationScript { .. } | Self::Exports { .. } => {
                "have the scripts run at each start with --activation entrypoint"
            }
            Self::NoScriptShell { what } | Self::CannotRun { what, .. } | Self::Sandbox { what, .. } => {
                return Some(without_running(what));
            }
            Self::NoEntryProgram { .. } => {
                "build it (see the book, \"How the environment becomes active\") and set MAMBOX_INIT to it, or put it beside the mambox program"
            }
            Self::SlimImport { policy, slim, .. } => {
                return Some(format!("keep these files with --slim {}", slim.but(*policy)));
            }
            Self::Occupied { path } => return Some(format!("write --copy SRC:/{path}/ to copy into it")),
            Self::Copy { .. } => "copy a file, a folder or a symbolic link, and name the place in the image",
            Self::Sdist(error) => return error.hint(),
            _ => return None,
        };
        Some(hint.into())
    }
}

/// What to do where a script cannot run at build.
fn without_running(script: &str) -> String {
    match script.starts_with("etc/conda/activate.d") {
        true => "have the scripts run at each start with --activation entrypoint, or not at all with --activation none".into(),
        false => "choose a base and a machine on which it can run, or leave link scripts out with --link-scripts skip".into(),
    }
}
