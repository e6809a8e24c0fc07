//! How a command ends: the failure is told, the JSON object is written.

use std::process::ExitCode;

use serde_json::json;

use crate::console::{Console, Level};
use crate::failure::{Failure, Outcome};
use crate::session::Session;

/// The end of every command.
pub(crate) trait Finish {
    /// Tells a failure and writes the JSON output. What comes back is for the exit code alone.
    fn finish(self, session: &Session<'_>) -> Outcome;
}

impl Finish for Outcome {
    fn finish(self, session: &Session<'_>) -> Outcome {
        let console = &session.console;
        if let Err(failure) = &self {
            tell(console, failure);
        }
        console.finish(self.is_ok());
        self.map_err(|failure| Failure::Quiet(failure.code()))
    }
}

fn tell(console: &Console, failure: &Failure) {
    match failure {
        Failure::Message(message) | Failure::Overtaken(message) | Failure::WithCode { message, .. } => {
            console.log(Level::Critical, message)
        }
        Failure::Unsolvable(lines) => {
            console.set("solver_problems", json!(lines));
            console.log(Level::Error, format!("Could not solve for environment specs\n{}", lines.join("\n")));
            console.log(Level::Critical, "Could not solve for environment specs");
        }
        Failure::Interrupted => console.log(Level::Critical, "Interrupted; nothing was left half-done"),
        Failure::Quiet(_) => {}
    }
}

/// For failures before there was a console, and for those that were told.
pub(crate) fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let console = Console::new(false, false, Level::Warning, false);
            tell(&console, &failure);
            ExitCode::from(failure.code())
        }
    }
}
