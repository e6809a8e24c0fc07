//! The folders and files of a root on which something is mounted.
//!
//! A root may be hostile, and bwrap follows links where it makes mount points: `/dev` as a link to `../../home` would let it
//! make folders on the host. So they are made here, one component at a time, and links are refused.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use crate::SandboxError;

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    File,
}

/// Prepares mount points in a root; what was made is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct MountPoints {
    root: PathBuf,
    folder: OwnedFd,
    made: Vec<Made>,
}

/// A folder or file that the root lacked.
#[derive(Debug)]
struct Made {
    parent: OwnedFd,
    name: OsString,
    kind: Kind,
}

impl MountPoints {
    /// For a root file system.
    pub(crate) fn open(root: &Path) -> Result<Self, SandboxError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(root, flags, Mode::empty()).map_err(|errno| SandboxError::Io {
            action: "open the root file system",
            path: root.to_owned(),
            source: errno.into(),
        })?;
        Ok(Self { root: root.to_owned(), folder, made: Vec::new() })
    }

    /// Sees to it that there is a folder or a file at a path inside, and no link on the way.
    pub(crate) fn prepare(&mut self, inside: &str, kind: Kind) -> Result<(), SandboxError> {
        self.prepare_path(inside, kind).map_err(|problem| SandboxError::MountPoint {
            inside: inside.to_owned(),
            root: self.root.clone(),
            problem: problem.to_string(),
        })
    }

    fn prepare_path(&mut self, inside: &str, kind: Kind) -> io::Result<()> {
        let names =
            names_of(inside).ok_or_else(|| io::Error::other("it is not an absolute path without `..`"))?;
        let Some((last, parents)) = names.split_last() else {
            return Err(io::Error::other("it is the root itself"));
        };
        let mut at = self.folder.try_clone()?;
        for name in parents {
            at = self.folder_in(at, name)?;
        }
        match kind {
            Kind::Folder => self.folder_in(at, last).map(drop),
            Kind::File => self.file_in(at, last),
        }
    }

    /// Opens a folder, which is made if there is nothing.
    fn folder_in(&mut self, parent: OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&parent, name, flags, Mode::empty()) {
            Ok(folder) => Ok(folder),
            Err(Errno::NOENT) => {
                mkdirat(&parent, name, Mode::from_raw_mode(0o755))?;
                let folder = openat(&parent, name, flags, Mode::empty())?;
                self.made.push(Made { parent, name: name.to_owned(), kind: Kind::Folder });
                Ok(folder)
            }
            Err(Errno::NOTDIR | Errno::LOOP) => Err(unfit(&parent, name)),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Makes an empty file if there is nothing.
    fn file_in(&mut self, parent: OwnedFd, name: &OsStr) -> io::Result<()> {
        match statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => Ok(()),
            Ok(_) => Err(unfit(&parent, name)),
            Err(Errno::NOENT) => {
                let flags =
                    OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                openat(&parent, name, flags, Mode::from_raw_mode(0o644))?;
                self.made.push(Made { parent, name: name.to_owned(), kind: Kind::File });
                Ok(())
            }
            Err(errno) => Err(errno.into()),
        }
    }
}

impl Drop for MountPoints {
    fn drop(&mut self) {
        for made in self.made.drain(..).rev() {
            let flags = if made.kind == Kind::Folder { AtFlags::REMOVEDIR } else { AtFlags::empty() };
            // A folder that is not empty any more belongs to the program now.
            let _ = unlinkat(&made.parent, &made.name, flags);
        }
    }
}

/// The names on the way to an absolute path; none for paths with `.` or `..`.
fn names_of(inside: &str) -> Option<Vec<&OsStr>> {
    let path = Path::new(inside);
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir => {}
            Component::Normal(name) => names.push(name),
            _ => return None,
        }
    }
    path.is_absolute().then_some(names)
}

/// Says what is in the way.
fn unfit(parent: &OwnedFd, name: &OsStr) -> io::Error {
    let kind = match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| stat.st_mode) {
        Ok(mode) if FileType::from_raw_mode(mode) == FileType::Symlink => "a symbolic link",
        Ok(mode) if FileType::from_raw_mode(mode) == FileType::Directory => "a folder",
        _ => "not a folder",
    };
    io::Error::other(format!("`{}` is {kind}", name.display()))
}
