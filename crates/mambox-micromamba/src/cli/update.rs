//! `micromamba update`.

use clap::Args;
use mambox_config::Fallback;

use super::{Channels, Global, Linking, Overrides, Solving, Wanted};
use crate::ending::Finish;
use crate::failure::Outcome;
use crate::install_flow::{Flow, Manner};
use crate::machine::Machine;
use crate::session::Session;
use crate::solve::Goal;

/// Update packages of an environment to the newest versions that fit
#[derive(Debug, Args)]
#[command(visible_alias = "upgrade")]
pub(crate) struct Update {
    #[command(flatten)]
    wanted: Wanted,
    /// Update every package, within what was asked for when they were installed
    #[arg(short = 'a', long)]
    all: bool,
    /// Keep packages that nothing needs any more
    #[arg(long, hide = true)]
    no_prune_deps: bool,
    #[arg(long, hide = true)]
    prune_deps: bool,
    #[command(flatten)]
    channels: Channels,
    #[command(flatten)]
    solving: Solving,
    #[command(flatten)]
    linking: Linking,
    #[command(flatten)]
    global: Global,
}

impl Update {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let mut overrides = Overrides::new();
        self.channels.settings(&mut overrides);
        self.solving.settings(&mut overrides);
        self.linking.settings(&mut overrides);
        let session = Session::open(self.global.or(outer), overrides, machine, Fallback::Active)?;
        let manner = Manner {
            goal: if self.all { Goal::UpdateAll } else { Goal::Update },
            no_deps: self.solving.no_deps,
            only_deps: self.solving.only_deps,
            only_installed: true,
            ..Manner::default()
        };
        Flow { session: &session, wanted: self.wanted, manner, fallback: Fallback::Active }
            .install()
            .finish(&session)
    }
}
