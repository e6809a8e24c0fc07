//! Whose move is next: the kind of a failure, which decides the exit code.

use std::io;

use mambox_env::LockError;
use mambox_layer::{LayerError, Problem};
use mambox_pip::PipError;
use mambox_resolve::{
    ChannelError, ClientError, DocumentError, ExplicitError, FetchError, NetworkError, RepodataError,
    SettingsError, SolveError,
};
use mambox_transport::{EngineError, RegistryError, TransportError};

use crate::BuildError;

/// What sort of failure it is: whose move is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request or an input file is at fault.
    Input,
    /// The environment cannot be solved.
    Unsolvable,
    /// A channel, registry or engine cannot be reached, or refuses.
    Unreachable,
    /// Something fetched or read is not what it should be: a wrong hash, a hostile archive.
    Corrupt,
    /// This machine is at fault: a full disk, a read-only folder.
    System,
    /// Something that mambox cannot do yet.
    Unsupported,
}

use ErrorKind::{Corrupt, Input, System, Unreachable, Unsolvable, Unsupported};

impl BuildError {
    /// The kind, for the exit code.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { source, .. } => io_kind(source),
            Self::Cache { .. } | Self::PackageCache(_) | Self::Worker(_) => System,
            Self::Copy { .. }
            | Self::ImagePath { .. }
            | Self::Occupied { .. }
            | Self::Account { .. }
            | Self::UnknownUser(_)
            | Self::Platform(_)
            | Self::InputPlatform { .. }
            | Self::NotOurs(_)
            | Self::UnknownInput(_)
            | Self::Spec(_)
            | Self::VirtualPackage(_)
            | Self::Image(_) => Input,
            Self::Recipe { .. } | Self::Variables { .. } | Self::Tampered { .. } => Corrupt,
            Self::LinkScriptRefused { .. }
            | Self::LinkScriptFailed { .. }
            | Self::ActivationScript { .. }
            | Self::SlimImport { .. }
            | Self::Exports { .. } => Input,
            Self::PreLinkScript { .. } | Self::NoScriptShell { .. } | Self::CannotRun { .. } => Unsupported,
            Self::Pip(_) => Input,
            Self::Uv(_) => System,
            Self::PipResolve(error) => pip(error),
            Self::Sandbox { .. }
            | Self::NoEntryProgram { .. }
            | Self::NoPyc { .. }
            | Self::Compile { .. } => System,
            Self::Lock(error) => lock(error),
            Self::Layer(error) => layer(error),
            Self::Settings(SettingsError::Client(ClientError::CaFile { .. })) => System,
            Self::Settings(_) => Input,
            Self::Sdist(error) => error.kind(),
            Self::Solve(error) => solve(error),
            Self::Explicit(error) => explicit(error),
            Self::Fetch(error) => fetch(error),
            Self::Document(DocumentError::Network(error)) => network(error),
            Self::Document(_) => Corrupt,
            Self::Transport(error) => transport(error),
        }
    }
}

/// A file that is not there was named wrongly; anything else is the machine's.
pub(crate) fn io_kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => Input,
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Corrupt,
        _ => System,
    }
}

fn lock(error: &LockError) -> ErrorKind {
    match error {
        LockError::SourcePackage { .. } => Unsupported,
        LockError::FileName { .. } | LockError::RecordField { .. } => Corrupt,
        _ => Input,
    }
}

fn layer(error: &LayerError) -> ErrorKind {
    match error {
        LayerError::Package { problem: Problem::PrefixTooLong { .. }, .. }
        | LayerError::Prefix { .. }
        | LayerError::NoPython { .. }
        | LayerError::NoBudget => Input,
        LayerError::Package { problem: Problem::Io(error), .. } => io_kind(error),
        LayerError::Sink(_) | LayerError::Compile { .. } | LayerError::NoCompiler { .. } => System,
        _ => Corrupt,
    }
}

fn pip(error: &PipError) -> ErrorKind {
    match error {
        PipError::Unsolvable { .. } => Unsolvable,
        PipError::Index { .. } => Unreachable,
        PipError::Hash { .. } => Corrupt,
        PipError::Platform { .. } => Unsupported,
        PipError::NoPython { .. }
        | PipError::Failed { .. }
        | PipError::Stopped { .. }
        | PipError::Pylock { .. } => System,
        PipError::Io { source, .. } => io_kind(source),
        _ => Input,
    }
}

fn solve(error: &SolveError) -> ErrorKind {
    match error {
        SolveError::Unsolvable(_) | SolveError::UnknownPackage { .. } | SolveError::Contradiction { .. } => {
            Unsolvable
        }
        SolveError::Channel(error) => channel(error),
        SolveError::Repodata(error) => repodata(error),
        SolveError::Package(error) => explicit(error),
        SolveError::Lock(error) => lock(error),
        SolveError::Solver { .. } => System,
        _ => Input,
    }
}

fn channel(_: &ChannelError) -> ErrorKind {
    Input
}

fn repodata(error: &RepodataError) -> ErrorKind {
    match error {
        RepodataError::Network(error) => network(error),
        RepodataError::NoChannel { .. } => Input,
        RepodataError::Cache { .. } => System,
        _ => Corrupt,
    }
}

fn explicit(error: &ExplicitError) -> ErrorKind {
    match error {
        ExplicitError::Fetch(error) => fetch(error),
        ExplicitError::Lock(error) => lock(error),
        _ => Corrupt,
    }
}

fn fetch(error: &FetchError) -> ErrorKind {
    match error {
        FetchError::Network { source, .. } => network(source),
        FetchError::Gone { .. } => Unreachable,
        FetchError::WrongHash { .. } | FetchError::WrongSize { .. } | FetchError::TooLarge { .. } => Corrupt,
        FetchError::Cache { .. } | FetchError::File { .. } => System,
        _ => Input,
    }
}

fn network(error: &NetworkError) -> ErrorKind {
    match error {
        NetworkError::Client { .. } => System,
        _ => Unreachable,
    }
}

fn transport(error: &TransportError) -> ErrorKind {
    match error {
        TransportError::Io { source, .. } => io_kind(source),
        TransportError::DiskFull { .. } | TransportError::Worker(_) | TransportError::Cancelled => System,
        TransportError::Malformed { .. } | TransportError::Image { .. } => Corrupt,
        TransportError::Unsupported(_) => Unsupported,
        TransportError::Registry(error) => registry(error),
        TransportError::Engine(error) => engine(error),
        _ => Input,
    }
}

fn registry(error: &RegistryError) -> ErrorKind {
    match error {
        RegistryError::Name(_) | RegistryError::NoPlatform { .. } | RegistryError::Settings { .. } => Input,
        RegistryError::Corrupt { .. } | RegistryError::Image { .. } | RegistryError::Protocol { .. } => {
            Corrupt
        }
        RegistryError::Cache { .. } | RegistryError::AuthFile { .. } => System,
        _ => Unreachable,
    }
}

fn engine(error: &EngineError) -> ErrorKind {
    match error {
        EngineError::Name { .. } | EngineError::NoPlatform { .. } | EngineError::NoImage { .. } => Input,
        EngineError::Changed { .. } | EngineError::Image { .. } => Corrupt,
        _ => Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_says_whose_move_is_next() {
        let io = |kind: io::ErrorKind| BuildError::io("cannot read", "environment.yml", kind.into());
        assert_eq!(io(io::ErrorKind::NotFound).kind(), Input);
        assert_eq!(io(io::ErrorKind::StorageFull).kind(), System);
        assert_eq!(BuildError::NoScriptShell { what: "bin/.x-post-link.sh".into() }.kind(), Unsupported);
        assert_eq!(BuildError::from(LayerError::Sink(io::ErrorKind::StorageFull.into())).kind(), System);
    }
}
