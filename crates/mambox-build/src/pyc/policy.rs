//! Whether `.pyc` files can be made for an environment, as far as that is known before anything runs.

use std::path::Path;

use mambox_env::{Libc, Lock};
use mambox_layer::{PycPolicy, Python};
use mambox_oci::Platform;

use crate::{BuildError, PycRequest};

/// What the packages are put on.
pub(crate) struct Ground<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) libc: &'a Libc,
}

/// The policy for an environment's layers. Environments without a noarch python package have none to make.
///
/// # Errors
/// [`BuildError::NoPyc`] where there would be some, but python cannot run here.
pub(crate) fn decide(wish: PycRequest, lock: &Lock, ground: &Ground<'_>) -> Result<PycPolicy, BuildError> {
    let wanted = lock.packages().iter().any(|package| package.record.noarch.is_python());
    let python = lock.package("python");
    let (PycRequest::On, true, Some(python)) = (wish, wanted, python) else { return Ok(PycPolicy::Off) };
    let version = Python::of(&python.record)?;
    let reason = if !version.can_make_pyc() {
        Some(format!("python {} cannot make any that are valid by their content; 3.7 can", version.version))
    } else if !runs_here(&ground.platform.architecture) {
        let (platform, machine) = (ground.platform, std::env::consts::ARCH);
        Some(format!(
            "python for {platform} does not run on this machine ({machine}); install qemu-user-static, or build on a \
             machine for {platform}"
        ))
    } else if !matches!(ground.libc, Libc::Glibc(_)) {
        Some("the base has no glibc, without which the environment's python does not run".to_owned())
    } else {
        None
    };
    match reason {
        Some(reason) => Err(BuildError::NoPyc { reason }),
        None => Ok(PycPolicy::UncheckedHash),
    }
}

/// The line for whoever builds.
pub(crate) fn left_out(reason: &str) -> String {
    format!(
        "noarch python packages are left without .pyc files, so that python compiles them at each start: {reason} \
         (--pyc off leaves them out without this warning)"
    )
}

/// Whether programs for an architecture (in Go's words, as OCI uses them) run on this machine, perhaps through QEMU.
fn runs_here(architecture: &str) -> bool {
    let name = match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i386",
        "loong64" => "loongarch64",
        other => other,
    };
    let own = match std::env::consts::ARCH {
        "x86" => "i386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        other => other,
    };
    name == own || Path::new("/proc/sys/fs/binfmt_misc").join(format!("qemu-{name}")).exists()
}
