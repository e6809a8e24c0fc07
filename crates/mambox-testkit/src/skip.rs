//! What is not tested on this machine.

use std::io::Write as _;

/// Says what is not tested here, and why. The test runner shows it in a passing run, too: it captures only what
/// `println!` and its kin print.
pub fn skip(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {}", why.trim());
}
