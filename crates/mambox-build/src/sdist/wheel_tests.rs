//! Wheels in their one form, and in the cache.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use mambox_oci::Digest;
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::canonical;
use super::error::SdistProblem;
use super::wheels::Wheels;
use crate::cancel::CancelOnDrop;

const NAME: &str = "tool-1.0-py3-none-any.whl";

/// A wheel as somebody packed it.
fn packed(members: &[(&str, u32)], method: CompressionMethod, time: DateTime) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method).last_modified_time(time);
    for (name, mode) in members {
        if name.ends_with('/') {
            zip.add_directory(*name, options).unwrap();
        } else {
            zip.start_file(*name, options.unix_permissions(*mode)).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

/// The same wheel in its one form.
fn rewritten(bytes: &[u8]) -> Result<Vec<u8>, SdistProblem> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, bytes).unwrap();
    let out = File::create_new(&to).unwrap();
    let guard = CancelOnDrop::default();
    canonical::rewrite(&from, NAME, &out, &to, &guard.watch())?;
    Ok(std::fs::read(&to).unwrap())
}

const MEMBERS: [(&str, u32); 7] = [
    ("tool-1.0.dist-info/RECORD", 0o664),
    ("tool/ü.py", 0o600),
    ("tool-1.0.dist-info/WHEEL", 0o644),
    ("tool/__init__.py", 0o644),
    ("zz.pth", 0o644),
    ("tool-1.0.dist-info/METADATA", 0o644),
    ("tool-1.0.data/scripts/run", 0o755),
];

#[test]
fn packing_does_not_count() {
    let noon = DateTime::from_date_and_time(2024, 2, 29, 12, 0, 0).unwrap();
    let expected = rewritten(&packed(&MEMBERS, CompressionMethod::Stored, DateTime::default())).unwrap();
    let mut reversed: Vec<(&str, u32)> = MEMBERS.into_iter().rev().collect();
    reversed.push(("tool/", 0o755));
    assert_eq!(rewritten(&packed(&reversed, CompressionMethod::Deflated, noon)).unwrap(), expected);
    assert_eq!(rewritten(&expected).unwrap(), expected, "twice is once");
    insta::assert_snapshot!(Digest::of(&expected), @"sha256:41533d5c9a915becfb7cd14dcb1197ac5c88a3e7cb59779b45065a4d30d61b3a");
    let mut zip = ZipArchive::new(Cursor::new(&expected)).unwrap();
    let mut told = String::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).unwrap();
        let name = member.name().unwrap().into_owned();
        let (mode, time) = (member.unix_mode().unwrap(), member.last_modified().unwrap());
        told += &format!("{mode:o} {time} {name}\n");
        assert_eq!(std::io::read_to_string(&mut member).unwrap(), name, "what a file holds stays");
    }
    insta::assert_snapshot!(told, @r"
    100755 1980-01-01 00:00:00 tool-1.0.data/scripts/run
    100644 1980-01-01 00:00:00 tool/__init__.py
    100644 1980-01-01 00:00:00 tool/ü.py
    100644 1980-01-01 00:00:00 zz.pth
    100644 1980-01-01 00:00:00 tool-1.0.dist-info/METADATA
    100644 1980-01-01 00:00:00 tool-1.0.dist-info/WHEEL
    100644 1980-01-01 00:00:00 tool-1.0.dist-info/RECORD
    ");
}

#[test]
fn what_is_no_wheel_is_refused() {
    let stored = |members: &[(&str, u32)]| packed(members, CompressionMethod::Stored, DateTime::default());
    let but = |extra: &[(&'static str, u32)]| stored(&[&MEMBERS[..], extra].concat());
    let mut damaged = stored(&MEMBERS);
    let at = damaged.windows(6).position(|window| window == b"zz.pth").unwrap();
    damaged[at + 6] ^= 1;
    let told = [
        but(&[("../x", 0o644)]),
        but(&[("/x", 0o644)]),
        but(&[("tool\\x", 0o644)]),
        but(&[("other-1.0.dist-info/WHEEL", 0o644)]),
        stored(&MEMBERS[1..]),
        stored(&[("tool.py", 0o644)]),
        damaged,
        b"no zip".to_vec(),
    ]
    .map(|bytes| rewritten(&bytes).map(|_| "taken".to_owned()).unwrap_or_else(|problem| problem.to_string()));
    insta::assert_snapshot!(told.join("\n"), @r"
    its build backend made tool-1.0-py3-none-any.whl, which has '../x', which is no path inside
    its build backend made tool-1.0-py3-none-any.whl, which has '/x', which is no path inside
    its build backend made tool-1.0-py3-none-any.whl, which has 'tool\\x', which is no path inside
    its build backend made tool-1.0-py3-none-any.whl, which has 2 folders .dist-info, where wheels have one
    its build backend made tool-1.0-py3-none-any.whl, which has no tool-1.0.dist-info/RECORD
    its build backend made tool-1.0-py3-none-any.whl, which has 0 folders .dist-info, where wheels have one
    its build backend made tool-1.0-py3-none-any.whl, which has 'zz.pth', which is damaged: Invalid checksum
    its build backend made tool-1.0-py3-none-any.whl, which is damaged, or no usual zip (invalid Zip archive: Could not find EOCD)
    ");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..900, byte: u8) {
        let mut wheel = packed(&MEMBERS, CompressionMethod::Deflated, DateTime::default());
        let length = wheel.len();
        wheel[at % length] = byte;
        let _ = rewritten(&wheel);
        let _ = rewritten(&bytes);
    }
}

fn entries(folder: &Path) -> usize {
    let shards = std::fs::read_dir(folder.join("wheels")).into_iter().flatten().flatten();
    shards.map(|shard| std::fs::read_dir(shard.path()).unwrap().count()).sum()
}

#[test]
fn a_wheel_is_kept_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (wheels, key) = (Wheels::new(folder.path()), Digest::of(b"key"));
    let full = |_: &mut File, path: &Path| {
        Err(SdistProblem::io("cannot write", path)(std::io::ErrorKind::StorageFull.into()))
    };
    assert!(wheels.insert(key, NAME, full).is_err());
    assert_eq!((wheels.get(key), entries(folder.path())), (None, 0), "nothing half-written stays");
    let write = |text: &'static str| {
        move |file: &mut File, path: &Path| {
            file.write_all(text.as_bytes()).map_err(SdistProblem::io("cannot write", path))
        }
    };
    let stored = wheels.insert(key, NAME, write("wheel")).unwrap();
    assert_eq!((wheels.get(key), stored.size), (Some(stored.clone()), 5));
    assert_eq!(wheels.insert(key, NAME, write("other")).unwrap(), stored, "the first stays");
    std::fs::write(&stored.path, "while").unwrap();
    assert_eq!(wheels.get(key), None, "the same size, other bytes");
    assert_eq!(wheels.insert(key, NAME, write("wheel")).unwrap(), stored);
    let about = stored.path.with_file_name("wheel.json");
    let escape = std::fs::read_to_string(&about).unwrap().replace(NAME, "../x.whl");
    std::fs::write(&about, escape).unwrap();
    assert_eq!(wheels.get(key), None, "a name that is none");
}
