//! What other programs left in a prefix.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Told, World, options, write};
use mambox_prefix::PrefixError;

/// Section 6 of the micromamba reference: records, of micromamba with empty fields and of old conda with missing ones.
#[test]
fn records_of_all_installers_are_read_by_name() {
    let world = World::new();
    let meta = world.prefix.path().join("conda-meta");
    let micromamba = r#"{"name":"zlib","version":"1.3","build":"h0","build_string":"h0","build_number":1,"subdir":"linux-64",
        "channel":"https://conda.anaconda.org/conda-forge/linux-64","fn":"zlib-1.3-h0.conda","md5":"","sha256":"","license":"",
        "url":"https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h0.conda","depends":null,"noarch":null,"timestamp":0,
        "track_features":"","requested_spec":"zlib >=1","files":["lib/libz.so"],"size":0,
        "link":{"source":"/pkgs/zlib-1.3-h0","type":1},
        "paths_data":{"paths_version":1,"paths":[{"_path":"lib/libz.so","path_type":"hardlink","sha256":"","sha256_in_prefix":""}]}}"#;
    let old_conda = r#"{"name":"attrs","version":"19.1","build":"py_0","files":["x"],"requested_spec":"None","link":null}"#;
    write(&meta.join("zlib-1.3-h0.json"), micromamba.as_bytes(), 0o644);
    write(&meta.join("attrs-19.1-py_0.json"), old_conda.as_bytes(), 0o644);
    write(&world.prefix.path().join("lib/libz.so"), b"", 0o644);
    let records = world.prefix.records().unwrap();
    let names: Vec<String> = records.iter().map(|record| record.file_name()).collect();
    assert_eq!(names, ["attrs-19.1-py_0.json", "zlib-1.3-h0.json"]);
    assert!(world.prefix.is_environment());
    insta::assert_debug_snapshot!(world.prefix.requested().unwrap(), @r#"
    {
        "zlib": "zlib >=1",
    }
    "#);
    world.try_change(&["zlib", "attrs"], &[], &options(), &Told::default()).unwrap();
    insta::assert_snapshot!(world.listing(), @"
    conda-meta/
    conda-meta/history 644
    ");
}

#[test]
fn a_broken_record_is_named() {
    let world = World::new();
    write(&world.prefix.path().join("conda-meta/x-1-0.json"), b"{", 0o644);
    let error = world.prefix.records().unwrap_err();
    assert!(
        matches!(&error, PrefixError::Damaged { path, .. } if path.ends_with("conda-meta/x-1-0.json")),
        "{error}"
    );
}

#[test]
fn a_record_that_lists_paths_elsewhere_does_no_harm() {
    let world = World::new();
    let outside = world.root.path().join("outside");
    write(&outside, b"precious", 0o644);
    let record = r#"{"name":"x","version":"1","build":"0","files":["../outside","conda-meta/history","in"]}"#;
    write(&world.prefix.path().join("conda-meta/x-1-0.json"), record.as_bytes(), 0o644);
    write(&world.prefix.path().join("in"), b"", 0o644);
    let told = world.change(&["x"], &[]);
    assert!(outside.exists() && world.exists("conda-meta/history") && !world.exists("in"));
    insta::assert_snapshot!(told.warnings(), @"
    the record of x-1-0 lists '../outside', which is not in the environment; left alone
    the record of x-1-0 lists 'conda-meta/history', which is not in the environment; left alone
    ");
}

#[test]
fn a_prefix_that_is_not_there_is_empty() {
    let world = World::new();
    assert!(!world.prefix.is_environment());
    assert!(world.prefix.records().unwrap().is_empty() && world.prefix.requested().unwrap().is_empty());
    assert!(world.prefix.pinned().unwrap().is_empty() && world.prefix.variables().unwrap().is_empty());
    assert!(
        mambox_prefix::Prefix::new("relative").is_err() && mambox_prefix::Prefix::new("/a/../b").is_err()
    );
    assert_eq!(mambox_prefix::Prefix::new("/opt//conda/").unwrap().path().to_str(), Some("/opt/conda"));
}

#[test]
fn pins_are_lines() {
    let world = World::new();
    write(
        &world.prefix.path().join("conda-meta/pinned"),
        b"# mine\npython 3.12.*\n\nnumpy <2 # old\n",
        0o644,
    );
    assert_eq!(world.prefix.pinned().unwrap(), ["python 3.12.*", "numpy <2"]);
}
