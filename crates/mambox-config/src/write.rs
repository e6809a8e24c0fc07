//! Files that are there completely or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Longest chain of links that is followed.
const MAX_LINKS: usize = 40;

/// Replaces a file by a synced temporary one beside it. Missing folders are made. A link stays and what it points to
/// is replaced; an existing file keeps its mode unless `private` asks for 0600. Devices and pipes are written to as they are:
/// a rename would put a file in the place of `/dev/null`.
pub(crate) fn write_atomically(path: &Path, content: &[u8], private: bool) -> io::Result<()> {
    let path = followed(path)?;
    let existing = fs::metadata(&path).ok();
    if existing.as_ref().is_some_and(|meta| !meta.is_file() && !meta.is_dir()) {
        return fs::write(&path, content);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_folders(folder, private)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file; the umask applies.
        let mode = if private { 0o600 } else { 0o666 };
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let mut file = builder.prefix(".mambox-").tempfile_in(folder)?;
    file.write_all(content)?;
    if let (false, Some(existing)) = (private, existing) {
        file.as_file().set_permissions(existing.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

fn make_folders(folder: &Path, private: bool) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Where a chain of links ends, also if nothing is there.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_not_a_link) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn modes_and_links_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("dotfiles/condarc"), folder.path().join(".condarc"));
        symlink("dotfiles/condarc", &link).unwrap();
        write_atomically(&link, b"one", false).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"one");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        write_atomically(&link, b"two", false).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!((fs::read(&file).unwrap().as_slice(), mode(&file)), (b"two".as_slice(), 0o640));
        write_atomically(&link, b"three", true).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn a_device_stays_a_device_and_a_loop_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (device, circle) = (folder.path().join("null"), folder.path().join("circle"));
        symlink("/dev/null", &device).unwrap();
        write_atomically(&device, b"x", false).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        symlink("circle", &circle).unwrap();
        assert!(write_atomically(&circle, b"x", false).is_err());
    }
}
