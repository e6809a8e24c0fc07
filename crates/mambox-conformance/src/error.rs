//! What goes wrong with an engine.

use std::io;

/// A command of a container engine did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine's command is not on the PATH.
    #[error("{program} is not installed")]
    Missing {
        /// `docker` or `podman`.
        program: &'static str,
    },
    /// It cannot be started, or its output cannot be kept.
    #[error("`{command}` cannot be run: {source}")]
    Io {
        /// Program and arguments.
        command: String,
        /// The cause.
        source: io::Error,
    },
    /// It ended with a failure.
    #[error("`{command}` failed ({status}): {output}")]
    Failed {
        /// Program and arguments.
        command: String,
        /// Such as `exit status: 125`.
        status: String,
        /// The end of what it wrote, errors last.
        output: String,
    },
    /// What it printed about an image is not what engines print.
    #[error("`{command}` printed what is no JSON: {source}")]
    Unreadable {
        /// Program and arguments.
        command: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// It did not end.
    #[error("`{command}` was stopped after {seconds} s; is the engine stuck?")]
    Timeout {
        /// Program and arguments.
        command: String,
        /// How long it was given.
        seconds: u64,
    },
}
