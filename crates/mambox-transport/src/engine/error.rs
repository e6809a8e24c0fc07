//! What goes wrong with container engines.

use std::io;

use mambox_oci::{Digest, Platform};

/// A failure to load into an engine or to read from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The command is not installed.
    #[error(
        "there is no command '{program}': install {engine}, or write a file (-o FILE.tar) and load it where there is one"
    )]
    Missing {
        /// The command.
        program: String,
        /// Docker, podman, or both.
        engine: &'static str,
    },
    /// The command is there, but what does the work is not.
    #[error(
        "{program} does not answer: {said}; start it, choose another engine, or write a file (-o FILE.tar)"
    )]
    NotRunning {
        /// The command.
        program: String,
        /// What it printed.
        said: String,
    },
    /// Neither engine can be used.
    #[error("no container engine can be used. Docker: {docker}. podman: {podman}")]
    None {
        /// Why not Docker.
        docker: String,
        /// Why not podman.
        podman: String,
    },
    /// The command failed.
    #[error("`{command}` failed ({status}): {said}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it printed.
        said: String,
    },
    /// The engine's image is not the one that was sent.
    #[error(
        "{program} loaded {name} as {actual}, but it was sent {expected}; do not use that image, and try another version of {program}"
    )]
    Changed {
        /// The command.
        program: String,
        /// The image's name.
        name: String,
        /// The digest of the configuration that was sent.
        expected: Digest,
        /// What the engine has.
        actual: String,
    },
    /// The engine has no such image.
    #[error(
        "{program} has no image '{name}': `{program} images` lists what it has; to pull it from a registry write docker://{name}"
    )]
    NoImage {
        /// The command.
        program: String,
        /// The image's name.
        name: String,
    },
    /// None of several images is for the engine's platform.
    #[error(
        "{program} runs {wanted}, but the images are for {known}; build for {wanted}, too, or write a file (-o FILE.tar)"
    )]
    NoPlatform {
        /// The command.
        program: String,
        /// The engine's platform.
        wanted: Platform,
        /// The platforms there are.
        known: String,
    },
    /// A target that is no name.
    #[error("'{name}' is no name for an image in an engine: {problem}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        problem: String,
    },
    /// The command cannot be talked to.
    #[error("cannot talk to {program}: {source}")]
    Pipe {
        /// The command.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A layer cannot be read for the engine.
    #[error("the image cannot be sent to {program}: {source}")]
    Image {
        /// The command.
        program: String,
        /// Why; names the layer.
        source: io::Error,
    },
}
