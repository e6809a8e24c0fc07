//! A zip writer that can lie (APPNOTE 4.3.7, 4.3.12, 4.3.16). Honest zips come out the same on every run.

use std::io::Write;

/// 2023-11-14 22:13:20, in the two numbers of DOS: [`DEFAULT_MTIME`](crate::DEFAULT_MTIME) in UTC.
const DOS_TIME: u16 = (22 << 11) | (13 << 5) | (20 / 2);
const DOS_DATE: u16 = ((2023 - 1980) << 9) | (11 << 5) | 14;

/// A member, and what the zip says of it.
#[derive(Clone, Debug)]
pub(super) struct ZipMember {
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
    /// Type and permissions.
    pub(super) mode: u32,
    pub(super) stored: bool,
    /// What it declares in place of its size.
    pub(super) declared_size: Option<u32>,
    /// In place of the method that was used.
    pub(super) declared_method: Option<u16>,
    pub(super) encrypted: bool,
    /// The name in the local header, if it is another.
    pub(super) local_name: Option<Vec<u8>>,
}

impl ZipMember {
    fn compressed(&self) -> Vec<u8> {
        if self.stored {
            return self.content.clone();
        }
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(&self.content).expect("memory compresses");
        encoder.finish().expect("memory compresses")
    }

    /// The fields that both kinds of header have, from the version to extract on.
    fn common(&self, data: &[u8], name: &[u8]) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(&self.content);
        // UTF-8 names, and perhaps encryption.
        let flags = 0x800 | u16::from(self.encrypted);
        let method = self.declared_method.unwrap_or(if self.stored { 0 } else { 8 });
        let size = self.declared_size.unwrap_or(self.content.len() as u32);
        let mut out = Vec::new();
        for number in [20, flags, method, DOS_TIME, DOS_DATE] {
            out.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), data.len() as u32, size] {
            out.extend(number.to_le_bytes());
        }
        out.extend((name.len() as u16).to_le_bytes());
        // No extra field.
        out.extend([0, 0]);
        out
    }
}

/// The zip file of these members, in their order.
pub(super) fn zip(members: &[ZipMember]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for member in members {
        let offset = out.len() as u32;
        let data = member.compressed();
        let local_name = member.local_name.as_ref().unwrap_or(&member.name);
        out.extend(b"PK\x03\x04");
        out.extend(member.common(&data, local_name));
        out.extend(local_name);
        out.extend(&data);
        central.extend(b"PK\x01\x02");
        // Made by Unix, version 2.0 of the format.
        central.extend([20, 3]);
        central.extend(member.common(&data, &member.name));
        // No comment, the first disk, no internal attributes.
        central.extend([0; 6]);
        central.extend((member.mode << 16).to_le_bytes());
        central.extend(offset.to_le_bytes());
        central.extend(&member.name);
    }
    let start = out.len() as u32;
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((central.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
