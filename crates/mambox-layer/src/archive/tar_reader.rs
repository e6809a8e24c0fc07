//! A tar stream as a hostile package may have written it: bounded headers, no surprises.
//!
//! The `tar` crate parses single headers; its iterator is not used because it reads long names and PAX records
//! of any size into memory.

use std::io::{self, Read};

use tar::{EntryType, Header};

use crate::error::Problem;

const BLOCK: u64 = 512;
/// A path or PAX record longer than this is no honest one (PATH_MAX is 4096).
const MAX_EXTENSION: u64 = 64 * 1024;
/// Sizes beyond this would overflow sums; every limit is far below.
const MAX_SIZE: u64 = 1 << 62;
/// Padding after the end-of-archive marker; tar pads to records of 10 KiB.
const MAX_TRAILER: u64 = 16 * 1024 * 1024;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// With its target, verbatim.
    Symlink(Vec<u8>),
    /// With the path of an earlier entry.
    HardLink(String),
}

/// One entry of the stream.
#[derive(Debug, Clone)]
pub struct TarEntry {
    /// Relative, without `.` and `..`; `None` where it is not UTF-8, and so cannot be listed in paths.json.
    pub path: Option<String>,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits only: no setuid, setgid or sticky bit.
    pub mode: u32,
    /// Seconds since the epoch.
    pub mtime: u64,
    /// Bytes of content; 0 for all but files.
    pub size: u64,
}

/// Reads entries one after another. Content that is not read is skipped.
pub struct TarReader<R> {
    inner: R,
    /// Content of the current entry that is still unread, and the padding behind it.
    left: u64,
    padding: u64,
    /// Bytes that may still be read from the stream.
    budget: u64,
    entries: u64,
    max_entries: u64,
    limit: u64,
}

/// Long names and PAX records that precede an entry.
#[derive(Default)]
struct Extensions {
    gnu_path: Option<Vec<u8>>,
    gnu_link: Option<Vec<u8>>,
    pax_path: Option<Vec<u8>>,
    pax_link: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read> TarReader<R> {
    /// A reader that fails after `limit` bytes or `max_entries` entries.
    pub fn new(inner: R, limit: u64, max_entries: u64) -> Self {
        Self { inner, left: 0, padding: 0, budget: limit, entries: 0, max_entries, limit }
    }

    /// The next entry; its content is then read through `self`.
    ///
    /// # Errors
    /// What is wrong with the stream, or too large about it.
    pub fn next_entry(&mut self) -> Result<Option<TarEntry>, Problem> {
        let mut extensions = Extensions::default();
        loop {
            self.skip(self.left + self.padding)?;
            let Some(header) = self.header()? else { return Ok(None) };
            self.entries += 1;
            if self.entries > self.max_entries {
                let what = "the number of its entries".to_owned();
                return Err(Problem::TooBig { what, limit: self.max_entries.to_string() });
            }
            let size = header.entry_size().map_err(damaged)?;
            if size >= MAX_SIZE {
                return Err(Problem::Damaged("a tar header declares an impossible size".into()));
            }
            match header.entry_type() {
                EntryType::GNULongName => extensions.gnu_path = Some(self.long_name(size)?),
                EntryType::GNULongLink => extensions.gnu_link = Some(self.long_name(size)?),
                EntryType::XHeader => {
                    let records = self.extension(size)?;
                    extensions.read_pax(&records)?;
                }
                EntryType::XGlobalHeader => drop(self.extension(size)?),
                kind => return self.entry(&header, kind, extensions).map(Some),
            }
        }
    }

    /// Reads the rest of the stream, so that a decompressor notices a truncated end.
    ///
    /// # Errors
    /// Where it is cut short, or goes on and on.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.skip(self.left + self.padding)?;
        let read =
            io::copy(&mut self.inner.by_ref().take(MAX_TRAILER + 1), &mut io::sink()).map_err(damaged)?;
        if read > MAX_TRAILER {
            return Err(Problem::Damaged("data follows the end of its tar stream".into()));
        }
        Ok(())
    }

    fn entry(&mut self, header: &Header, kind: EntryType, ext: Extensions) -> Result<TarEntry, Problem> {
        let raw = ext.gnu_path.or(ext.pax_path).unwrap_or_else(|| header.path_bytes().into_owned());
        let path = relative_path(&raw)?;
        let size = ext.size.map_or_else(|| header.entry_size().map_err(damaged), Ok)?;
        let link = ext.gnu_link.or(ext.pax_link).or_else(|| header.link_name_bytes().map(|l| l.into_owned()));
        let special = |kind| Problem::Special { path: String::from_utf8_lossy(&raw).into_owned(), kind };
        let link = || link.filter(|link| !link.is_empty()).ok_or_else(|| special("link without a target"));
        // Old tars mark directories by a slash only.
        let slash = header.as_ustar().is_none() && raw.ends_with(b"/");
        let kind = match kind {
            EntryType::Directory => EntryKind::Directory,
            EntryType::Regular | EntryType::Continuous if slash => EntryKind::Directory,
            EntryType::Regular | EntryType::Continuous => EntryKind::File,
            EntryType::Symlink => EntryKind::Symlink(link()?),
            EntryType::Link => {
                let target = link()?;
                EntryKind::HardLink(
                    relative_path(&target)?.ok_or_else(|| special("link to a name that is not UTF-8"))?,
                )
            }
            EntryType::Char | EntryType::Block => return Err(special("device")),
            EntryType::Fifo => return Err(special("fifo")),
            EntryType::GNUSparse => return Err(special("sparse file")),
            _ => return Err(special("entry of an unknown type")),
        };
        self.begin_data(size);
        Ok(TarEntry {
            path,
            size: if kind == EntryKind::File { size } else { 0 },
            kind,
            mode: header.mode().map_err(damaged)? & 0o777,
            // A time that is no number is none.
            mtime: header.mtime().unwrap_or(0),
        })
    }

    fn begin_data(&mut self, size: u64) {
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK) - size;
    }

    /// The next header; `None` at the end-of-archive marker or where the stream ends between entries.
    fn header(&mut self) -> Result<Option<Header>, Problem> {
        let mut header = Header::new_old();
        let bytes = header.as_mut_bytes();
        let mut filled = 0;
        while filled < bytes.len() {
            match self.inner.read(&mut bytes[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(Problem::Damaged("its tar stream ends inside a header".into())),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(damaged(error)),
            }
        }
        self.spend(BLOCK)?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u32 =
            header.as_bytes()[..148].iter().chain(&header.as_bytes()[156..]).map(|b| u32::from(*b)).sum();
        match header.cksum() {
            Ok(claimed) if claimed == sum + 8 * 32 => Ok(Some(header)),
            _ => Err(Problem::Damaged("a tar header has a wrong checksum".into())),
        }
    }

    fn long_name(&mut self, size: u64) -> Result<Vec<u8>, Problem> {
        let mut name = self.extension(size)?;
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        name.truncate(end);
        Ok(name)
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, Problem> {
        if size > MAX_EXTENSION {
            let what = "the length of a path".to_owned();
            return Err(Problem::TooBig { what, limit: format!("{MAX_EXTENSION} bytes") });
        }
        self.begin_data(size);
        let mut bytes = Vec::with_capacity(size as usize);
        self.read_to_end(&mut bytes).map_err(damaged)?;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Problem> {
        self.spend(bytes)?;
        self.left = 0;
        self.padding = 0;
        let skipped = io::copy(&mut self.inner.by_ref().take(bytes), &mut io::sink()).map_err(damaged)?;
        if skipped < bytes {
            return Err(Problem::Damaged("its tar stream ends inside an entry".into()));
        }
        Ok(())
    }

    fn spend(&mut self, bytes: u64) -> Result<(), Problem> {
        self.budget = self.budget.checked_sub(bytes).ok_or_else(|| Problem::TooBig {
            what: "its decompressed size".into(),
            limit: format!("the {} bytes that its metadata allows for", self.limit),
        })?;
        Ok(())
    }
}

impl<R: Read> Read for TarReader<R> {
    /// The content of the current entry.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let read = self.inner.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "its tar stream ends inside an entry"));
        }
        self.spend(read as u64).map_err(io::Error::other)?;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Extensions {
    /// Takes `path`, `linkpath` and `size` from PAX records (`LENGTH KEY=VALUE\n`).
    fn read_pax(&mut self, mut records: &[u8]) -> Result<(), Problem> {
        let malformed = || Problem::Damaged("a PAX record is malformed".into());
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ').ok_or_else(malformed)?;
            let length =
                std::str::from_utf8(&records[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let length = length.filter(|length| *length > space + 1 && *length <= records.len());
            let (record, rest) = records.split_at(length.ok_or_else(malformed)?);
            let record = record[space + 1..].strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.pax_path = Some(value.to_vec()),
                b"linkpath" => self.pax_link = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                    self.size = Some(size.filter(|size| *size < MAX_SIZE).ok_or_else(malformed)?);
                }
                key if key.starts_with(b"GNU.sparse.") => {
                    let path = String::from_utf8_lossy(self.pax_path.as_deref().unwrap_or(b"?")).into_owned();
                    return Err(Problem::Special { path, kind: "sparse file" });
                }
                _ => {}
            }
            records = rest;
        }
        Ok(())
    }
}

/// A path without `.` components and doubled slashes; refuses those that leave the archive.
fn relative_path(raw: &[u8]) -> Result<Option<String>, Problem> {
    let shown = || String::from_utf8_lossy(raw).into_owned();
    if raw.starts_with(b"/") {
        return Err(Problem::path(&shown(), "is absolute"));
    }
    let components = || raw.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    if components().any(|part| part == b"..") {
        return Err(Problem::path(&shown(), "leads out of the package"));
    }
    if raw.contains(&0) {
        return Err(Problem::path(&shown(), "holds a NUL byte"));
    }
    Ok(String::from_utf8(components().collect::<Vec<_>>().join(&b'/')).ok())
}

/// What a decompressor or a reader of a truncated stream reports.
pub(crate) fn damaged(error: io::Error) -> Problem {
    match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => Problem::Damaged(error.to_string()),
    }
}
