//! A tar whose members are read where they are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mambox_oci::Blob;
use tar::EntryType;

use super::kind::{self, Packing};
use super::tar_stream::{for_each_entry_seeking, invalid, member_path};
use crate::TransportError;
use crate::job::Job;

/// An unpacked tar this large is refused: a bomb fills any disk.
const MAX_UNPACKED: u64 = 1 << 38;

/// Part of a file. Holds the file open, so that the bytes stay the same if another file takes its name:
/// `--base x.tar -o x.tar` is no trouble.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    pub(crate) file: Arc<File>,
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

impl Region {
    /// Reads the part from its beginning.
    pub(crate) fn reader(&self) -> RegionReader {
        RegionReader(self.clone())
    }
}

impl Blob for Region {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(self.reader()))
    }
}

/// Reads a [`Region`] without moving the file's own position.
pub(crate) struct RegionReader(Region);

impl Read for RegionReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.0.size).unwrap_or(usize::MAX));
        let read = self.0.file.read_at(&mut buffer[..wanted], self.0.offset)?;
        self.0.offset += read as u64;
        self.0.size -= read as u64;
        Ok(read)
    }
}

/// A member of an archive.
#[derive(Debug, Clone)]
enum Member {
    File(Region),
    /// Another member's path.
    Link(Vec<u8>),
}

/// A tar with its members' places.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    members: BTreeMap<Vec<u8>, Member>,
}

/// The members of image archives are few: a blob for each layer, some JSON.
const MAX_MEMBERS: usize = 100_000;

impl Archive {
    /// Records where each member of a tar is; a packed one is unpacked in the system's temporary folder.
    pub(crate) fn open(path: &Path, job: &Job) -> Result<Self, TransportError> {
        Self::open_with(path, None, job)
    }

    /// As [`Archive::open`], with a folder to unpack in; see [`plain_tar`].
    pub(crate) fn open_with(path: &Path, spool: Option<&Path>, job: &Job) -> Result<Self, TransportError> {
        let file = plain_tar(path, spool, job)?;
        let members = members(&file).map_err(TransportError::io("read", path))?;
        Ok(Self { path: path.into(), members })
    }

    /// The archive's own path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A member's bytes, links followed.
    pub(crate) fn member(&self, name: &str) -> Option<Region> {
        let mut path = member_path(name.as_bytes()).ok()?;
        // Legacy docker-archives link layers to each other, one step far.
        for _ in 0..8 {
            match self.members.get(&path)? {
                Member::File(region) => return Some(region.clone()),
                Member::Link(target) => path.clone_from(target),
            }
        }
        None
    }
}

fn members(file: &Arc<File>) -> io::Result<BTreeMap<Vec<u8>, Member>> {
    let mut members = BTreeMap::new();
    let length = file.metadata()?.len();
    let mut reader: &File = file;
    reader.seek(SeekFrom::Start(0))?;
    for_each_entry_seeking(reader, |entry| {
        let name = member_path(&entry.path_bytes())?;
        let shown = String::from_utf8_lossy(&name).into_owned();
        let member = match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => {
                let region =
                    Region { file: file.clone(), offset: entry.raw_file_position(), size: entry.size() };
                if region.offset.checked_add(region.size).is_none_or(|end| end > length) {
                    return Err(invalid(format!("the archive ends within the member '{shown}'")));
                }
                Member::File(region)
            }
            kind @ (EntryType::Symlink | EntryType::Link) => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let folder = if kind == EntryType::Symlink { parent(&name) } else { &[] };
                match linked(folder, &target) {
                    Some(target) => Member::Link(target),
                    None => return Err(invalid(format!("the link '{shown}' leaves the archive"))),
                }
            }
            _ => return Ok(()),
        };
        members.insert(name, member);
        match members.len() > MAX_MEMBERS {
            true => Err(invalid(format!("an image archive has no more than {MAX_MEMBERS} members"))),
            false => Ok(()),
        }
    })?;
    Ok(members)
}

fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(&[], |slash| &path[..slash])
}

/// The path that a link in `folder` means; `None` if it is outside of the archive.
fn linked(folder: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    if target.first() == Some(&b'/') {
        return None;
    }
    let mut parts: Vec<&[u8]> = folder.split(|b| *b == b'/').filter(|part| !part.is_empty()).collect();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// Opens a tar so that it can be sought in: a packed one is unpacked into a nameless temporary file, in
/// `spool` or the system's place for such files. What is no tar at all is named.
pub(crate) fn plain_tar(path: &Path, spool: Option<&Path>, job: &Job) -> Result<Arc<File>, TransportError> {
    let file = File::open(path).map_err(TransportError::io("read", path))?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(not_a_tar(path, "no regular file".into()));
    }
    let start = kind::start(&file).map_err(TransportError::io("read", path))?;
    if let Some(found) = kind::foreign(&start) {
        return Err(not_a_tar(path, found.into()));
    }
    match Packing::of(&start) {
        Packing::Plain => Ok(Arc::new(file)),
        packing => {
            let unpacked = unpack(&file, packing, spool, job).map_err(TransportError::io("unpack", path))?;
            Ok(Arc::new(unpacked))
        }
    }
}

/// An error for what is something else.
pub(crate) fn not_a_tar(path: &Path, found: String) -> TransportError {
    let hint = "an image or a root file system is a tar, plain or compressed with gzip or zstd, or a folder";
    TransportError::NotAnImage { path: path.into(), found, hint }
}

fn unpack(file: &File, packing: Packing, spool: Option<&Path>, job: &Job) -> io::Result<File> {
    let mut tar = packing.unpack(BufReader::with_capacity(1 << 16, file))?;
    let mut unpacked = match spool {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            tempfile::tempfile_in(folder)?
        }
        None => tempfile::tempfile()?,
    };
    let mut buffer = vec![0; 1 << 18];
    let mut written = 0;
    loop {
        job.check()?;
        let read = tar.read(&mut buffer)?;
        if read == 0 {
            return Ok(unpacked);
        }
        written += read as u64;
        if written > MAX_UNPACKED {
            return Err(invalid("the archive unpacks to more than 256 GiB"));
        }
        unpacked.write_all(&buffer[..read])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        assert_eq!(linked(b"a", b"../b/layer.tar"), Some(b"b/layer.tar".to_vec()));
        assert_eq!(linked(b"", b"./x//y"), Some(b"x/y".to_vec()));
        assert_eq!(linked(b"a", b"../../etc"), None);
        assert_eq!(linked(b"a", b"/etc"), None);
    }
}
