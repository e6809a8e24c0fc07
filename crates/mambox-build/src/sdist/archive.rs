//! Source archives as a stream of entries, whatever their container: `.tar.gz` (PEP 625) and `.zip`.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use mambox_layer::{EntryKind, Problem, TarReader};
use zip::ZipArchive;

use super::error::SdistProblem;
use super::sources::{MOST_BYTES, MOST_ENTRIES};

/// Longest target of a link.
const MOST_TARGET: u64 = 4096;

/// One entry of an archive.
pub(super) struct Entry<'a> {
    /// Relative, without `.` and `..`.
    pub(super) path: &'a str,
    /// What it is.
    pub(super) kind: Kind,
    /// What a file holds.
    pub(super) content: &'a mut dyn Read,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File {
        /// By its owner.
        executable: bool,
        /// Of its content, in bytes; content of another length fails to be read.
        size: u64,
    },
    /// A symbolic link with its target, unchecked.
    Link(String),
    /// A second name of an earlier entry.
    HardLink(String),
}

/// Goes through the entries of an archive in their order.
pub(super) fn each(
    path: &Path,
    on: &mut dyn FnMut(Entry<'_>) -> Result<(), SdistProblem>,
) -> Result<(), SdistProblem> {
    let failed = || SdistProblem::io("cannot read", path);
    let mut file = File::open(path).map_err(failed())?;
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(failed())?;
    file.rewind().map_err(failed())?;
    match start[..] {
        [0x1f, 0x8b, ..] => each_of_tar(file, on),
        [b'P', b'K', ..] => each_of_zip(file, on),
        _ => Err(refused("is neither .tar.gz nor .zip, by its first bytes")),
    }
}

fn each_of_tar(
    file: File,
    on: &mut dyn FnMut(Entry<'_>) -> Result<(), SdistProblem>,
) -> Result<(), SdistProblem> {
    let mut tar = TarReader::new(MultiGzDecoder::new(BufReader::new(file)), MOST_BYTES, MOST_ENTRIES);
    while let Some(entry) = tar.next_entry().map_err(of_tar)? {
        let path = entry.path.ok_or_else(|| refused("has a path that is not UTF-8"))?;
        let kind = match entry.kind {
            EntryKind::Directory => Kind::Folder,
            EntryKind::File => Kind::File { executable: entry.mode & 0o111 != 0, size: entry.size },
            EntryKind::Symlink(target) => Kind::Link(text(target)?),
            EntryKind::HardLink(target) => Kind::HardLink(target),
        };
        // The top itself, as in `./`.
        if !path.is_empty() {
            on(Entry { path: &path, kind, content: &mut tar })?;
        } else if kind != Kind::Folder {
            return Err(refused("has an entry without a name"));
        }
    }
    tar.finish().map_err(of_tar)
}

fn each_of_zip(
    file: File,
    on: &mut dyn FnMut(Entry<'_>) -> Result<(), SdistProblem>,
) -> Result<(), SdistProblem> {
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(of_zip)?;
    if zip.len() as u64 > MOST_ENTRIES {
        return Err(too_large());
    }
    let mut left = MOST_BYTES;
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).map_err(of_zip)?;
        let path = clean(&member.name().map_err(of_zip)?)?;
        let size = member.size();
        left = left.checked_sub(size).ok_or_else(too_large)?;
        let kind = match (member.is_dir(), member.is_symlink()) {
            (true, _) => Kind::Folder,
            (_, true) => {
                let mut target = Vec::new();
                member.by_ref().take(MOST_TARGET).read_to_end(&mut target).map_err(damaged)?;
                Kind::Link(text(target)?)
            }
            _ => Kind::File { executable: member.unix_mode().is_some_and(|mode| mode & 0o111 != 0), size },
        };
        // One byte more than there may be shows that there is more.
        let mut content = Exactly { inner: member.take(size + 1), left: size };
        on(Entry { path: &path, kind, content: &mut content })?;
    }
    Ok(())
}

/// Fails where a member holds more, or less, than it says.
pub(super) struct Exactly<R> {
    pub(super) inner: R,
    pub(super) left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a member has another size than it says");
        self.left = self.left.checked_sub(read as u64).ok_or_else(wrong)?;
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(wrong());
        }
        Ok(read)
    }
}

/// A path of a zip without its `.` parts; one that leads out is refused.
fn clean(name: &str) -> Result<String, SdistProblem> {
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if name.starts_with('/') || parts.contains(&"..") || name.contains(['\0', '\\']) || parts.is_empty() {
        return Err(refused(format!(
            "has the path '{}', which leads out of it or is none",
            name.escape_debug()
        )));
    }
    Ok(parts.join("/"))
}

fn text(target: Vec<u8>) -> Result<String, SdistProblem> {
    String::from_utf8(target).map_err(|_| refused("has a link to a name that is not UTF-8"))
}

pub(super) fn refused(why: impl Into<String>) -> SdistProblem {
    SdistProblem::Archive(why.into())
}

pub(super) fn too_large() -> SdistProblem {
    refused(format!("has more than {MOST_ENTRIES} entries or {} GiB", MOST_BYTES >> 30))
}

pub(super) fn damaged(error: io::Error) -> SdistProblem {
    match error.downcast::<Problem>() {
        Ok(problem) => of_tar(problem),
        Err(error) => refused(format!("is damaged or cut short ({error})")),
    }
}

fn of_zip(error: zip::result::ZipError) -> SdistProblem {
    refused(format!("is damaged, or has something that only odd zips have ({error})"))
}

/// The reader's words speak of conda packages where they can.
fn of_tar(problem: Problem) -> SdistProblem {
    match problem {
        Problem::TooBig { .. } => too_large(),
        Problem::Damaged(why) => refused(format!("is damaged or cut short ({why})")),
        Problem::Special { path, kind } => refused(format!("has '{}', a {kind}", path.escape_debug())),
        Problem::Io(error) => refused(format!("is damaged or cut short ({error})")),
        other => refused(format!("is refused: {other}")),
    }
}
