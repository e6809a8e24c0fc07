//! `--copy SRC:DST`: the application's files, a layer of their own on top.
//!
//! Modes are 0755 for folders and executables and 0644 for the rest, owners are 0:0, and the time is the
//! image's: a checkout's umask and times must not reach the digest.

use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::request::CopySpec;
use crate::tree::{Content, FileTree};
use crate::{BuildError, paths};

/// Lists what is to be copied. Nothing is read but folders and links.
pub(crate) fn tree(copies: &[CopySpec]) -> Result<FileTree, BuildError> {
    let mut tree = FileTree::default();
    for copy in copies {
        let mut destination = paths::in_image(&copy.destination)?;
        if copy.destination.ends_with('/') {
            let name = copy.source.file_name().and_then(|name| name.to_str());
            // A source such as "." has no name: its content goes straight below the destination.
            if let (Some(name), false) = (name, destination.is_empty()) {
                destination = format!("{destination}/{name}");
            } else if let Some(name) = name {
                destination = name.into();
            }
        }
        add(&mut tree, &copy.source, &destination)?;
    }
    Ok(tree)
}

fn add(tree: &mut FileTree, source: &Path, destination: &str) -> Result<(), BuildError> {
    let failed = |e| BuildError::io("cannot read", source, e);
    let metadata = fs::symlink_metadata(source).map_err(failed)?;
    if metadata.is_symlink() && !destination.is_empty() {
        let target = fs::read_link(source).map_err(failed)?;
        tree.link(destination, target.to_str().ok_or_else(|| BuildError::copy(source, NOT_UTF8))?);
    } else if metadata.is_dir() {
        add_folder(tree, source, destination)?;
    } else if metadata.is_file() && !destination.is_empty() {
        tree.file(destination, mode(&metadata), Content::File(source.into(), metadata.len()));
    } else {
        return Err(BuildError::copy(
            source,
            "it is neither file, folder nor symbolic link, or would replace the root",
        ));
    }
    Ok(())
}

const NOT_UTF8: &str = "its name is not UTF-8";

fn add_folder(tree: &mut FileTree, source: &Path, destination: &str) -> Result<(), BuildError> {
    let failed = |e| BuildError::io("cannot read", source, e);
    if !destination.is_empty() {
        tree.folder(destination, 0o755);
    }
    for entry in fs::read_dir(source).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| BuildError::copy(&path, NOT_UTF8))?;
        let below = if destination.is_empty() { name.into() } else { format!("{destination}/{name}") };
        add(tree, &path, &below)?;
    }
    Ok(())
}

fn mode(metadata: &Metadata) -> u32 {
    if metadata.permissions().mode() & 0o100 != 0 { 0o755 } else { 0o644 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::listing;

    #[test]
    fn folders_are_copied_with_plain_modes() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("app");
        fs::create_dir_all(app.join("sub")).unwrap();
        fs::write(app.join("sub/run"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(app.join("sub/run"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(app.join("data"), "x").unwrap();
        std::os::unix::fs::symlink("data", app.join("link")).unwrap();
        let copy = |destination: &str| CopySpec { source: app.clone(), destination: destination.into() };
        let tar = tree(&[copy("/srv")]).unwrap().write(1_735_689_600, Vec::new()).unwrap();
        insta::assert_snapshot!(listing(&tar), @r"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 srv/
        -rw-r--r-- 0:0 2025-01-01T00:00:00Z 1 srv/data
        lrwxrwxrwx 0:0 2025-01-01T00:00:00Z 0 srv/link -> data
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 srv/sub/
        -rwxr-xr-x 0:0 2025-01-01T00:00:00Z 10 srv/sub/run
        ");
        let below = tree(&[copy("/srv/")]).unwrap().write(0, Vec::new()).unwrap();
        assert!(listing(&below).contains("srv/app/sub/run"));
    }

    #[test]
    fn a_source_that_is_missing_is_named() {
        let copies = [CopySpec { source: "/no/such".into(), destination: "/srv".into() }];
        assert!(tree(&copies).unwrap_err().to_string().contains("/no/such"));
    }
}
