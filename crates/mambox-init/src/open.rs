//! Files and folders that everybody may use, since an image may run as any user.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Lets everybody read and write a file or folder and search a folder; what some may execute, all may.
/// Links and special files are left alone.
pub(crate) fn to_all(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() && !found.is_file() {
        return Ok(());
    }
    let mode = found.permissions().mode() & 0o7777;
    let search = if found.is_dir() || mode & 0o111 != 0 { 0o111 } else { 0 };
    let open = mode | 0o666 | search;
    // Touching a file of a lower layer would copy it.
    if open == mode { Ok(()) } else { fs::set_permissions(path, Permissions::from_mode(open)) }
}

/// [`to_all`] for a folder and all below it.
pub(crate) fn tree_to_all(path: &Path) -> io::Result<()> {
    to_all(path)?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            tree_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn folders_can_be_searched_programs_run_and_links_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [tree, text, program, link] =
            ["tree", "tree/text", "tree/program", "tree/link"].map(|name| folder.path().join(name));
        fs::create_dir(&tree).unwrap();
        fs::write(&text, "").unwrap();
        fs::write(&program, "").unwrap();
        symlink(outside.path(), &link).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        set(&text, 0o600);
        set(&program, 0o700);
        set(&tree, 0o2700);
        set(outside.path(), 0o700);
        tree_to_all(&tree).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!([mode(&tree), mode(&text), mode(&program)], [0o2777, 0o666, 0o777]);
        assert_eq!(mode(outside.path()), 0o700);
    }
}
