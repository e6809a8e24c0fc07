//! What becomes of the scripts that packages bring.

use clap::Args;
use mambox_build::ScriptRequest;

use crate::project_file::ProjectFile;
use crate::values::{Activation, LinkScripts};

#[derive(Debug, Args)]
#[command(next_help_heading = "Scripts of packages")]
pub(crate) struct ScriptArgs {
    /// How the environment and its activate.d scripts become active [default: captured]
    #[arg(long, value_name = "HOW", value_enum)]
    activation: Option<Activation>,
    /// What becomes of scripts that run when a package is installed [default: run]
    #[arg(long, value_name = "POLICY", value_enum)]
    link_scripts: Option<LinkScripts>,
}

impl ScriptArgs {
    /// The request, with the file's settings where the command line is silent.
    pub(crate) fn request(&self, file: &ProjectFile) -> ScriptRequest {
        ScriptRequest {
            activation: self.activation.or(file.activation).map(Into::into).unwrap_or_default(),
            link_scripts: self.link_scripts.or(file.link_scripts).map(Into::into).unwrap_or_default(),
        }
    }
}
