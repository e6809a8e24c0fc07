//! The texts that `micromamba shell activate`, `deactivate` and `reactivate` print, for a shell to evaluate.

use std::path::Path;

use mambox_activate::{Environment, How};

use crate::error::ShellError;
use crate::prefix;
use crate::prompt::Prompt;
use crate::shell::Shell;
use crate::statements::statements;
use crate::transition::{Place, Transition};

/// Which shell asks, and what it has.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    /// The shell that will evaluate the answer.
    pub shell: Shell,
    /// Its exported variables, and its `PS1`, which the hook passes along.
    pub environment: &'a Environment,
    /// The absolute root prefix.
    pub root_prefix: &'a Path,
    /// How its prompt changes.
    pub prompt: &'a Prompt,
}

/// What a shell has to evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Statements, each with a line end; empty where nothing changes.
    pub text: String,
    /// Files of a prefix that could not be read and count for nothing; to be logged.
    pub warnings: Vec<String>,
}

/// Activates a prefix, an absolute path, over what is active; on top of its programs with [`How::Stack`].
///
/// Follows conda's activator and section 5 of the reference: the active prefix is made active anew, the one
/// below is gone back to.
///
/// # Errors
/// [`ShellError::NoSuchPrefix`], and [`ShellError::Path`] for one that `PATH` cannot hold.
pub fn activate(session: &Session<'_>, target: &Path, how: How) -> Result<Answer, ShellError> {
    let target = prefix::text(target)?;
    answer(session, |place| place.activate(target, how))
}

/// Makes the active prefix active anew, with the scripts and variables that it has by now.
///
/// # Errors
/// [`ShellError::Path`] for a root prefix that a script cannot hold.
pub fn reactivate(session: &Session<'_>) -> Result<Answer, ShellError> {
    answer(session, |place| Ok(place.reactivate()))
}

/// Goes back to what was active before.
///
/// # Errors
/// [`ShellError::Path`] for a root prefix that a script cannot hold.
pub fn deactivate(session: &Session<'_>) -> Result<Answer, ShellError> {
    answer(session, |place| Ok(place.deactivate()))
}

fn answer(
    session: &Session<'_>,
    go: impl FnOnce(&mut Place<'_>) -> Result<Transition, ShellError>,
) -> Result<Answer, ShellError> {
    let Session { shell, environment, root_prefix, prompt } = *session;
    let root = prefix::text(root_prefix)?;
    let mut place =
        Place { environment, root, condabin: true, captured: false, shell, prompt, warnings: Vec::new() };
    let transition = go(&mut place)?;
    Ok(Answer { text: statements(&transition, shell), warnings: place.warnings })
}
