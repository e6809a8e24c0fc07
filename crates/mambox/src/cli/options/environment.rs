//! What goes into the image, and onto what.

use std::path::{Path, PathBuf};

use clap::Args;
use mambox_build::{EnvironmentRequest, Input};
use mambox_oci::Platform;
use mambox_transport::Reference;
use url::Url;

use super::PipArgs;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::project_file::{FILE_NAME, ProjectFile};
use crate::values;

/// The base unless another is asked for: small, with glibc, present on every registry mirror.
pub(crate) const DEFAULT_BASE: &str = "debian:13-slim";

/// Taken where no file and no package is named.
const USUAL_FILES: [&str; 2] = ["environment.yml", "environment.yaml"];

#[derive(Debug, Args)]
#[command(next_help_heading = "Environment")]
pub(crate) struct EnvironmentArgs {
    /// An environment.yml, a lock (of mambox lock, pixi or conda-lock), or an @EXPLICIT list
    ///
    /// Left out, and without --package, it is the environment.yml of the current folder.
    #[arg(value_name = "FILE|URL", conflicts_with = "packages")]
    file: Option<String>,
    /// A package to install instead of a file, such as 'numpy>=2'; may be repeated
    #[arg(short, long = "package", value_name = "SPEC")]
    packages: Vec<String>,
    /// Which environment of a pixi.lock [default: default]
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The image to put the environment on [default: debian:13-slim]
    ///
    /// A name in a registry, or oci:DIR, oci-archive:FILE, docker-archive:FILE, docker-daemon:NAME,
    /// rootfs:FOLDER, rootfs:FILE.tar, ./FILE, or scratch. Its libc decides which packages fit.
    #[arg(long, value_name = "IMAGE")]
    base: Option<Reference>,
    /// linux/amd64, linux/arm64, … (or conda's linux-64, …); may be repeated [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM", value_parser = values::platform, value_delimiter = ',')]
    platforms: Vec<Platform>,
    /// The CUDA version that packages may count on, or none [default: what the base says]
    #[arg(long, value_name = "VERSION")]
    cuda: Option<String>,
    /// Take settings from this file instead of the mambox.toml beside the environment file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Ignore mambox.toml
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
    #[command(flatten)]
    pip: PipArgs,
}

impl EnvironmentArgs {
    /// The settings beside the environment file; none if there is no such file.
    pub(crate) fn project_file(&self, machine: &Machine) -> Result<ProjectFile, Failure> {
        if self.no_config {
            return Ok(ProjectFile::default());
        }
        let shown = match (&self.config, self.input(machine)) {
            (Some(file), _) => file.clone(),
            (None, Ok(Input::File(file))) => file.parent().unwrap_or(Path::new("")).join(FILE_NAME),
            // Match specs and addresses have no folder; a missing input is reported where it is needed.
            _ => return Ok(ProjectFile::default()),
        };
        let path = machine.current_dir.join(&shown);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.config.is_none() => {
                return Ok(ProjectFile::default());
            }
            Err(error) => return Err(Failure::io("read", shown)(error)),
        };
        Ok(ProjectFile::parse(&text, &shown, path.parent().unwrap_or(Path::new("/")))?)
    }

    /// The environment, with the file's settings where the command line is silent.
    pub(crate) fn request(
        &self,
        file: &ProjectFile,
        machine: &Machine,
    ) -> Result<EnvironmentRequest, Failure> {
        self.request_of(self.input(machine)?, file, machine)
    }

    /// The request for another environment with the same options.
    pub(super) fn request_of(
        &self,
        input: Input,
        file: &ProjectFile,
        machine: &Machine,
    ) -> Result<EnvironmentRequest, Failure> {
        let mut overrides = machine.vars_that_begin("CONDA_OVERRIDE_");
        if let Some(cuda) = self.cuda.as_ref().or(file.cuda.as_ref()) {
            let version = if cuda == "none" { "" } else { cuda };
            overrides.insert("CONDA_OVERRIDE_CUDA".into(), version.to_owned());
        }
        Ok(EnvironmentRequest {
            input,
            environment: self.environment.clone().or_else(|| file.environment.clone()),
            overrides,
            pip: self.pip.options(file, machine),
        })
    }

    /// Where the environment is described.
    pub(crate) fn input(&self, machine: &Machine) -> Result<Input, Failure> {
        if !self.packages.is_empty() {
            return Ok(Input::Specs(self.packages.clone()));
        }
        if let Some(written) = &self.file {
            return input(written);
        }
        let usual = USUAL_FILES.iter().find(|name| machine.current_dir.join(name).is_file());
        usual.map(|name| Input::File(PathBuf::from(name))).ok_or_else(|| {
            Failure::usage(
                "no environment is given, and there is no environment.yml in this folder",
                "name a file or URL, or packages: -p python=3.13 -p numpy",
            )
        })
    }

    /// The base.
    pub(crate) fn base(&self, file: &ProjectFile) -> Result<Reference, Failure> {
        match self.base.clone().or_else(|| file.base.clone()) {
            Some(base) => Ok(base),
            None => Ok(DEFAULT_BASE.parse()?),
        }
    }

    /// At least one platform, none twice, in the order given.
    pub(crate) fn platforms(&self, file: &ProjectFile) -> Vec<Platform> {
        let mut platforms: Vec<Platform> = Vec::new();
        for platform in super::list_or(&self.platforms, &file.platform) {
            if !platforms.contains(&platform) {
                platforms.push(platform);
            }
        }
        if platforms.is_empty() { vec![values::platform_of_machine()] } else { platforms }
    }
}

/// A file or an address.
pub(super) fn input(written: &str) -> Result<Input, Failure> {
    let is_url = ["http://", "https://"].iter().any(|scheme| written.starts_with(scheme));
    if is_url {
        let help = "write https://HOST/PATH";
        return Url::parse(written)
            .map(Input::Url)
            .map_err(|error| Failure::usage(format!("'{written}' is no URL: {error}"), help));
    }
    match Url::parse(written).ok().filter(|url| url.scheme() == "file") {
        Some(url) => url.to_file_path().map(Input::File).map_err(|()| {
            Failure::usage(format!("'{written}' names no file of this machine"), "write file:///PATH")
        }),
        None => Ok(Input::File(written.into())),
    }
}
