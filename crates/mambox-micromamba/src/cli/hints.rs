//! Commands that cannot do their work here and say what can.

use clap::Args;

use crate::failure::{Failure, Outcome};

/// Activate an environment: needs the shell function of `micromamba shell hook`
#[derive(Debug, Args)]
pub(crate) struct Activate {
    /// Name or path of the environment
    #[arg(value_name = "NAME", num_args = 0.., trailing_var_arg = true, allow_hyphen_values = true)]
    environment: Vec<String>,
}

/// Deactivate the active environment: needs the shell function of `micromamba shell hook`
#[derive(Debug, Args)]
pub(crate) struct Deactivate {
    #[arg(num_args = 0.., trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

/// Not part of this program
#[derive(Debug, Args)]
pub(crate) struct Unsupported {
    #[arg(num_args = 0.., trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

impl Activate {
    pub(crate) fn run(self) -> Outcome {
        let name = self.environment.first().map_or("ENVIRONMENT", String::as_str);
        Err(Failure::Message(not_hooked(&format!("activate {name}"))))
    }
}

impl Deactivate {
    pub(crate) fn run(self) -> Outcome {
        Err(Failure::Message(not_hooked("deactivate")))
    }
}

fn not_hooked(command: &str) -> String {
    format!(
        "'micromamba {command}' changes the running shell, which a program cannot do by itself.\n\n\
         To use it in this shell, run:\n\n    eval \"$(micromamba shell hook --shell bash)\"\n\n\
         (bash, zsh, dash, posix; see 'micromamba shell hook --help' for others), and to have it in every new shell:\n\n    \
         micromamba shell init --shell bash\n\n\
         In a Dockerfile, 'micromamba run -n NAME COMMAND' needs neither."
    )
}

/// Says that this program has no such command.
pub(crate) fn unsupported(command: &str) -> Outcome {
    let advice = match command {
        "self-update" => "; take a newer image, or replace the executable",
        "ps" => "; processes of 'run' are ordinary processes: see 'ps'",
        _ => "",
    };
    Err(Failure::Message(format!("'{command}' is not part of this program{advice}")))
}
