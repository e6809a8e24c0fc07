//! What can go wrong with a family.

use std::io;
use std::path::PathBuf;

use mambox_build::{BuildError, ErrorKind};
use mambox_oci::{Digest, ImageError, Platform};
use mambox_transport::{InvalidReference, TransportError};

use crate::family_file::FamilyError;
use crate::key::Unpinned;
use crate::lock::FamilyLockError;
use crate::look_out::LookOutError;

/// A failed operation on a family. Each message names what is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImagesError {
    /// `images.toml` cannot be used.
    #[error(transparent)]
    Family(#[from] FamilyError),
    /// `images.lock` cannot be used.
    #[error(transparent)]
    Lock(#[from] FamilyLockError),
    /// `images.lock` does not pin what is needed.
    #[error(transparent)]
    Unpinned(#[from] Unpinned),
    /// There is no such base.
    #[error("the family has no base '{name}'; it has {known}")]
    UnknownBase {
        /// As asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The base is not for that platform.
    #[error("no base that was asked for is for {0}")]
    UnknownPlatform(Platform),
    /// A base that no image can be made on.
    #[error("the base {base} for {platform}: {problem}")]
    Base {
        /// Its name.
        base: String,
        /// The platform.
        platform: Platform,
        /// What is wrong.
        problem: String,
    },
    /// A base that is no longer what the lock says.
    #[error("the base {base} for {platform} is {found} now, and images.lock pins {pinned}")]
    Moved {
        /// Its name.
        base: String,
        /// The platform.
        platform: Platform,
        /// Its digest.
        found: Digest,
        /// That of the lock.
        pinned: Digest,
    },
    /// A program for inside an image is missing.
    #[error("there is no {program} for {platform}; looked for {looked}")]
    NoProgram {
        /// `mambox-init` or `micromamba`.
        program: &'static str,
        /// The platform.
        platform: Platform,
        /// The places.
        looked: String,
    },
    /// A program that is another than the lock pins.
    #[error("{program} for {platform} is {found}, and images.lock pins {pinned}")]
    OtherProgram {
        /// `mambox-init` or `micromamba`.
        program: &'static str,
        /// The platform.
        platform: Platform,
        /// Its digest.
        found: Digest,
        /// That of the lock.
        pinned: Digest,
    },
    /// This mambox furnishes images otherwise than the one that wrote the lock.
    #[error("this mambox puts other scripts or certificates into images than the one that wrote images.lock")]
    OtherFurnishings,
    /// A `.deb` that cannot be used.
    #[error("the package {deb}: {problem}")]
    Deb {
        /// As `images.toml` has it.
        deb: String,
        /// What is wrong.
        problem: String,
    },
    /// micromamba's package of a channel.
    #[error("micromamba's package for {platform}: {problem}")]
    Package {
        /// The platform.
        platform: Platform,
        /// What is wrong.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// git does not give what was asked for.
    #[error("git {command}: {problem}")]
    Git {
        /// Its arguments.
        command: String,
        /// Its words.
        problem: String,
    },
    /// A reference of a base.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// Layers or caches.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Reading a base, or writing an image.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Versions cannot be compared.
    #[error(transparent)]
    LookOut(#[from] LookOutError),
    /// More layers than engines accept.
    #[error(transparent)]
    Image(#[from] ImageError),
}

impl ImagesError {
    /// The kind, for the exit code.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Build(error) => error.kind(),
            Self::Deb { .. } => ErrorKind::Corrupt,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::Input,
            Self::Io { .. } => ErrorKind::System,
            Self::Transport(_) | Self::LookOut(_) => ErrorKind::Unreachable,
            _ => ErrorKind::Input,
        }
    }

    /// The next step, where there is one to name.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Build(error) => error.hint(),
            Self::Unpinned(_) | Self::Moved { .. } | Self::OtherProgram { .. } | Self::OtherFurnishings => {
                Some("run `mambox images update`, look at what changed in images.lock, and commit it".into())
            }
            Self::NoProgram { program: "micromamba", .. } => Some(
                "build it, and set MAMBOX_MICROMAMBA to it; for several platforms, to a path to which -amd64, -arm64, … is added"
                    .into(),
            ),
            Self::NoProgram { .. } => Some("build it, and set MAMBOX_INIT to it".into()),
            _ => None,
        }
    }
}
