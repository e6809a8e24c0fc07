//! `micromamba install`.

use clap::Args;
use mambox_config::Fallback;

use super::{Channels, Global, Linking, Overrides, Solving, Wanted};
use crate::ending::Finish;
use crate::failure::Outcome;
use crate::install_flow::{Flow, Manner};
use crate::machine::Machine;
use crate::session::Session;
use crate::solve::Goal;

/// Install packages into an environment
///
/// Everything is fetched and verified before the environment is touched; a failure leaves it as it was.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  micromamba install -y -n base -f environment.yml
  micromamba install -n base -c conda-forge 'numpy>=2' jq")]
pub(crate) struct Install {
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    channels: Channels,
    #[command(flatten)]
    solving: Solving,
    /// Keep installed packages exactly as they are
    #[arg(long)]
    freeze_installed: bool,
    /// Link packages anew even if they are installed
    #[arg(long)]
    force_reinstall: bool,
    #[command(flatten)]
    linking: Linking,
    #[command(flatten)]
    global: Global,
}

impl Install {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let mut overrides = Overrides::new();
        self.channels.settings(&mut overrides);
        self.solving.settings(&mut overrides);
        self.linking.settings(&mut overrides);
        let session = Session::open(self.global.or(outer), overrides, machine, Fallback::Active)?;
        let manner = Manner {
            goal: Goal::Install,
            freeze: self.freeze_installed,
            force_reinstall: self.force_reinstall,
            no_deps: self.solving.no_deps,
            only_deps: self.solving.only_deps,
            ..Manner::default()
        };
        Flow { session: &session, wanted: self.wanted, manner, fallback: Fallback::Active }
            .install()
            .finish(&session)
    }
}
