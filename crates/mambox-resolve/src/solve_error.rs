//! Why an environment cannot be locked.

use rattler_conda_types::Subdir;
use thiserror::Error;

use crate::{channel::ChannelError, explicit::ExplicitError, repodata_error::RepodataError};

/// Why an environment cannot be locked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SolveError {
    /// A channel cannot be understood.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A channel cannot be read.
    #[error(transparent)]
    Repodata(#[from] RepodataError),
    /// The base offers no virtual packages.
    #[error(transparent)]
    VirtualPackages(#[from] mambox_env::VirtualPackageError),
    /// A spec that stands for many packages.
    #[error("'{spec}' is a pattern; name the package itself")]
    Pattern {
        /// The spec.
        spec: String,
    },
    /// A package that no channel has.
    #[error("there is no package '{package}' for {platform} in {channels}{nearest}")]
    UnknownPackage {
        /// The name that was asked for.
        package: String,
        /// The platform.
        platform: Subdir,
        /// The channels, separated by commas.
        channels: String,
        /// What to do about it: names that are nearly the same, or what the channel lacks.
        nearest: String,
    },
    /// The solver found no solution.
    #[error("{0}")]
    Unsolvable(Box<Unsolvable>),
    /// Two records claim to be the same file.
    #[error("the channels contradict themselves: {reason}. Index the channel again, or tell who runs it")]
    Contradiction {
        /// What the solver says.
        reason: String,
    },
    /// Anything else that the solver says.
    #[error("the solver failed: {reason}")]
    Solver {
        /// What it says.
        reason: String,
    },
    /// A package that a spec names by URL.
    #[error(transparent)]
    Package(#[from] ExplicitError),
    /// The solution makes no lock.
    #[error(transparent)]
    Lock(#[from] mambox_env::LockError),
}

/// A failed solve, with all that a person needs to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.render())]
pub struct Unsolvable {
    /// The platform.
    pub platform: Subdir,
    /// The solver's own words, several lines.
    pub reasons: String,
    /// Virtual packages and where each is from, such as `("__glibc 2.36", "the base image")`.
    pub virtual_packages: Vec<(String, String)>,
    /// What could be done.
    pub hints: Vec<String>,
}

impl Unsolvable {
    fn render(&self) -> String {
        let mut text =
            format!("the environment cannot be solved for {}:\n{}", self.platform, self.reasons.trim_end());
        text.push_str("\nVirtual packages:");
        for (package, origin) in &self.virtual_packages {
            text.push_str(&format!("\n  {package} ({origin})"));
        }
        for hint in &self.hints {
            text.push_str(&format!("\nHint: {hint}"));
        }
        text
    }
}
