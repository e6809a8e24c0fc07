//! The container of `.conda` packages: a zip of stored members (CEP 35).

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use serde::Deserialize;
use zip::{CompressionMethod, ZipArchive};

use super::source::{Part, READ_BUFFER, ReadSeek};
use crate::error::Problem;

/// Largest zstd window, 128 MiB: what `zstd --ultra -22` makes and rattler reads.
const ZSTD_WINDOW_LOG: u32 = 27;
/// More members than this has no `.conda` file; honest ones have three.
const MAX_MEMBERS: usize = 64;
const METADATA: &str = "metadata.json";
/// The one version of the format there is.
const VERSION: u64 = 2;

/// Where a member's bytes lie, and their checksum.
struct Member {
    start: u64,
    size: u64,
    crc: u32,
}

#[derive(Deserialize)]
struct Metadata {
    conda_pkg_format_version: u64,
}

/// The decompressed tar stream of one part.
pub(super) fn open(mut reader: Box<dyn ReadSeek>, part: Part) -> Result<impl Read + Send, Problem> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    let mut zip = ZipArchive::new(BufReader::new(reader)).map_err(foreign)?;
    let member = find(&mut zip, part, length)?;
    let mut reader = zip.into_inner().into_inner();
    reader.seek(SeekFrom::Start(member.start))?;
    let checked = CrcReader { inner: reader.take(member.size), crc: Crc::new(), expected: member.crc };
    let buffered = BufReader::with_capacity(READ_BUFFER, checked);
    let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// Checks the container and finds the part's one member in it.
fn find<R: Read + Seek>(zip: &mut ZipArchive<R>, part: Part, length: u64) -> Result<Member, Problem> {
    if zip.len() > MAX_MEMBERS {
        let what = "the number of its zip members".to_owned();
        return Err(Problem::TooBig { what, limit: MAX_MEMBERS.to_string() });
    }
    let (begins, missing) = match part {
        Part::Info => ("info-", "info-*.tar.zst inside"),
        Part::Payload => ("pkg-", "pkg-*.tar.zst inside"),
    };
    let mut found = None;
    let mut has_metadata = false;
    for index in 0..zip.len() {
        let member = zip.by_index_raw(index).map_err(foreign)?;
        let name = member.name().map_err(foreign)?.into_owned();
        if name == METADATA {
            check_version(member)?;
            has_metadata = true;
        } else if name.starts_with(begins) && name.ends_with(".tar.zst") {
            if member.compression() != CompressionMethod::Stored || member.encrypted() {
                return Err(Problem::NotConda(format!("its member {name} is not merely stored")));
            }
            let start = member.data_start().unwrap_or(u64::MAX);
            if start.checked_add(member.size()).is_none_or(|end| end > length) {
                return Err(Problem::Damaged(format!("its member {name} is cut short")));
            }
            let member = Member { start, size: member.size(), crc: member.crc32() };
            if found.replace(member).is_some() {
                return Err(Problem::NotConda(format!("it has more than one {begins}*.tar.zst inside")));
            }
        }
    }
    if !has_metadata {
        return Err(Problem::Missing("metadata.json inside, by which .conda files tell their version"));
    }
    found.ok_or(Problem::Missing(missing))
}

fn check_version(member: impl Read) -> Result<(), Problem> {
    let mut text = Vec::new();
    member.take(64 * 1024).read_to_end(&mut text)?;
    let invalid = |why| Problem::Metadata { file: METADATA, why };
    let metadata: Metadata = serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
    match metadata.conda_pkg_format_version {
        VERSION => Ok(()),
        other => Err(invalid(format!(
            "version {other} of the format is unknown; this program reads version {VERSION}"
        ))),
    }
}

fn foreign(error: zip::result::ZipError) -> Problem {
    Problem::NotConda(format!("it is no zip file, or cut short ({error}); fetch it again"))
}

/// Compares the checksum at the end of a member.
struct CrcReader<R> {
    inner: R,
    crc: Crc,
    expected: u32,
}

impl<R: Read> Read for CrcReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a zip member has a wrong checksum"));
        }
        Ok(read)
    }
}
