use clap::Args;

use super::options::{ChannelArgs, NetworkArgs, PlatformArg, existing_image, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::project_file::ProjectFile;
use crate::session::Session;
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  mambox verify myapp.tar
  mambox verify ghcr.io/me/np:1 --platform linux/arm64 --json
  mambox verify myapp.tar -c ./channel    # packages of a local channel";

/// Make an image again from the lock inside it, and compare
///
/// Every layer of packages is made anew from the packages that the lock names, and compared to the byte; base and
/// application layers are compared with their digests. Exits with 0 if the image is what its lock makes, else with 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// A file, or an image in skopeo's words
    #[arg(value_name = "IMAGE")]
    image: String,
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

impl VerifyArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let image = existing_image(&self.image, &session.machine)?;
        let context = session.context(wishes(&self.channels, &self.network, &ProjectFile::default()))?;
        let found = session.block_on(mambox_build::verify(&image, &self.platform.get(), &context))?;
        match (self.json, session.console.quiet()) {
            (true, _) => session.console.json(&found)?,
            (false, true) => session.console.result(&format!("{}\n", found.digest))?,
            (false, false) => {
                session.console.result(&terminal::verification(&found, session.console.style()))?
            }
        }
        Ok(if found.reproduced { Outcome::Yes } else { Outcome::No })
    }
}
