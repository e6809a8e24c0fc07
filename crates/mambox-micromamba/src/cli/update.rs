//! `micromamba update`.

use clap::Args;
use mambox_config::Fallback;

use super::{Global, Installing};
use crate::failure::Outcome;
use crate::install_flow::Manner;
use crate::machine::Machine;
use crate::solve::Goal;

/// Update packages of an environment to the newest versions that fit
#[derive(Debug, Args)]
#[command(visible_alias = "upgrade")]
pub(crate) struct Update {
    #[command(flatten)]
    installing: Installing,
    /// Update every package, within what was asked for when they were installed
    #[arg(short = 'a', long)]
    all: bool,
    /// Keep packages that nothing needs any more
    #[arg(long, hide = true)]
    no_prune_deps: bool,
    #[arg(long, hide = true)]
    prune_deps: bool,
}

impl Update {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session = self.installing.session(outer, machine, Fallback::Active)?;
        let goal = if self.all { Goal::UpdateAll } else { Goal::Update };
        let manner = Manner { only_installed: true, ..self.installing.manner(goal) };
        self.installing.install(&session, manner)
    }
}
