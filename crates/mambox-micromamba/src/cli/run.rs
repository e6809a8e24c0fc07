//! `micromamba run`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use mambox_config::Fallback;
use mambox_shell::{EnvSet, RunError, RunRequest, Streams, prepare};

use super::{Global, Overrides};
use crate::failure::{Failure, Outcome};
use crate::machine::Machine;
use crate::session::Session;

/// Run a program in an environment
///
/// The program takes the place of micromamba, so that signals and exit codes are its own, and nothing is written to
/// the home folder. Without activation scripts no shell is started.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  micromamba run -n base python app.py
  SHELL [\"micromamba\", \"run\", \"-n\", \"base\", \"/bin/bash\", \"-c\"]")]
pub(crate) struct Run {
    /// Set NAME=VALUE, or keep NAME; may be repeated
    #[arg(short = 'e', long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,
    /// Folder to start in
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<PathBuf>,
    /// Streams to keep: stdin, stdout, stderr, separated by commas, or "" for none
    #[arg(short = 'a', long, value_name = "STREAMS")]
    attach: Option<String>,
    /// Let the program go on alone
    #[arg(short = 'd', long)]
    detach: bool,
    /// Start with no variables but those of --env
    #[arg(long)]
    clean_env: bool,
    #[arg(long, hide = true)]
    label: Option<String>,
    #[command(flatten)]
    global: Global,
    /// The program and its arguments
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

impl Run {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session =
            Session::open(self.global.clone().or(outer), Overrides::new(), machine, Fallback::Active)?;
        let request = self.request(&session)?;
        let launch = prepare(&request).map_err(refused)?;
        launch.warnings.iter().for_each(|warning| session.console.warn(warning));
        if self.detach {
            session.console.result(launch.detach().map_err(refused)?.trim_end());
            return Ok(());
        }
        Err(refused(launch.exec()))
    }

    fn request(&self, session: &Session<'_>) -> Outcome<RunRequest> {
        let env_sets =
            self.env.iter().map(|word| EnvSet::parse(word)).collect::<Result<_, _>>().map_err(refused)?;
        let attach =
            self.attach.as_deref().map(|words| Streams::parse([words])).transpose().map_err(refused)?;
        let environment: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        Ok(RunRequest {
            prefix: session.target(Fallback::Active, None)?,
            root_prefix: session.root_prefix.clone(),
            environment,
            command: self.command.clone(),
            cwd: self.cwd.clone(),
            env_sets,
            clean_env: self.clean_env,
            detach: self.detach,
            attach,
        })
    }
}

fn refused(error: RunError) -> Failure {
    Failure::WithCode { message: error.to_string(), code: error.exit_code() }
}
