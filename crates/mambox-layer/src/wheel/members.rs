//! The members of a wheel's zip file, as its central directory lists them, and their content as streams.

use std::io::{self, BufReader, Read};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, DateTime, ZipArchive};

use crate::archive::{READ_BUFFER, ReadSeek, Source, damaged};
use crate::error::Problem;
use crate::layer_tar::DIRECTORY_TIME;
use crate::link::refuse_whiteout;

/// The largest wheels have some 30 000 files.
const MAX_MEMBERS: usize = 1_000_000;
/// Bytes of all files together.
const MAX_TOTAL: u64 = 64 << 30;
/// The bits of a mode that tell the type of a file, and two of their values.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

type Reader = BufReader<Box<dyn ReadSeek>>;

/// A file of the wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its place in the central directory.
    index: usize,
    /// As the zip names it; checked.
    pub(super) path: String,
    /// Bytes of its content, as declared; [`Content`] holds it to that.
    pub(super) size: u64,
    pub(super) executable: bool,
    /// In seconds since the epoch; what the zip says is read as UTC, so that no time zone matters.
    pub(super) mtime: u64,
}

/// An open wheel.
pub(super) struct Members {
    zip: ZipArchive<Reader>,
    /// In the order of the central directory; folders are left out, since no wheel needs them.
    pub(super) files: Vec<Member>,
}

impl Members {
    /// Reads the central directory and holds the local headers to it.
    pub(super) fn open(source: &Source) -> Result<Self, Problem> {
        let reader = BufReader::with_capacity(READ_BUFFER, source.open()?);
        let mut zip = ZipArchive::new(reader).map_err(foreign)?;
        if zip.len() > MAX_MEMBERS {
            let what = "the number of its files".to_owned();
            return Err(Problem::TooBig { what, limit: MAX_MEMBERS.to_string() });
        }
        // Twice the same name, members that overlap, two stories about one member: no reader would know what is meant.
        zip.validate_header_consistency().map_err(foreign)?;
        let mut files = Vec::with_capacity(zip.len());
        let mut total = 0u64;
        for index in 0..zip.len() {
            let Some(member) = member(&mut zip, index)? else { continue };
            total = total.saturating_add(member.size);
            files.push(member);
        }
        if total > MAX_TOTAL {
            let what = "the size of its files".to_owned();
            return Err(Problem::TooBig { what, limit: format!("{MAX_TOTAL} bytes") });
        }
        Ok(Self { zip, files })
    }

    /// The content of one of [`Self::files`].
    pub(super) fn content(&mut self, member: &Member) -> Result<Content<'_>, Problem> {
        let inner = self.zip.by_index(member.index).map_err(foreign)?;
        Ok(Content { inner, left: member.size })
    }

    /// A small file whole; `None` where there is none.
    pub(super) fn read(&mut self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        let Some(member) = self.files.iter().find(|member| member.path == path).cloned() else {
            return Ok(None);
        };
        if member.size > limit {
            return Err(Problem::TooBig { what: format!("its {path}"), limit: format!("{limit} bytes") });
        }
        let mut bytes = Vec::new();
        self.content(&member)?.read_to_end(&mut bytes).map_err(damaged)?;
        Ok(Some(bytes))
    }
}

/// One entry of the central directory; `None` for a folder.
fn member(zip: &mut ZipArchive<Reader>, index: usize) -> Result<Option<Member>, Problem> {
    let entry = zip.by_index_data(index).map_err(foreign)?;
    let path = entry.name().map_err(foreign)?.into_owned();
    let folder = path.strip_suffix('/');
    mambox_link::check(folder.unwrap_or(&path))?;
    refuse_whiteout(&path)?;
    if path.contains('\\') {
        return Err(Problem::path(&path, "holds a backslash"));
    }
    if folder.is_some() {
        return Ok(None);
    }
    let refuse =
        |why: &str| Problem::NotInWheels { path: mambox_link::printable(&path), why: why.to_owned() };
    // Whatever system the zip says it comes from: pip does not look at that either.
    let mode = entry.external_attributes() >> 16;
    match mode & TYPE {
        0 | REGULAR => {}
        SYMLINK => {
            let why = "a symbolic link, which the format of wheels does not know (pip would write its target into a file); ask its authors for a wheel without links";
            return Err(refuse(why));
        }
        _ => return Err(refuse("which is neither a file nor a folder; this wheel is not to be trusted")),
    }
    if entry.encrypted() {
        return Err(refuse("which is encrypted; ask its authors for a wheel that is not"));
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::DEFLATE) {
        let why = "which is compressed by a method that wheels must not use (stored and deflate are allowed); ask its authors for another wheel";
        return Err(refuse(why));
    }
    Ok(Some(Member {
        index,
        size: entry.size(),
        executable: mode & TYPE == REGULAR && mode & 0o111 != 0,
        mtime: entry.last_modified().map_or(DIRECTORY_TIME, seconds),
        path,
    }))
}

fn foreign(error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => Problem::Io(error),
        error => Problem::NotWheel(format!("it is no zip file, a damaged or an ambiguous one ({error})")),
    }
}

/// A date and time as if in UTC; the days of the civil calendar by Howard Hinnant's formula.
fn seconds(time: DateTime) -> u64 {
    let (year, month, day) =
        (u64::from(time.year()), u64::from(time.month().clamp(1, 12)), u64::from(time.day()));
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.max(1) - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    const TO_1970: u64 = 719_468;
    let of_day = u64::from(time.hour()) * 3600 + u64::from(time.minute()) * 60 + u64::from(time.second());
    (days - TO_1970) * 86_400 + of_day
}

/// The content of a member: exactly as many bytes as the central directory says, of the checksum that it says.
pub(super) struct Content<'a> {
    inner: ZipFile<'a, Reader>,
    left: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        if read == 0 && self.left > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a member is shorter than declared"));
        }
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let problem = Problem::Damaged("a member is longer than declared".to_owned());
            io::Error::other(problem)
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_utc() {
        let at = |year, month, day, hour, minute, second| {
            seconds(DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap())
        };
        assert_eq!(at(1980, 1, 1, 0, 0, 0), DIRECTORY_TIME);
        assert_eq!(at(2000, 2, 29, 23, 59, 58), 951_868_798);
        assert_eq!(at(2000, 3, 1, 0, 0, 0), 951_868_800);
        assert_eq!(at(2023, 11, 14, 22, 13, 20), 1_700_000_000);
        assert_eq!(at(2107, 12, 31, 23, 59, 58), 4_354_819_198);
    }
}
