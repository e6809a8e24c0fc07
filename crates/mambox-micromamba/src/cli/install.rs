//! `micromamba install`.

use clap::Args;
use mambox_config::Fallback;

use super::{Global, Installing};
use crate::failure::Outcome;
use crate::install_flow::Manner;
use crate::machine::Machine;
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
    installing: Installing,
    /// Keep installed packages exactly as they are
    #[arg(long)]
    freeze_installed: bool,
    /// Link packages anew even if they are installed
    #[arg(long)]
    force_reinstall: bool,
}

impl Install {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session = self.installing.session(outer, machine, Fallback::Active)?;
        let manner = Manner {
            freeze: self.freeze_installed,
            force_reinstall: self.force_reinstall,
            ..self.installing.manner(Goal::Install)
        };
        self.installing.install(&session, manner)
    }
}
