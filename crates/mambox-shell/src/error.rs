//! Why a shell's request cannot be met.

use std::io;
use std::path::PathBuf;

/// A request that cannot be met. micromamba exits with 1 for each.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// micromamba knows this shell, we do not.
    #[error("the shell '{0}' is not supported: use bash, zsh, dash, posix, fish, tcsh, xonsh or powershell")]
    UnsupportedShell(String),
    /// Nobody knows this shell.
    #[error("unknown shell '{0}': use bash, zsh, dash, posix, fish, tcsh, xonsh or powershell")]
    UnknownShell(String),
    /// The function that a hook defines has the executable's name.
    #[error(
        "the executable is named '{0}'; a shell hook can be made for 'micromamba' or 'mamba' only: rename it"
    )]
    ExecutableName(String),
    /// A path that cannot stand in a variable or a script.
    #[error("the path {} is not valid UTF-8 or holds a line end or ':'; use another", .0.display())]
    Path(PathBuf),
    /// The words are micromamba's.
    #[error("Cannot activate, prefix does not exist at: {}", .0.display())]
    NoSuchPrefix(PathBuf),
    /// A shell that no file sets up.
    #[error(
        "{0} reads no file of its own at its start: put eval \"$(micromamba shell hook --shell {0})\" into the file that ENV names"
    )]
    NoStartFile(&'static str),
    /// A start-up file of a shell cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A start-up file whose block has a beginning and no end, or the reverse.
    #[error("{}: the lines '>>> mamba initialize >>>' and '<<< mamba initialize <<<' do not pair; remove them by hand", .0.display())]
    BrokenBlock(PathBuf),
}
