//! `micromamba create`, which is `micromamba env create` as well.

use std::path::{Path, PathBuf};

use clap::Args;
use mambox_config::Fallback;

use super::{Global, Installing};
use crate::clone;
use crate::ending::Finish;
use crate::environment::{self, Aside};
use crate::failure::Outcome;
use crate::install_flow::Flow;
use crate::machine::Machine;
use crate::session::Session;
use crate::solve::Goal;

/// Create an environment
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  micromamba create -y -n tools -c conda-forge jq curl
  micromamba create -y -p /opt/env -f conda-lock.yml")]
pub(crate) struct Create {
    #[command(flatten)]
    installing: Installing,
    /// Copy this environment, by name or path
    #[arg(long, value_name = "ENVIRONMENT")]
    clone: Option<String>,
}

impl Create {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session = self.installing.session(outer, machine, Fallback::None)?;
        self.create(&session).finish(&session)
    }

    fn create(self, session: &Session<'_>) -> Outcome {
        let manner = self.installing.manner(Goal::Install);
        let wanted = self.installing.wanted;
        let empty = wanted.specs.is_empty() && wanted.file.is_empty();
        let platform = session.platform_of_call();
        let aside = Aside::default();
        let made = match &self.clone {
            Some(source) => clone::create(session, source, |prefix| aside.put(prefix)),
            None => {
                let flow = Flow { session, wanted, manner, fallback: Fallback::None };
                flow.create(|prefix| aside.put(prefix))
            }
        };
        let made = aside.settle(made)?;
        let Some(prefix) = made else { return Ok(()) };
        if let Some(platform) = platform.filter(|_| !session.settings.dry_run) {
            environment::write_platform(&prefix, &platform)?;
        }
        environment::register(session, &prefix);
        told(session, &prefix, empty);
        Ok(())
    }
}

fn told(session: &Session<'_>, prefix: &Path, empty: bool) {
    let console = &session.console;
    if empty {
        console.say(format!("Empty environment created at prefix: {}", prefix.display()));
    }
    let active = session.machine.var("CONDA_PREFIX").map(PathBuf::from);
    if active.as_deref() != Some(prefix) {
        let name = session.name_of(prefix);
        let option = if name.contains('/') { "-p" } else { "-n" };
        console.say(format!(
            "\nTo activate this environment, use:\n\n    micromamba activate {name}\n\nOr to execute a single command \
             in this environment, use:\n\n    micromamba run {option} {name} mycommand\n"
        ));
    }
}
