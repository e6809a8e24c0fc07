//! An archive becomes files: with modes and times of ours, and without following what is there already.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::archive::{self, Entry, Kind, damaged, refused, too_large};
use super::error::SdistProblem;
use super::sources::{MOST_BYTES, MOST_ENTRIES};
use super::walk::stays_inside;
use crate::cancel::Cancelled;
use crate::tree::FIXED_TIME;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Folder,
    File { executable: bool, size: u64 },
    Link,
}

/// Unpacks an archive into a folder that is there and empty. Says what the one folder at its top is called, which every
/// source distribution has.
pub(super) fn unpack(archive: &Path, into: &Path, cancelled: &Cancelled) -> Result<String, SdistProblem> {
    unpack_at_most(MOST_BYTES, archive, into, cancelled)
}

fn unpack_at_most(
    bytes: u64,
    archive: &Path,
    into: &Path,
    cancelled: &Cancelled,
) -> Result<String, SdistProblem> {
    let mut unpacker = Unpacker { into, made: BTreeMap::new(), left: bytes, cancelled };
    archive::each(archive, &mut |entry| unpacker.add(entry))?;
    let mut tops = unpacker.made.iter().filter(|(path, _)| !path.contains('/'));
    match (tops.next(), tops.next()) {
        (Some((top, Made::Folder)), None) => Ok(top.clone()),
        (None, _) => Err(refused("is empty")),
        _ => Err(refused(
            "has more than one folder at its top, or files, so that it is no source distribution",
        )),
    }
}

struct Unpacker<'a> {
    into: &'a Path,
    made: BTreeMap<String, Made>,
    /// Bytes that may still be written.
    left: u64,
    cancelled: &'a Cancelled,
}

impl Unpacker<'_> {
    fn add(&mut self, entry: Entry<'_>) -> Result<(), SdistProblem> {
        let path = entry.path;
        if let Some((above, _)) = path.rsplit_once('/') {
            self.folder(above)?;
        }
        if entry.kind == Kind::Folder {
            return self.folder(path);
        }
        let place = self.place(path)?;
        let made = match entry.kind {
            Kind::File { executable, size } => {
                self.count(size)?;
                write(&place, executable, entry.content, self.cancelled)?;
                Made::File { executable, size }
            }
            Kind::HardLink(target) => {
                // Two files instead of two names, so that none changes with the other.
                let Some(Made::File { executable, size }) = self.made.get(&target).copied() else {
                    return Err(refused(format!(
                        "has '{}', a link to a file that it does not have",
                        shown(path)
                    )));
                };
                self.count(size)?;
                let mut original =
                    File::open(self.into.join(&target)).map_err(SdistProblem::io("cannot read", &place))?;
                write(&place, executable, &mut original, self.cancelled)?;
                Made::File { executable, size }
            }
            Kind::Link(target) => {
                // The top folder is the root of the sources, and goes.
                let inside = path.split_once('/').is_some_and(|(_, below)| stays_inside(below, &target));
                if !inside {
                    return Err(refused(format!("has '{}', a link that leads out of it", shown(path))));
                }
                link(&target, &place)?;
                Made::Link
            }
            Kind::Folder => Made::Folder,
        };
        self.made.insert(path.to_owned(), made);
        Ok(())
    }

    /// Counts what is about to be written: the archive's own limit does not know that hard links become copies.
    fn count(&mut self, size: u64) -> Result<(), SdistProblem> {
        self.left = self.left.checked_sub(size).ok_or_else(too_large)?;
        Ok(())
    }

    /// Sees to it that there is a folder, and folders above it.
    fn folder(&mut self, path: &str) -> Result<(), SdistProblem> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for part in ends.map(|end| &path[..end]) {
            match self.made.get(part) {
                Some(Made::Folder) => {}
                Some(_) => {
                    return Err(refused(format!(
                        "has something below '{}', which is no folder",
                        shown(part)
                    )));
                }
                None if self.made.len() as u64 >= MOST_ENTRIES => return Err(too_large()),
                None => {
                    folder(&self.into.join(part))?;
                    self.made.insert(part.to_owned(), Made::Folder);
                }
            }
        }
        Ok(())
    }

    /// Where a file or link goes. Of two files of one name the last counts, as with tar.
    fn place(&self, path: &str) -> Result<PathBuf, SdistProblem> {
        let place = self.into.join(path);
        match self.made.get(path) {
            None => Ok(place),
            Some(Made::File { .. }) => {
                fs::remove_file(&place).map_err(SdistProblem::io("cannot replace", &place))?;
                Ok(place)
            }
            Some(_) => Err(refused(format!("has '{}' twice", shown(path)))),
        }
    }
}

fn shown(path: &str) -> String {
    path.escape_debug().to_string()
}

/// Makes a folder.
pub(super) fn folder(place: &Path) -> Result<(), SdistProblem> {
    fs::create_dir(place).and_then(|()| set_mode(place, 0o755)).map_err(cannot_make(place))
}

/// Makes a symbolic link.
#[cfg(unix)]
pub(super) fn link(target: &str, place: &Path) -> Result<(), SdistProblem> {
    std::os::unix::fs::symlink(target, place).map_err(cannot_make(place))
}

#[cfg(not(unix))]
pub(super) fn link(_target: &str, place: &Path) -> Result<(), SdistProblem> {
    Err(cannot_make(place)(io::ErrorKind::Unsupported.into()))
}

/// Writes a file with a fixed time: some backends look at times, and all wheels are to be the same.
pub(super) fn write(
    place: &Path,
    executable: bool,
    content: &mut dyn io::Read,
    cancelled: &Cancelled,
) -> Result<(), SdistProblem> {
    let file = File::create_new(place).map_err(cannot_make(place))?;
    copy(content, &mut cancelled.guard(&file), place)?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(FIXED_TIME);
    let finish = || {
        file.set_modified(time)?;
        set_mode(place, if executable { 0o755 } else { 0o644 })
    };
    finish().map_err(cannot_make(place))
}

/// Copies; an error of the source is told apart from one of the disk.
fn copy(from: &mut dyn io::Read, to: &mut dyn Write, place: &Path) -> Result<(), SdistProblem> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(damaged(error)),
        };
        to.write_all(&buffer[..read]).map_err(cannot_make(place))?;
    }
}

fn cannot_make(place: &Path) -> impl FnOnce(io::Error) -> SdistProblem {
    SdistProblem::io("cannot write", place)
}

#[cfg(unix)]
fn set_mode(place: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_place: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use mambox_testkit::{TarEntry, tar_bytes};

    use super::*;
    use crate::cancel::CancelOnDrop;
    use crate::sdist::machine::gzip;

    /// Unpacks a file of 1000 bytes and what follows it, where 5000 bytes may be written. Says how many are.
    fn bytes_of(entries: &[TarEntry]) -> (Result<String, SdistProblem>, u64) {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, into) = (folder.path().join("archive"), folder.path().join("into"));
        let entries = [&[TarEntry::file("x/file", [0; 1000])], entries].concat();
        fs::write(&path, gzip(&tar_bytes(&entries))).expect("an archive");
        fs::create_dir(&into).expect("a folder");
        let unpacked = unpack_at_most(5000, &path, &into, &CancelOnDrop::default().watch());
        let written = fs::read_dir(into.join("x")).expect("a folder").flatten();
        (unpacked, written.map(|entry| entry.metadata().map_or(0, |metadata| metadata.len())).sum())
    }

    #[test]
    fn hard_links_count_as_the_copies_that_they_become() {
        let bomb = |links| {
            let link = |n| TarEntry::hard_link(format!("x/link{n}"), "x/file");
            bytes_of(&(0..links).map(link).collect::<Vec<_>>())
        };
        assert!(matches!(bomb(4), (Ok(_), 5000)));
        let (refused, written) = bomb(100);
        let refused = refused.expect_err("too many").to_string();
        insta::assert_snapshot!(refused, @"the archive has more than 200000 entries or 4 GiB");
        assert_eq!(written, 5000, "nothing of the link that is too many");
        // Links to links grow no faster.
        let chain = |n| {
            TarEntry::hard_link(
                format!("x/{:03}", n + 1),
                if n == 0 { "x/file".into() } else { format!("x/{n:03}") },
            )
        };
        assert!(matches!(bytes_of(&(0..100).map(chain).collect::<Vec<_>>()), (Err(_), 5000)));
    }

    #[test]
    fn what_is_replaced_has_been_written() {
        let again = |size: usize| TarEntry::file("x/file", vec![1; size]);
        assert!(matches!(bytes_of(&[again(2000), again(2000)]), (Ok(_), 2000)));
        assert!(bytes_of(&[again(2000), again(2001)]).0.is_err());
    }
}
