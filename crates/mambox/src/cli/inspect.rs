use clap::Args;
use mambox_build::InspectRequest;

use super::options::{ChannelArgs, NetworkArgs, PlatformArg, existing_image, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::project_file::ProjectFile;
use crate::session::Session;
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  mambox inspect myapp.tar
  mambox inspect ghcr.io/me/np:1 --platform linux/arm64
  mambox inspect myapp.tar --sizes
  mambox inspect oci:out --json | jq -r '.packages[].name'";

/// Show what is in an image: packages, sizes, layers, variables
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InspectArgs {
    /// A file, or an image in skopeo's words: NAME[:TAG], oci:DIR, docker-archive:FILE, docker-daemon:NAME, …
    #[arg(value_name = "IMAGE")]
    image: String,
    /// Read every byte and check each digest and size; exit with 1 if something is wrong
    #[arg(long)]
    check: bool,
    /// Show why it is big: packages, kinds of files and the largest files by size; reads every layer
    #[arg(long)]
    sizes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    platform: PlatformArg,
    #[command(flatten)]
    channels: ChannelArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl InspectArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let image = existing_image(&self.image, &session.machine)?;
        let context = session.context(wishes(&self.channels, &self.network, &ProjectFile::default()))?;
        let platform = self.platform.get();
        let request = InspectRequest { check: self.check, sizes: self.sizes };
        let found = session.block_on(mambox_build::inspect(&image, &platform, request, &context))?;
        match self.json {
            true => session.console.json(&found)?,
            false => {
                session.console.result(&terminal::inspection(&found, self.check, session.console.style()))?
            }
        }
        Ok(if found.flaws.is_empty() { Outcome::Yes } else { Outcome::No })
    }
}
