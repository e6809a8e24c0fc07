//! A tree as files in a folder.

use std::collections::HashMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, XattrFlags};

use super::from_folder::os_path;
use super::node::{Kind, Node, Tree};
use crate::files::copy;
use crate::files::tar_stream::invalid;
use crate::job::Job;

/// Makes the files below `root`, an empty folder of ours.
///
/// No link can be written through: a path's parents are folders of the tree, made here just before. Owners
/// are set by root only.
pub(crate) fn to_folder(tree: &Tree, root: &Path, job: &Job) -> io::Result<()> {
    let owners = rustix::process::geteuid().is_root();
    let mut first: HashMap<*const Node, PathBuf> = HashMap::new();
    let mut folders = Vec::new();
    for (path, node) in tree.iter() {
        job.check()?;
        let file = root.join(os_path(path));
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
        if let (false, Some(original)) = (node.is_folder(), first.get(&Arc::as_ptr(node))) {
            fs::hard_link(original, &file).map_err(named)?;
            continue;
        }
        make(node, &file, job).map_err(named)?;
        match node.is_folder() {
            true => folders.push((file, node)),
            false => {
                set_attributes(node, &file, owners).map_err(named)?;
                first.insert(Arc::as_ptr(node), file);
            }
        }
    }
    // From below: a folder may be read-only, and its time changes with its content.
    for (folder, node) in folders.iter().rev() {
        set_attributes(node, folder, owners)?;
    }
    Ok(())
}

fn make(node: &Node, file: &Path, job: &Job) -> io::Result<()> {
    match &node.kind {
        Kind::Directory => fs::create_dir(file),
        Kind::Symlink(target) => symlink(os_path(target), file),
        Kind::Fifo => Ok(rustix::fs::mknodat(CWD, file, FileType::Fifo, Mode::from_raw_mode(0o600), 0)?),
        Kind::File { size, content } => {
            let copied = copy(&mut content.open()?, &mut File::create_new(file)?, job)?;
            match copied == *size {
                true => Ok(()),
                false => Err(invalid("its content is shorter than the layer says")),
            }
        }
    }
}

fn set_attributes(node: &Node, file: &Path, owners: bool) -> io::Result<()> {
    if owners {
        let number = |id: u64| u32::try_from(id).map_err(|_| invalid("its owner is no 32-bit number"));
        lchown(file, Some(number(node.uid)?), Some(number(node.gid)?))?;
    }
    if !matches!(node.kind, Kind::Symlink(_)) {
        // After the owner, since that clears setuid.
        fs::set_permissions(file, Permissions::from_mode(node.mode))?;
    }
    for (name, value) in &node.xattrs {
        // Capabilities need root, user attributes a file system that has them; the files are good without.
        let _ = rustix::fs::lsetxattr(file, name.as_str(), value, XattrFlags::empty());
    }
    let time = Timespec { tv_sec: i64::try_from(node.mtime).unwrap_or(0), tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    rustix::fs::utimensat(CWD, file, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}
