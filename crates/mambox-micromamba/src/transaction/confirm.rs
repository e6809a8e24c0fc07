//! Asks before anything changes.

use crate::console::{Answer, ask};
use crate::failure::{Failure, Outcome};
use crate::session::Session;

/// Whether to go on; someone who declines gets a successful end.
pub(crate) fn confirmed(session: &Session<'_>) -> Outcome<bool> {
    if session.settings.always_yes {
        return Ok(true);
    }
    Ok(ask(&session.console, "Confirm changes", Some(true)) == Answer::Yes)
}

/// Whether an existing environment may be replaced; the default is no.
pub(crate) fn may_overwrite(session: &Session<'_>, prefix: &std::path::Path) -> Outcome {
    if session.settings.always_yes {
        return Ok(());
    }
    session.console.say(format!("Found conda-prefix at '{}'. Overwrite?", prefix.display()));
    if ask(&session.console, "Overwrite", Some(false)) == Answer::Yes {
        return Ok(());
    }
    Err(Failure::Message("Aborting.".to_owned()))
}
