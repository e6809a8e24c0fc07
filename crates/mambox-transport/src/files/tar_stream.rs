//! Reading tars that nobody vouches for.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// Entries of one tar; a distribution's root file system has some ten thousand.
pub(crate) const MAX_ENTRIES: usize = 1_000_000;
/// Bytes of one entry's headers: long names and extended attributes. The kernel allows names of
/// 4 KiB and attributes of 64 KiB each.
const MAX_HEADERS: u64 = 1 << 20;

/// Calls `each` for every entry of a tar stream, in order.
///
/// Bounds the number of entries, and the headers' size: the reader underneath keeps long names and
/// PAX records in memory, however long the tar says they are.
pub(crate) fn for_each_entry<R: Read>(
    tar: R,
    each: impl FnMut(&mut tar::Entry<'_, Bounded<R>>) -> io::Result<()>,
) -> io::Result<()> {
    for_entries_up_to(MAX_ENTRIES, tar, each)
}

fn for_entries_up_to<R: Read>(
    limit: usize,
    tar: R,
    mut each: impl FnMut(&mut tar::Entry<'_, Bounded<R>>) -> io::Result<()>,
) -> io::Result<()> {
    let allowance = Rc::new(Cell::new(MAX_HEADERS));
    let mut archive = tar::Archive::new(Bounded { inner: tar, allowance: allowance.clone() });
    let mut entries = archive.entries()?;
    for count in 0.. {
        allowance.set(MAX_HEADERS);
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry.map_err(not_a_tar)?;
        check_count(count, limit)?;
        allowance.set(u64::MAX);
        each(&mut entry)?;
        // What was not read would count as headers of the next entry.
        io::copy(&mut entry, &mut io::sink())?;
    }
    Ok(())
}

/// As [`for_each_entry`] for a tar that can be sought in: contents are skipped, not read.
pub(crate) fn for_each_entry_seeking<R: Read + Seek>(
    tar: R,
    mut each: impl FnMut(&mut tar::Entry<'_, Bounded<R>>) -> io::Result<()>,
) -> io::Result<()> {
    let allowance = Rc::new(Cell::new(MAX_HEADERS));
    let mut archive = tar::Archive::new(Bounded { inner: tar, allowance: allowance.clone() });
    let mut entries = archive.entries_with_seek()?;
    for count in 0.. {
        allowance.set(MAX_HEADERS);
        let Some(entry) = entries.next() else { return Ok(()) };
        let mut entry = entry.map_err(not_a_tar)?;
        check_count(count, MAX_ENTRIES)?;
        allowance.set(u64::MAX);
        each(&mut entry)?;
    }
    Ok(())
}

fn check_count(count: usize, limit: usize) -> io::Result<()> {
    match count < limit {
        true => Ok(()),
        false => Err(invalid(format!("the tar has more than {limit} entries"))),
    }
}

/// The tar crate says "other" of what is no tar.
fn not_a_tar(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => invalid(format!("this is no tar, or a damaged one: {error}")),
        _ => error,
    }
}

/// A flaw in data.
pub(crate) fn invalid(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}

/// A reader that may be read so far and no further.
pub(crate) struct Bounded<R> {
    inner: R,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.allowance.get().checked_sub(read as u64) {
            Some(left) => self.allowance.set(left),
            None => return Err(invalid("an entry's name and attributes are longer than 1 MiB")),
        }
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A member's name as a path below the root: no leading `/` or `./`, no trailing `/`, empty for the
/// root itself. A name that leaves the root is refused.
pub(crate) fn member_path(name: &[u8]) -> io::Result<Vec<u8>> {
    let mut path = Vec::with_capacity(name.len());
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => continue,
            b".." => {
                return Err(invalid(format!(
                    "the member '{}' leaves the archive",
                    String::from_utf8_lossy(name)
                )));
            }
            part if part.contains(&0) => return Err(invalid("a member's name holds a zero byte")),
            part => {
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(part);
            }
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::{TarEntry, tar_bytes};

    #[test]
    fn entries_are_counted() {
        let tar = tar_bytes(&vec![TarEntry::file("x", "content"); 10]);
        let read = |limit| for_entries_up_to(limit, tar.as_slice(), |_| Ok(())).map_err(|e| e.to_string());
        assert_eq!(read(10), Ok(()));
        assert_eq!(read(9), Err("the tar has more than 9 entries".into()));
    }

    #[test]
    fn a_bomb_of_a_name_is_refused_and_large_contents_are_not() {
        let long = TarEntry::file("n".repeat(2 << 20), "");
        let large = [TarEntry::file("x", vec![0; 3 << 20]), TarEntry::file("y", "")];
        let read = |entries: &[TarEntry]| for_each_entry(tar_bytes(entries).as_slice(), |_| Ok(()));
        assert!(read(&[long]).unwrap_err().to_string().contains("longer than 1 MiB"));
        assert!(read(&large).is_ok());
        let tar = tar_bytes(&large);
        assert!(for_each_entry_seeking(io::Cursor::new(tar), |_| Ok(())).is_ok());
    }

    #[test]
    fn names_are_made_relative_and_escapes_refused() {
        assert_eq!(member_path(b"./a//b/").unwrap(), b"a/b");
        assert_eq!(member_path(b"/a").unwrap(), b"a");
        assert_eq!(member_path(b"./").unwrap(), b"");
        assert!(member_path(b"a/../b").is_err());
    }
}
