//! Device nodes that a program may spoil.
//!
//! `bwrap --dev` shows the host's own `/dev/null` and friends. To a program that root started they belong (its uid 0 is the
//! host's), so that its `chmod 0 /dev/null` would hit everybody. It gets copies.

use std::io;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use tempfile::TempDir;

/// What `bwrap --dev` provides, with the numbers that Linux gave them (Documentation/admin-guide/devices.txt).
const NODES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

/// Copies of the devices, removed with this.
#[derive(Debug)]
pub(crate) struct Devices(TempDir);

impl Devices {
    /// Copies where they are needed and can be made; without CAP_MKNOD (a container's root) they cannot.
    pub(crate) fn make() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        // A temporary folder may be on a file system that ignores devices; /dev never is.
        [std::env::temp_dir().as_path(), Path::new("/dev")].into_iter().find_map(|place| make_in(place).ok())
    }

    /// Where each is, and the path it is to have inside.
    pub(crate) fn binds(&self) -> impl Iterator<Item = (std::path::PathBuf, String)> {
        NODES.iter().map(|(name, ..)| (self.0.path().join(name), format!("/dev/{name}")))
    }
}

fn make_in(place: &Path) -> io::Result<Devices> {
    let folder = tempfile::Builder::new().prefix(".mambox-dev-").tempdir_in(place)?;
    let everybody = Mode::from_raw_mode(0o666);
    for (name, major, minor) in NODES {
        let node = folder.path().join(name);
        mknodat(CWD, &node, FileType::CharacterDevice, everybody, makedev(major, minor))?;
        rustix::fs::chmod(&node, everybody)?; // whatever the umask is
    }
    std::fs::File::open(folder.path().join("null"))?;
    Ok(Devices(folder))
}
