//! Replacing a file at once: whoever reads it sees the old bytes or the new ones.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// Owner and group of a new file, where they are not those of the process.
pub(crate) type Owner = Option<(u32, u32)>;

/// Gives a file these bytes. One that is there keeps mode and owner, and is not touched if it holds
/// them already; a new one gets those given. A link stays, and what it points to is replaced.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32, owner: Owner) -> io::Result<()> {
    let (place, mode, owner) = match fs::canonicalize(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => (path.to_owned(), mode, owner),
        place => {
            let place = place?;
            if fs::read(&place)? == bytes {
                return Ok(());
            }
            let old = fs::metadata(&place)?;
            (place, old.permissions().mode() & 0o7777, Some((old.uid(), old.gid())))
        }
    };
    let beside = beside(&place)?;
    let written = write_new(&beside, bytes, mode, owner).and_then(|()| fs::rename(&beside, &place));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written?;
    place.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Where the new bytes wait for their place; what an interrupted run left there is removed.
fn beside(place: &Path) -> io::Result<PathBuf> {
    let mut name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".mambox-new");
    let beside = place.with_file_name(name);
    match fs::remove_file(&beside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(beside),
    }
}

/// Writes a file that must not be there yet. It is its owner's alone until it is complete.
fn write_new(path: &Path, bytes: &[u8], mode: u32, owner: Owner) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    if let Some((uid, gid)) = owner {
        fchown(&file, Some(uid), Some(gid))?;
    }
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn mode_and_link_stay_and_nothing_is_left_beside() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("shadow"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        fs::write(folder.path().join("shadow.mambox-new"), "of an interrupted run").unwrap();
        symlink("shadow", &link).unwrap();
        replace(&link, b"new", 0o644, None).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o640);
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn the_same_bytes_leave_the_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("group");
        replace(&file, b"text", 0o600, None).unwrap();
        let before = fs::metadata(&file).unwrap();
        replace(&file, b"text", 0o644, None).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().ino(), before.ino());
        assert_eq!(before.permissions().mode() & 0o7777, 0o600);
    }
}
