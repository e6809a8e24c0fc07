//! Zip archives whose every byte is decided here: members stored, one date, no extra fields (APPNOTE 4.3).
//!
//! The zip crate would write them as well; but its versions may differ in what they put into headers, and the bytes of a
//! wheel decide a layer.

use std::io::{self, Read, Write};

/// 1980-01-01, 00:00, in DOS's words.
const DATE: u16 = 0x0021;
const TIME: u16 = 0;
/// Version 1.0 is enough to read stored members.
const NEEDED: u16 = 10;
/// Unix, version 2.0.
const MADE_BY: u16 = (3 << 8) | 20;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
const REGULAR: u32 = 0o100_000;
/// Members without the fields of zip64.
pub(super) const MOST_MEMBERS: usize = u16::MAX as usize - 1;

/// Writes members one after another.
pub(super) struct StoredZip<W> {
    out: W,
    at: u64,
    directory: Vec<u8>,
    members: usize,
}

/// What is known of a member before it is read.
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) executable: bool,
}

impl<W: Write> StoredZip<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, at: 0, directory: Vec::new(), members: 0 }
    }

    /// Adds a member. Whoever reads `content` has its size and checksum checked.
    pub(super) fn add(&mut self, member: &Member<'_>, content: &mut dyn Read) -> io::Result<()> {
        let (size, start, length) = (small(member.size)?, small(self.at)?, short(member.name.len())?);
        let flags = if member.name.is_ascii() { 0 } else { UTF8 };
        let mut common = Vec::new();
        for field in [NEEDED, flags, 0, TIME, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [member.crc, size, size] {
            common.extend(field.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend(0u16.to_le_bytes());
        let header = [b"PK\x03\x04", common.as_slice(), member.name.as_bytes()].concat();
        self.out.write_all(&header)?;
        let copied = io::copy(content, &mut self.out)?;
        if copied != member.size {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a member has another size than it says"));
        }
        self.at += header.len() as u64 + copied;
        self.directory.extend([b"PK\x01\x02", MADE_BY.to_le_bytes().as_slice(), &common].concat());
        // Comment's length, disk, internal attributes.
        self.directory.extend([0; 6]);
        let mode = REGULAR | if member.executable { 0o755 } else { 0o644 };
        self.directory.extend((mode << 16).to_le_bytes());
        self.directory.extend(start.to_le_bytes());
        self.directory.extend(member.name.as_bytes());
        self.members += 1;
        Ok(())
    }

    /// Writes the central directory.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let (members, start) = (short(self.members)?, small(self.at)?);
        self.out.write_all(&self.directory)?;
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend([members.to_le_bytes(), members.to_le_bytes()].concat());
        end.extend(small(self.directory.len() as u64)?.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend([0; 2]);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

fn small(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn short(number: usize) -> io::Result<u16> {
    u16::try_from(number).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "more than 4 GiB or 65534 files do not fit")
}
