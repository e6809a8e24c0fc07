//! Tries a `bwrap` out, and finds what to change where it does not work.

use std::path::Path;
use std::time::Duration;

use crate::arguments::{isolation, kernel_mounts};
use crate::exchange::{Broken, Heard};
use crate::process::{SHELL, run_bwrap, words};
use crate::{Limits, SandboxError};

/// Settings that forbid namespaces, by the value that does, with what to do.
const SETTINGS: [(&str, &str, &str); 3] = [
    (
        "kernel/unprivileged_userns_clone",
        "0",
        "allow user namespaces with `sysctl -w kernel.unprivileged_userns_clone=1`",
    ),
    (
        "user/max_user_namespaces",
        "0",
        "allow user namespaces with `sysctl -w user.max_user_namespaces=10000`",
    ),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces: give bwrap a profile (Ubuntu: `bwrap-userns-restrict` of the package \
         apparmor-profiles), or set `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`",
    ),
];

/// Where none of the settings is to blame.
const IN_A_CONTAINER: &str = "inside a container, start that with `--security-opt seccomp=unconfined \
     --security-opt apparmor=unconfined --security-opt systempaths=unconfined` (docker) or \
     `--security-opt unmask=ALL` (podman); elsewhere see the sysctls kernel.unprivileged_userns_clone, \
     user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns";

/// The trial covers all mounts of this machine, and one that goes away in its midst makes it fail: a container that ends.
const TRIALS: usize = 4;

/// Runs this machine's own shell on its own root, with everything that later runs want.
pub(crate) fn try_out(bwrap: &Path) -> Result<(), SandboxError> {
    let mut said = String::new();
    for _ in 0..TRIALS {
        match trial(bwrap) {
            Ok(()) => return Ok(()),
            Err(words) => said = words,
        }
        if !said.contains("No such file or directory") {
            break;
        }
    }
    let setting = |name: &str| std::fs::read_to_string(Path::new("/proc/sys").join(name)).ok();
    Err(SandboxError::NotPermitted { program: bwrap.to_owned(), said, advice: advice(setting).to_owned() })
}

/// What `bwrap` said where it failed.
fn trial(bwrap: &Path) -> Result<(), String> {
    let mut arguments = isolation(0);
    arguments.extend(["--hostname", "trial", "--ro-bind", "/", "/"].map(Into::into));
    arguments.extend(kernel_mounts());
    arguments.extend(["--", SHELL, "-c", ":"].map(Into::into));
    let limits = Limits { time: Duration::from_secs(30), ..Limits::default() };
    let mut heard = Heard::default();
    match run_bwrap(bwrap, &arguments, &[], &limits, None, &mut heard) {
        Ok(Some(0)) => Ok(()),
        Ok(_) => Err(words(&heard.stderr)),
        Err(Broken::System(error)) => Err(error.to_string()),
        Err(_) => Err("it does not end".to_owned()),
    }
}

/// What to change, by the kernel's settings.
fn advice(setting: impl Fn(&str) -> Option<String>) -> &'static str {
    let forbids = |name, value: &str| setting(name).is_some_and(|text| text.trim() == value);
    SETTINGS
        .iter()
        .find(|(name, value, _)| forbids(name, value))
        .map_or(IN_A_CONTAINER, |(_, _, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> &'static str {
        advice(|asked| (asked == name).then(|| format!("{value}\n")))
    }

    #[test]
    fn the_setting_to_blame_is_named() {
        assert!(with("kernel/unprivileged_userns_clone", "0").contains("unprivileged_userns_clone=1"));
        assert!(with("user/max_user_namespaces", "0").contains("max_user_namespaces=10000"));
        assert!(with("kernel/apparmor_restrict_unprivileged_userns", "1").contains("AppArmor"));
    }

    #[test]
    fn settings_that_allow_are_not_blamed() {
        assert!(with("kernel/unprivileged_userns_clone", "1").contains("seccomp=unconfined"));
        assert!(with("user/max_user_namespaces", "96365").contains("seccomp=unconfined"));
    }
}
