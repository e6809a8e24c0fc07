//! Tar streams as honest and as hostile programs write them.

use std::io::Read;

use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::tar_reader::{EntryKind, TarEntry, TarReader};
use crate::error::Problem;

const LIMIT: u64 = 1 << 20;

fn read_all(bytes: &[u8]) -> Result<Vec<(TarEntry, Vec<u8>)>, Problem> {
    let mut reader = TarReader::new(bytes, LIMIT, 100);
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        let mut content = Vec::new();
        reader.read_to_end(&mut content)?;
        entries.push((entry, content));
    }
    reader.finish()?;
    Ok(entries)
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o7755);
    header.set_mtime(42);
    header.set_cksum();
    header
}

fn sample() -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let long = "long/".repeat(60) + "name";
    builder.append_data(&mut header(EntryType::Regular, 5), "./a//b", b"hello".as_slice()).unwrap();
    builder.append_data(&mut header(EntryType::Regular, 3), &long, b"abc".as_slice()).unwrap();
    builder.append_link(&mut header(EntryType::Symlink, 0), "link", "../".repeat(50) + "x").unwrap();
    builder.append_link(&mut header(EntryType::Link, 0), "hard", "a/b").unwrap();
    builder.append_pax_extensions([("path", b"f\xc3\xbcr".as_slice()), ("mtime", b"1.5")]).unwrap();
    builder.append_data(&mut header(EntryType::Regular, 1), "ignored", b"x".as_slice()).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn long_names_and_pax_records_are_understood() {
    let entries = read_all(&sample()).unwrap();
    let paths: Vec<&str> = entries.iter().map(|(entry, _)| entry.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["a/b", &("long/".repeat(60) + "name"), "link", "hard", "für"]);
    assert_eq!(entries[0].1, b"hello");
    assert_eq!(entries[0].0.mode, 0o755, "no special bits");
    assert_eq!(entries[2].0.kind, EntryKind::Symlink(("../".repeat(50) + "x").into()));
    assert_eq!(entries[3].0.kind, EntryKind::HardLink("a/b".into()));
}

#[test]
fn a_name_of_a_gigabyte_is_refused_unread() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader, EntryType::XGlobalHeader]
    {
        let bytes = header(kind, 1 << 30).as_bytes().to_vec();
        assert!(matches!(read_all(&bytes), Err(Problem::TooBig { .. })), "{kind:?}");
    }
}

#[test]
fn more_than_is_declared_is_refused() {
    let mut large = header(EntryType::Regular, LIMIT).as_bytes().to_vec();
    large.resize(large.len() + LIMIT as usize, 0);
    assert!(read_all(&large).is_err(), "read");
    let mut reader = TarReader::new(large.as_slice(), LIMIT, 100);
    assert!(reader.next_entry().is_ok());
    assert!(matches!(reader.next_entry(), Err(Problem::TooBig { .. })), "skipped");
    let mut many = Vec::new();
    (0..101).for_each(|_| many.extend(header(EntryType::Regular, 0).as_bytes()));
    assert!(matches!(read_all(&many), Err(Problem::TooBig { .. })));
}

#[test]
fn a_size_that_overflows_is_refused() {
    for size in [u64::MAX, u64::MAX - 511, 1 << 62] {
        assert!(read_all(header(EntryType::Regular, size).as_bytes()).is_err(), "{size}");
        let mut builder = Builder::new(Vec::new());
        builder.append_pax_extensions([("size", size.to_string().as_bytes())]).unwrap();
        let mut bytes = builder.into_inner().unwrap();
        bytes.truncate(1024);
        bytes.extend(header(EntryType::Regular, 0).as_bytes());
        assert!(read_all(&bytes).is_err(), "{size} in a PAX record");
    }
}

#[test]
fn every_cut_is_noticed_unless_it_is_between_entries() {
    let bytes = sample();
    let whole = read_all(&bytes).unwrap().len();
    for end in (1..bytes.len() - 1024).filter(|end| end % 512 != 0) {
        assert!(read_all(&bytes[..end]).is_err(), "cut at {end}");
    }
    for end in (0..bytes.len() - 1024).step_by(512) {
        assert!(read_all(&bytes[..end]).map_or(0, |entries| entries.len()) < whole, "cut at {end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn no_stream_makes_the_reader_panic_or_escape(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        repair in any::<bool>(),
    ) {
        let mut bytes = sample();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
            if repair {
                // A right checksum lets the change through to what lies behind it.
                let start = at / 512 * 512;
                let mut header = Header::new_old();
                header.as_mut_bytes().copy_from_slice(&bytes[start..start + 512]);
                header.set_cksum();
                bytes[start..start + 512].copy_from_slice(header.as_bytes());
            }
        }
        for (entry, content) in read_all(&bytes).unwrap_or_default() {
            prop_assert!(content.len() as u64 <= LIMIT);
            let path = entry.path.unwrap_or_default();
            prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".." || part == "."));
        }
    }
}
