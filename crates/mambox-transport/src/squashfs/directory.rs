//! Listings of folders.

use super::inode::Type;
use super::metadata::Position;

/// The most entries under one header.
const RUN: usize = 256;

/// One name in a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a [u8],
    pub(super) inode: Position,
    pub(super) number: u32,
    pub(super) kind: Type,
}

/// The listing of entries that are sorted by name: runs under headers, each of inodes in one metadata block
/// whose numbers are near one another.
pub(super) fn listing(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = entries;
    while let Some(first) = left.first() {
        let fits = |entry: &&Entry<'_>| {
            entry.inode.block == first.inode.block && difference(entry.number, first.number).is_some()
        };
        let run = left.iter().take(RUN).take_while(fits).count();
        for word in [run as u32 - 1, first.inode.block, first.number] {
            bytes.extend(word.to_le_bytes());
        }
        for entry in &left[..run] {
            bytes.extend(entry.inode.offset.to_le_bytes());
            bytes.extend(difference(entry.number, first.number).unwrap_or(0).to_le_bytes());
            bytes.extend((entry.kind as u16).to_le_bytes());
            bytes.extend((entry.name.len() as u16 - 1).to_le_bytes());
            bytes.extend_from_slice(entry.name);
        }
        left = &left[run..];
    }
    bytes
}

fn difference(number: u32, base: u32) -> Option<i16> {
    i16::try_from(i64::from(number) - i64::from(base)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &'static [u8], block: u32, number: u32) -> Entry<'static> {
        Entry { name, inode: Position { block, offset: 1 }, number, kind: Type::File }
    }

    /// Counts headers by walking the listing as a reader does.
    fn headers(bytes: &[u8]) -> usize {
        let (mut at, mut headers) = (0, 0);
        let half = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize;
        while at < bytes.len() {
            headers += 1;
            let count = half(at) + 1;
            at += 12;
            for _ in 0..count {
                at += 8 + half(at + 6) + 1;
            }
        }
        assert_eq!(at, bytes.len());
        headers
    }

    #[test]
    fn a_header_holds_for_one_block_and_numbers_near_one_another() {
        assert_eq!(listing(&[]).len(), 0);
        assert_eq!(headers(&listing(&[entry(b"a", 0, 1), entry(b"b", 0, 2)])), 1);
        assert_eq!(headers(&listing(&[entry(b"a", 0, 1), entry(b"b", 9, 2)])), 2);
        assert_eq!(headers(&listing(&[entry(b"a", 0, 1), entry(b"b", 0, 40_000)])), 2);
        assert_eq!(headers(&listing(&vec![entry(b"a", 0, 1); RUN + 1])), 2);
    }
}
