use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  mambox completions bash > ~/.local/share/bash-completion/completions/mambox
  mambox completions fish > ~/.config/fish/completions/mambox.fish";

/// Print a shell's completion script
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "mambox", &mut script);
        session.console.result(&String::from_utf8_lossy(&script))?;
        Ok(Outcome::Yes)
    }
}
