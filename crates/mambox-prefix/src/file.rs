//! One file or link, from an extracted package into the prefix.

use std::collections::HashMap;
use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use mambox_link::{ReplaceError, Replacement, Target};
use rattler_conda_types::package::{FileMode, PathType, PrefixPlaceholder};
use rattler_conda_types::prefix_record::LinkType;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::error::TransactionError;
use crate::package::Source;
use crate::plan::LinkPolicy;
use crate::prefix::Prefix;

const BUFFER: usize = 128 << 10;

/// What a file with a replaced prefix came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patched {
    pub(crate) sha256: [u8; 32],
    pub(crate) size: u64,
}

/// The prefix that is linked into; paths below it need not be resolved from the root each time.
#[derive(Debug)]
pub(crate) struct Destination<'a> {
    prefix: &'a Prefix,
    fd: OwnedFd,
    links: LinkPolicy,
}

/// A package that is linked from.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) source: &'a Source<'a>,
    /// Cleared when the file system refuses hard links from here altogether.
    hard_links: AtomicBool,
    softlinked: AtomicBool,
    copied: AtomicBool,
}

/// A package's folder, open.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    origin: &'a Origin<'a>,
    fd: OwnedFd,
}

/// Replacements by placeholder; nearly all packages have the same one.
pub(crate) type Replacements = HashMap<String, Replacement>;

impl<'a> Origin<'a> {
    pub(crate) fn new(source: &'a Source<'a>) -> Self {
        let flag = |value| AtomicBool::new(value);
        Self { source, hard_links: flag(true), softlinked: flag(false), copied: flag(false) }
    }

    /// For a while: environments have more packages than a process may have open files.
    pub(crate) fn open(&'a self) -> Result<Opened<'a>, TransactionError> {
        Ok(Opened { origin: self, fd: open_folder(&self.source.package.folder)? })
    }

    /// How the package's files were linked, the least shared way first.
    pub(crate) fn link_type(&self) -> LinkType {
        match (self.copied.load(Ordering::Relaxed), self.softlinked.load(Ordering::Relaxed)) {
            (true, _) => LinkType::Copy,
            (false, true) => LinkType::SoftLink,
            (false, false) => LinkType::HardLink,
        }
    }

    fn path(&self, target: &Target<'_>) -> PathBuf {
        self.source.package.folder.join(target.path)
    }
}

fn open_folder(path: &Path) -> Result<OwnedFd, TransactionError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty())
        .map_err(|error| TransactionError::io("open", path)(error.into()))
}

impl<'a> Destination<'a> {
    pub(crate) fn open(prefix: &'a Prefix, links: LinkPolicy) -> Result<Self, TransactionError> {
        Ok(Self { prefix, fd: open_folder(prefix.path())?, links })
    }

    /// Puts a file or link in its place.
    pub(crate) fn place(
        &self,
        opened: &Opened<'_>,
        target: &Target<'_>,
        replacements: &mut Replacements,
    ) -> Result<Option<Patched>, TransactionError> {
        if let Some(placeholder) = &target.entry.prefix_placeholder {
            return self.patch(opened, target, placeholder, replacements).map(Some);
        }
        let is_link = target.entry.path_type == PathType::SoftLink;
        let may_link = !target.entry.no_link && !self.links.always_copy;
        if may_link && self.links.always_softlink {
            return self.softlink(opened, target);
        }
        // Symbolic links are hard-linked as such: making one costs an inode, which takes file systems much longer.
        if may_link && opened.origin.hard_links.load(Ordering::Relaxed) {
            match self.hard_link(target, opened) {
                Ok(()) => return Ok(None),
                // A device of its own: no file of the package will do better.
                Err(Errno::XDEV | Errno::OPNOTSUPP | Errno::NOSYS) => {
                    opened.origin.hard_links.store(false, Ordering::Relaxed);
                }
                Err(Errno::PERM | Errno::MLINK | Errno::ACCESS) => {}
                Err(error) => return Err(self.failed(target)(error.into())),
            }
        }
        if is_link && self.symlink_again(opened, target)? {
            return Ok(None);
        }
        if may_link && self.links.allow_softlinks {
            return self.softlink(opened, target);
        }
        self.copy(opened, target)
    }

    fn hard_link(&self, target: &Target<'_>, opened: &Opened<'_>) -> Result<(), Errno> {
        let link =
            || rustix::fs::linkat(&opened.fd, target.path, &self.fd, &*target.destination, AtFlags::empty());
        match link() {
            Err(Errno::EXIST) => {
                rustix::fs::unlinkat(&self.fd, &*target.destination, AtFlags::empty())?;
                link()
            }
            result => result,
        }
    }

    /// Makes the link that the package holds; false where it holds a file instead.
    fn symlink_again(&self, opened: &Opened<'_>, target: &Target<'_>) -> Result<bool, TransactionError> {
        let to = match rustix::fs::readlinkat(&opened.fd, target.path, Vec::new()) {
            Ok(to) => to,
            Err(Errno::INVAL) => return Ok(false),
            Err(error) => return Err(TransactionError::io("read", opened.origin.path(target))(error.into())),
        };
        rustix::fs::symlinkat(&*to, &self.fd, &*target.destination)
            .map_err(|error| self.failed(target)(error.into()))?;
        Ok(true)
    }

    fn softlink(
        &self,
        opened: &Opened<'_>,
        target: &Target<'_>,
    ) -> Result<Option<Patched>, TransactionError> {
        if self.symlink_again(opened, target)? {
            return Ok(None);
        }
        opened.origin.softlinked.store(true, Ordering::Relaxed);
        rustix::fs::symlinkat(opened.origin.path(target), &self.fd, &*target.destination)
            .map_err(|error| self.failed(target)(error.into()))?;
        Ok(None)
    }

    fn copy(&self, opened: &Opened<'_>, target: &Target<'_>) -> Result<Option<Patched>, TransactionError> {
        if self.symlink_again(opened, target)? {
            return Ok(None);
        }
        if !target.entry.no_link {
            opened.origin.copied.store(true, Ordering::Relaxed);
        }
        let (mut from, there) = self.open_source(opened, target)?;
        let mut to = self.create(target)?;
        if reflink_copy::reflink_file(&from, &to).is_err() {
            io::copy(&mut from, &mut to).map_err(self.failed(target))?;
        }
        let time = there.modified().map_err(self.failed(target))?;
        finish(&to, there.mode(), time).map_err(self.failed(target))?;
        Ok(None)
    }

    fn patch(
        &self,
        opened: &Opened<'_>,
        target: &Target<'_>,
        placeholder: &PrefixPlaceholder,
        replacements: &mut Replacements,
    ) -> Result<Patched, TransactionError> {
        let dist = || opened.origin.source.dist.clone();
        let text = &placeholder.placeholder;
        if !replacements.contains_key(text) {
            let replacement = Replacement::new(text, self.prefix.text())
                .map_err(|problem| TransactionError::Package { dist: dist(), problem })?;
            replacements.insert(text.clone(), replacement);
        }
        let (from, there) = self.open_source(opened, target)?;
        let mut out = Hashing::new(self.create(target)?);
        let done = match placeholder.file_mode {
            FileMode::Text => replacements[text].text(from, &mut out),
            FileMode::Binary => replacements[text].binary(from, &mut out),
        };
        match done {
            Ok(()) => {}
            Err(ReplaceError::Write(error)) => return Err(self.failed(target)(error)),
            Err(ReplaceError::NoRoom(room)) => {
                let (path, prefix) = (target.path.to_owned(), self.prefix.text().to_owned());
                return Err(TransactionError::PrefixTooLong { dist: dist(), path, room, prefix });
            }
            Err(error) => return Err(opened.origin.source.damaged(format!("{}: {error}", target.path))),
        }
        let (file, patched) = out.finish().map_err(self.failed(target))?;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(opened.origin.source.patched_time);
        finish(&file, there.mode(), time).map_err(self.failed(target))?;
        Ok(patched)
    }

    /// Writes a file that the package does not hold.
    pub(crate) fn write(
        &self,
        path: &str,
        mode: u32,
        time: Option<u64>,
        bytes: &[u8],
    ) -> Result<(), TransactionError> {
        let full = self.prefix.path().join(path);
        let write = || {
            let mut file = create(&full)?;
            file.write_all(bytes)?;
            match time {
                Some(time) => finish(&file, mode, SystemTime::UNIX_EPOCH + Duration::from_secs(time)),
                None => file.set_permissions(Permissions::from_mode(mode)),
            }
        };
        write().map_err(TransactionError::io("write", &full))
    }

    fn open_source(
        &self,
        opened: &Opened<'_>,
        target: &Target<'_>,
    ) -> Result<(File, fs::Metadata), TransactionError> {
        let path = opened.origin.path(target);
        let file = File::open(&path).map_err(TransactionError::io("read", &path))?;
        let there = file.metadata().map_err(TransactionError::io("read", &path))?;
        Ok((file, there))
    }

    fn create(&self, target: &Target<'_>) -> Result<File, TransactionError> {
        create(&self.prefix.path().join(&target.destination)).map_err(self.failed(target))
    }

    fn failed(&self, target: &Target<'_>) -> impl FnOnce(io::Error) -> TransactionError + use<> {
        TransactionError::io("create", self.prefix.path().join(&target.destination))
    }
}

/// A new file, never one that is there: that might be a hard link into a cache, or a link to elsewhere.
fn create(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            open()
        }
        result => result,
    }
}

fn finish(file: &File, mode: u32, time: SystemTime) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode & 0o7777))?;
    file.set_times(FileTimes::new().set_modified(time))
}

/// Hashes and counts what is written.
struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
    size: u64,
}

impl Hashing {
    fn new(file: File) -> Self {
        Self { out: BufWriter::with_capacity(BUFFER, file), hash: Sha256::new(), size: 0 }
    }

    fn finish(self) -> io::Result<(File, Patched)> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, Patched { sha256: self.hash.finalize().into(), size: self.size }))
    }
}

impl Write for Hashing {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
