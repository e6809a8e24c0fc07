use clap::Args;

use super::family::FamilyArgs;
use crate::cli::options::{ChannelArgs, NetworkArgs, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::project_file::ProjectFile;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  mambox images check-version
  mambox images check-version -c conda-forge --json";

/// Say whether a newer micromamba is there than the one that is published
///
/// The newest regular version that the channel has for all platforms of the family is compared with the tags of its
/// repository; pre-, post- and development releases do not count. The exit code is 1 where a newer one is there, for schedulers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckVersionArgs {
    #[command(flatten)]
    family: FamilyArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    channels: ChannelArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl CheckVersionArgs {
    pub(super) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        let family = self.family.family(&session.machine)?;
        let context = session.context(wishes(&self.channels, &self.network, &ProjectFile::default()))?;
        let check = session.block_on(mambox_images::look_out(&family, &context))?;
        let shown = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".into());
        match self.json {
            true => session.console.json(&check)?,
            false => session.console.result(&format!(
                "available: {}\npublished: {}\n{}\n",
                shown(&check.available),
                shown(&check.published),
                if check.bump_due { "a newer version is due" } else { "nothing to do" },
            ))?,
        }
        Ok(if check.bump_due { Outcome::No } else { Outcome::Yes })
    }
}
