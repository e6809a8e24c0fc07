//! Which engine, and how its command is called.

use std::path::PathBuf;

/// The engines that images are loaded into and read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// Docker if it is there and running, else podman.
    #[default]
    Auto,
    /// Docker.
    Docker,
    /// podman.
    Podman,
}

/// How engines are reached. The commands inherit the environment, so that `DOCKER_CONTEXT`,
/// `CONTAINER_HOST` and the like mean what they always mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Which one.
    pub engine: EngineChoice,
    /// Docker's command: a path, or a name to look for on the PATH.
    pub docker: PathBuf,
    /// podman's command.
    pub podman: PathBuf,
    /// What to set `DOCKER_HOST` to, where the environment's own is not meant.
    pub docker_host: Option<String>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            docker: "docker".into(),
            podman: "podman".into(),
            docker_host: None,
        }
    }
}
