use clap::Args;

use super::options::{ChannelArgs, NetworkArgs, PlatformArg, existing_image, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::project_file::ProjectFile;
use crate::session::Session;
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  mambox diff old.tar new.tar
  mambox diff ghcr.io/me/app:1 ghcr.io/me/app:2 --json
  mambox diff --exit-code --quiet app.tar docker-daemon:app:1 || echo changed";

/// Show what differs between two images, and how much someone with the old one must pull
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// The old image
    #[arg(value_name = "OLD")]
    old: String,
    /// The new image
    #[arg(value_name = "NEW")]
    new: String,
    /// Exit with 1 if the images differ
    #[arg(long)]
    exit_code: bool,
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

impl DiffArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let old = existing_image(&self.old, &session.machine)?;
        let new = existing_image(&self.new, &session.machine)?;
        let context = session.context(wishes(&self.channels, &self.network, &ProjectFile::default()))?;
        let platform = self.platform.get();
        let found = session.block_on(mambox_build::diff(&old, &new, &platform, &context))?;
        match (self.json, session.console.quiet()) {
            (true, _) => session.console.json(&found)?,
            (false, true) => {}
            (false, false) => {
                session.console.result(&terminal::difference(&found, session.console.style()))?
            }
        }
        Ok(if self.exit_code && found.old != found.new { Outcome::No } else { Outcome::Yes })
    }
}
