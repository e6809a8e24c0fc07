use std::time::Duration;

use clap::{Args, Subcommand};
use mambox_build::PruneRequest;

use crate::contexts::Wishes;
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::{cache_contents, cache_removed};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  mambox cache info
  mambox cache prune --max-age 30d --max-size 10GB
  mambox cache prune --all";

/// What `prune` removes unless it is told.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(30 * 86400);

/// Show or clean the cache of packages, layers and base images
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Show where the cache is and what it holds
    Info {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove what is old or too much; builds that run meanwhile are safe
    Prune {
        /// Remove what was not used for so long [default: 30d, if no other option is given]
        #[arg(long, value_name = "AGE", value_parser = values::age)]
        max_age: Option<Duration>,
        /// Then remove the least recently used until no more than this is left
        #[arg(long, value_name = "SIZE", value_parser = values::size)]
        max_size: Option<u64>,
        /// Remove everything
        #[arg(long, conflicts_with_all = ["max_age", "max_size"])]
        all: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl CacheArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        // No channel is read here, so that rc files do not matter.
        let context = session.context(Wishes { no_rc: true, ..Wishes::default() })?;
        let console = &session.console;
        match &self.command {
            CacheCommand::Info { json } => {
                let info = mambox_build::cache_info(&context)?;
                if *json {
                    console.json(&info)?
                } else {
                    console.result(&cache_contents(&info, console.style()))?
                }
            }
            CacheCommand::Prune { max_age, max_size, all, json } => {
                let silent = max_age.is_none() && max_size.is_none() && !all;
                let max_age = if silent { Some(DEFAULT_MAX_AGE) } else { *max_age };
                let request = PruneRequest { max_age, max_bytes: *max_size, all: *all };
                let removed = mambox_build::cache_prune(&request, &context)?;
                if *json { console.json(&removed)? } else { console.result(&cache_removed(&removed))? }
            }
        }
        Ok(Outcome::Yes)
    }
}
