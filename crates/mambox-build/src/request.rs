//! What a person asks for, as values: the command fills them, nothing here reads the machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mambox_layer::SlimPolicies;
use mambox_oci::{Compression, Platform};
use mambox_transport::{Output, Reference};
use serde::{Deserialize, Serialize};

/// The prefix of an image unless another is asked for.
pub const DEFAULT_PREFIX: &str = "/opt/conda";

/// The most layers of ours unless another budget is asked for.
pub const DEFAULT_MAX_LAYERS: usize = 64;

/// Where the environment is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file: environment.yml, `@EXPLICIT`, conda-lock.yml, pixi.lock, a list of specs, or a lock of ours.
    File(PathBuf),
    /// The same at an `http(s)://` address.
    Url(url::Url),
    /// Match specs from the command line.
    Specs(Vec<String>),
}

/// The environment to solve or to take as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentRequest {
    /// The description.
    pub input: Input,
    /// Which environment of a pixi.lock; `default` if not given.
    pub environment: Option<String>,
    /// Virtual packages that the base does not decide, by variable: `CONDA_OVERRIDE_CUDA` → `12.4`. An empty value
    /// takes the package away.
    pub overrides: BTreeMap<String, String>,
    /// What becomes of a `pip:` section.
    pub pip: PipOptions,
}

/// How distributions of PyPI's kind get into an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipOptions {
    /// The program uv; the one on the search path if not given.
    pub uv: Option<PathBuf>,
    /// Take wheels only, and refuse what would have to be built here.
    pub no_build: bool,
    /// A wheel replaces what a conda package has of the same distribution or at the same path; else that is an error.
    pub wins: bool,
}

/// An environment and the name by which `ENV_NAME` chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEnvironment {
    /// [`ROOT_ENVIRONMENT`], which is in the prefix itself; any other is in `envs/NAME` below it.
    pub name: String,
    /// The environment.
    pub request: EnvironmentRequest,
}

/// The environment that is the root prefix, by conda's name for it.
pub const ROOT_ENVIRONMENT: &str = "base";

/// A file or folder to put into the image, `--copy SRC:DST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySpec {
    /// On this machine.
    pub source: PathBuf,
    /// Absolute in the image. With a slash at the end, the source goes below it.
    pub destination: String,
}

/// What the image's configuration says, besides the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageOptions {
    /// Absolute; [`DEFAULT_PREFIX`] if not given.
    pub prefix: Option<String>,
    /// Variables, which win over those of base and environment.
    pub env: Vec<(String, String)>,
    /// The entrypoint; the base's if not given.
    pub entrypoint: Option<Vec<String>>,
    /// The command; the base's if not given.
    pub cmd: Option<Vec<String>>,
    /// `name`, `uid` or `uid:gid`; the unprivileged account of ours if not given.
    pub user: Option<String>,
    /// The working directory.
    pub workdir: Option<String>,
    /// Labels of the configuration.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the manifest (and of the index, where there is one).
    pub annotations: BTreeMap<String, String>,
    /// Files of the application, a layer of their own on top.
    pub copies: Vec<CopySpec>,
}

/// What becomes of scripts that packages want to run when they are installed (`post-link`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkScripts {
    /// They run in a sandbox, and what they change is a layer of its own.
    #[default]
    Run,
    /// They are left out; the build says which.
    Skip,
    /// A package that has one fails the build.
    Fail,
}

/// How an environment becomes active in its image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivationMode {
    /// `activate.d` scripts run once, at build; what they set is in the image's Env.
    #[default]
    Captured,
    /// `activate.d` scripts run at each start, by the entrypoint.
    Entrypoint,
    /// Nothing is activated, neither by Env nor by scripts.
    None,
}

/// What becomes of the scripts that packages bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptRequest {
    /// Those of installation.
    pub link_scripts: LinkScripts,
    /// Those of activation.
    pub activation: ActivationMode,
}

/// How packages become layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerRequest {
    /// The most package layers.
    pub max_layers: usize,
    /// How they are compressed.
    pub compression: Compression,
    /// Whether `.pyc` files are made for noarch python packages.
    pub pyc: PycRequest,
    /// What is left out to save space.
    pub slim: SlimPolicies,
    /// Whether python modules are imported once, where something was left out.
    pub slim_check: bool,
}

/// Whether python's compiled files are made at build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PycRequest {
    /// They are, where the environment's python can run on this machine.
    #[default]
    On,
    /// They are not.
    Off,
}

impl Default for LayerRequest {
    fn default() -> Self {
        Self {
            max_layers: DEFAULT_MAX_LAYERS,
            compression: Compression::GZIP,
            pyc: PycRequest::On,
            slim: SlimPolicies::NONE,
            slim_check: true,
        }
    }
}

/// A build.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The environment; of several, the one that is active unless `ENV_NAME` says otherwise.
    pub environment: NamedEnvironment,
    /// Further environments in the same image.
    pub others: Vec<NamedEnvironment>,
    /// At least one; several make an index.
    pub platforms: Vec<Platform>,
    /// What the environment is put on.
    pub base: Reference,
    /// The configuration.
    pub image: ImageOptions,
    /// The layers.
    pub layers: LayerRequest,
    /// Scripts of packages.
    pub scripts: ScriptRequest,
    /// `SOURCE_DATE_EPOCH` in seconds; else the image is as old as its newest package.
    pub source_date_epoch: Option<i64>,
    /// The image's names.
    pub tags: Vec<String>,
    /// Where to; none makes the layers and computes the digest only.
    pub outputs: Vec<Output>,
}

impl BuildRequest {
    /// Whether engines of this machine are all that gets the image. They keep neither blobs nor a manifest.
    pub(crate) fn only_loads(&self) -> bool {
        let is_load = |output: &Output| matches!(output, Output::Daemon(_));
        !self.outputs.is_empty() && self.outputs.iter().all(is_load)
    }

    /// How blobs are made. Nothing is compressed for engines alone, which would undo it at once. What the image says of
    /// itself is [`LayerRequest::compression`] in any case, so that its ID is the same wherever it goes.
    pub(crate) fn compression(&self) -> Compression {
        if self.only_loads() { Compression::None } else { self.layers.compression }
    }
}
