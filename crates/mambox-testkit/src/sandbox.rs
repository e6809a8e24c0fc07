//! Whether this machine has what `mambox-sandbox` needs.

use std::process::Command;

/// Why programs cannot run in a sandbox here; `None` where they can. A test skips with these words.
///
/// Tried a few times: the trial covers all mounts of the machine, and a container that ends meanwhile takes one away.
pub fn no_sandbox() -> Option<String> {
    let mut why = String::new();
    for _ in 0..4 {
        let trial = ["--unshare-all", "--ro-bind", "/", "/", "/bin/true"];
        match Command::new("bwrap").args(trial).output() {
            Err(error) => return Some(format!("bwrap does not start: {error}")),
            Ok(output) if output.status.success() => return None,
            Ok(output) => why = String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }
    }
    Some(why)
}
