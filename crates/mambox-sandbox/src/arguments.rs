//! The command line of `bwrap` (bubblewrap 0.4 and newer).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::devices::Devices;
use crate::mount_points::{Kind, MountPoints};
use crate::{SandboxError, Task};

/// The descriptor on which `bwrap` reports: see `status`.
pub(crate) const STATUS: &str = "3";

/// Namespaces and rights, the same for every run and for the trial.
///
/// `--unshare-all` makes the user namespace optional for root, hence `--unshare-user`.
const ISOLATION: &str = "--unshare-all --unshare-user --die-with-parent --new-session --cap-drop ALL";

/// What root has in a container as well, and scripts lean on. It counts in the user namespace only, where one id exists.
const OF_ROOT: &str =
    "--cap-add CAP_CHOWN --cap-add CAP_DAC_OVERRIDE --cap-add CAP_FOWNER --cap-add CAP_FSETID";

/// What root, as which a program of root's counts in `/proc`, could configure the kernel with. bwrap itself covers some of
/// these, but not `sys` where it was started by root. A kernel may lack some.
const READ_ONLY_PROC: [&str; 8] = ["acpi", "bus", "driver", "fs", "irq", "scsi", "sys", "sysrq-trigger"];

/// Everything before the first mount, for a program that is to be this user and group.
pub(crate) fn isolation(id: u32) -> Vec<OsString> {
    let id_text = id.to_string();
    let rights = if id == 0 { OF_ROOT } else { "" };
    let words = ISOLATION.split_whitespace().chain(rights.split_whitespace());
    words
        .chain(["--uid", &id_text, "--gid", &id_text, "--json-status-fd", STATUS])
        .map(OsString::from)
        .collect()
}

/// `/proc` and `/dev`.
pub(crate) fn kernel_mounts() -> Vec<OsString> {
    let mut all: Vec<OsString> = ["--proc", "/proc", "--dev", "/dev"].map(OsString::from).into();
    for name in READ_ONLY_PROC {
        let path = Path::new("/proc").join(name);
        if path.exists() {
            all.extend(["--ro-bind".into(), path.clone().into(), path.into()]);
        }
    }
    all
}

/// The whole command line for a task, with the places for its mounts prepared.
pub(crate) fn arguments(
    root: &Path,
    task: &Task<'_>,
    devices: Option<&Devices>,
    points: &mut MountPoints,
) -> Result<Vec<OsString>, SandboxError> {
    let mut all = isolation(task.id);
    all.extend(
        ["--hostname", task.hostname, if task.read_only { "--ro-bind" } else { "--bind" }]
            .map(OsString::from),
    );
    all.extend([root.into(), "/".into()]);
    for inside in ["/proc", "/dev"] {
        points.prepare(inside, Kind::Folder)?;
    }
    all.extend(kernel_mounts());
    for (host, inside) in devices.into_iter().flat_map(Devices::binds) {
        all.extend(["--dev-bind".into(), host.into(), inside.into()]);
    }
    if task.fresh_tmp {
        // One user lives inside, so that it needs no special mode.
        points.prepare("/tmp", Kind::Folder)?;
        all.extend(["--tmpfs", "/tmp"].map(OsString::from));
    }
    let mut add = |words: &[&OsStr]| all.extend(words.iter().map(OsString::from));
    for bind in &task.binds {
        let host = real_path(&bind.host)?;
        points.prepare(&bind.inside, if host.is_dir() { Kind::Folder } else { Kind::File })?;
        let option = if bind.writable { "--bind" } else { "--ro-bind" };
        add(&[option.as_ref(), host.as_ref(), bind.inside.as_ref()]);
    }
    // Never through the environment of bwrap itself, whose own loader would listen to LD_PRELOAD.
    for (name, value) in &task.env {
        add(&["--setenv".as_ref(), name.as_ref(), value.as_ref()]);
    }
    add(&["--chdir".as_ref(), task.cwd.as_ref(), "--".as_ref(), task.program.as_ref()]);
    all.extend(task.args.iter().map(OsString::from));
    Ok(all)
}

/// A path of this machine without links: bwrap reads it where the host's root is not `/`.
pub(crate) fn real_path(path: &Path) -> Result<PathBuf, SandboxError> {
    path.canonicalize().map_err(|source| SandboxError::Io { action: "find", path: path.to_owned(), source })
}
