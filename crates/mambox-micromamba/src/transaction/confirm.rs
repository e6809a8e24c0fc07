//! Asks before anything changes.

use crate::console::{Answer, ask};
use crate::failure::Outcome;
use crate::session::Session;

/// Whether to go on; someone who declines gets a successful end.
pub(crate) fn confirmed(session: &Session<'_>) -> Outcome<bool> {
    if session.settings.always_yes {
        return Ok(true);
    }
    Ok(ask(&session.console, "Confirm changes", Some(true)) == Answer::Yes)
}
