//! The container format: a header, 48 descriptors, data objects (github.com/apptainer/sif, pkg/sif).
//!
//! All numbers are little-endian. Room for more descriptors is what lets `apptainer sign` add its own.

use std::io::{self, Write};

/// Where descriptors begin.
const DESCRIPTORS: u64 = 4096;
const DESCRIPTOR_COUNT: usize = 48;
const DESCRIPTOR_SIZE: usize = 585;
/// Where data objects begin: right behind the descriptors, used or not.
pub(super) const DATA: u64 = DESCRIPTORS + (DESCRIPTOR_COUNT * DESCRIPTOR_SIZE) as u64;
/// A partition begins at a page, so that it can be mounted.
pub(super) const PAGE: u64 = 4096;

const LAUNCH: &[u8] = b"#!/usr/bin/env run-singularity\n";
const NAME_SIZE: usize = 128;
const EXTRA_SIZE: usize = 384;
/// Group 1; the high bits mark it as one.
const GROUP: u32 = 0xf000_0001;

/// What a data object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Definition,
    Json,
    /// The primary system partition, SquashFS.
    System,
}

/// A data object on its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// The whole file but its data.
#[derive(Debug, Clone)]
pub(super) struct Container {
    /// A UUID.
    pub(super) id: [u8; 16],
    /// Seconds since the epoch, of everything.
    pub(super) time: i64,
    pub(super) architecture: [u8; 2],
    /// In the order of their places.
    pub(super) objects: Vec<Object>,
}

impl Container {
    /// Writes header and descriptors: the first [`DATA`] bytes of the file.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut bytes = self.header();
        bytes.resize(DESCRIPTORS as usize, 0);
        let mut end = DATA;
        for (number, object) in (1u32..).zip(&self.objects) {
            bytes.extend(self.descriptor(number, object, end));
            end = object.offset + object.size;
        }
        bytes.resize(DATA as usize, 0);
        out.write_all(&bytes)
    }

    fn header(&self) -> Vec<u8> {
        let mut bytes = padded(LAUNCH, 32);
        bytes.extend(b"SIF_MAGIC\0");
        bytes.extend(b"01\0");
        bytes.extend(self.architecture);
        bytes.push(0);
        bytes.extend(self.id);
        let end = self.objects.last().map_or(DATA, |last| last.offset + last.size);
        let numbers = [
            self.time,
            self.time,
            (DESCRIPTOR_COUNT - self.objects.len()) as i64,
            DESCRIPTOR_COUNT as i64,
            DESCRIPTORS as i64,
            (DESCRIPTOR_COUNT * DESCRIPTOR_SIZE) as i64,
            DATA as i64,
            (end - DATA) as i64,
        ];
        bytes.extend(numbers.into_iter().flat_map(i64::to_le_bytes));
        bytes
    }

    /// `before` is where the object before it ends.
    fn descriptor(&self, number: u32, object: &Object, before: u64) -> Vec<u8> {
        let kind: i32 = match object.kind {
            Kind::Definition => 0x4001,
            Kind::System => 0x4004,
            Kind::Json => 0x4006,
        };
        let mut bytes = kind.to_le_bytes().to_vec();
        // In use.
        bytes.push(1);
        // Linked to nothing.
        bytes.extend([number, GROUP, 0].into_iter().flat_map(u32::to_le_bytes));
        let with_padding = object.offset + object.size - before;
        bytes.extend([object.offset, object.size, with_padding].into_iter().flat_map(u64::to_le_bytes));
        // Created, modified, and two numbers of old for the owner.
        bytes.extend([self.time, self.time, 0, 0].into_iter().flat_map(i64::to_le_bytes));
        bytes.extend(padded(object.name.as_bytes(), NAME_SIZE));
        let mut extra = Vec::new();
        if object.kind == Kind::System {
            // SquashFS; primary system.
            extra.extend([1i32, 2].into_iter().flat_map(i32::to_le_bytes));
            extra.extend(self.architecture);
        }
        bytes.extend(padded(&extra, EXTRA_SIZE));
        bytes
    }
}

fn padded(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(size, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of a file that Apptainer 1.4.5 wrote.
    #[test]
    fn header_and_descriptors_lie_as_apptainer_writes_them() {
        let object = |kind, name, offset, size| Object { kind, name, offset, size };
        let container = Container {
            id: *b"0123456789abcdef",
            time: 1,
            architecture: *b"02",
            objects: vec![
                object(Kind::Definition, "", 32176, 43),
                object(Kind::Json, "oci-config.json", 32219, 467),
                object(Kind::System, "", 36864, 8192),
            ],
        };
        let mut bytes = Vec::new();
        container.write(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, DATA);
        assert_eq!(DATA, 32176);
        let dump = |from: usize, length: usize| -> String {
            let lines = bytes[from..from + length].chunks(16);
            lines.map(|line| line.escape_ascii().to_string() + "\n").collect()
        };
        insta::assert_snapshot!(dump(0, 128), @r"
        #!/usr/bin/env r
        un-singularity\n\x00
        SIF_MAGIC\x0001\x0002\x00
        0123456789abcdef
        \x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00
        -\x00\x00\x00\x00\x00\x00\x000\x00\x00\x00\x00\x00\x00\x00
        \x00\x10\x00\x00\x00\x00\x00\x00\xb0m\x00\x00\x00\x00\x00\x00
        \xb0}\x00\x00\x00\x00\x00\x00P2\x00\x00\x00\x00\x00\x00
        ");
        insta::assert_snapshot!(dump(4096 + 585, 96), @r"
        \x06@\x00\x00\x01\x02\x00\x00\x00\x01\x00\x00\xf0\x00\x00\x00
        \x00\xdb}\x00\x00\x00\x00\x00\x00\xd3\x01\x00\x00\x00\x00\x00
        \x00\xd3\x01\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00
        \x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
        \x00\x00\x00\x00\x00\x00\x00\x00\x00oci-con
        fig.json\x00\x00\x00\x00\x00\x00\x00\x00
        ");
        insta::assert_snapshot!(dump(4096 + 2 * 585, 80), @r"
        \x04@\x00\x00\x01\x03\x00\x00\x00\x01\x00\x00\xf0\x00\x00\x00
        \x00\x00\x90\x00\x00\x00\x00\x00\x00\x00 \x00\x00\x00\x00\x00
        \x00R0\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00
        \x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
        \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00
        ");
        insta::assert_snapshot!(dump(4096 + 2 * 585 + 73 + NAME_SIZE, 16), @r"\x01\x00\x00\x00\x02\x00\x00\x0002\x00\x00\x00\x00\x00\x00");
    }
}
