//! Changing what a zip says of a member, in its local header and its central directory alike (APPNOTE 4.3.7, 4.3.12).

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";

/// Offsets, from the start of a header, of the fields that both kinds of header have.
struct Fields {
    signature: [u8; 4],
    crc: usize,
    name_length: usize,
    name: usize,
}

const HEADERS: [Fields; 2] = [
    Fields { signature: LOCAL, crc: 14, name_length: 26, name: 30 },
    Fields { signature: CENTRAL, crc: 16, name_length: 28, name: 46 },
];

/// The zip with `change` applied to both sizes (compressed and not) of the member whose name starts with `member`.
pub(crate) fn resize_member(zip: &[u8], member: &str, change: impl Fn(u32) -> u32) -> Vec<u8> {
    patch(zip, member, |header, crc| {
        for at in [crc + 4, crc + 8] {
            let size = u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
            header[at..at + 4].copy_from_slice(&change(size).to_le_bytes());
        }
    })
}

/// The zip with another CRC-32 for that member.
pub(crate) fn corrupt_crc(zip: &[u8], member: &str) -> Vec<u8> {
    patch(zip, member, |header, crc| header[crc] ^= 0xff)
}

fn patch(zip: &[u8], member: &str, change: impl Fn(&mut [u8], usize)) -> Vec<u8> {
    let mut zip = zip.to_vec();
    let mut patched = 0;
    for fields in HEADERS {
        for at in 0..zip.len().saturating_sub(fields.name) {
            let header = &mut zip[at..];
            if !header.starts_with(&fields.signature) || !header[fields.name..].starts_with(member.as_bytes())
            {
                continue;
            }
            assert!(
                header[fields.name_length] as usize >= member.len(),
                "a header's name is as long as it says"
            );
            change(header, fields.crc);
            patched += 1;
        }
    }
    assert_eq!(patched, 2, "the member {member} has a local header and a central one");
    zip
}
