//! Images that are looked at.

use std::path::Path;

use clap::Args;
use mambox_oci::Platform;
use mambox_transport::Reference;

use crate::failure::Failure;
use crate::machine::Machine;
use crate::values;

/// `--platform` of commands that look at one image.
#[derive(Debug, Args)]
pub(crate) struct PlatformArg {
    /// Which image of several platforms: linux/amd64, linux/arm64, … [default: this machine's]
    #[arg(long, value_name = "PLATFORM", value_parser = values::platform)]
    platform: Option<Platform>,
}

impl PlatformArg {
    /// The platform.
    pub(crate) fn get(&self) -> Platform {
        self.platform.clone().unwrap_or_else(values::platform_of_machine)
    }
}

/// Reads a reference; a bare word that names an existing file or layout means that.
pub(crate) fn existing_image(text: &str, machine: &Machine) -> Result<Reference, Failure> {
    let path = machine.current_dir.join(text);
    let is_layout = |folder: &Path| folder.join("oci-layout").is_file();
    match path.is_file() || is_layout(&path) {
        true => Ok(Reference::Path(text.into())),
        false => Ok(text.parse()?),
    }
}
