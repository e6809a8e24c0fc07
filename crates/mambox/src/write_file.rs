//! Files that are there completely or not at all.

use std::io::Write;
use std::path::Path;

use crate::failure::Failure;

/// Writes to a temporary file beside, syncs it, and renames it.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            // As any new file; the umask applies.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.prefix(".mambox-").tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(Failure::io("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_no_temporary_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let failure = write_atomically(&folder.path().join("missing/out.json"), b"x").unwrap_err();
        assert!(failure.to_string().contains("missing/out.json"));
    }
}
