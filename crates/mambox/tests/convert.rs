//! Images in other forms.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{build, channel, digest, mambox, ok, write_environment};

#[test]
fn a_conversion_changes_nothing_but_the_form() {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    let built = digest(&env, &build(&["-o", "a.tar", "-o", "built.sif"]));
    for (source, output) in [("a.tar", "oci:layout"), ("a.tar", "one.sif"), ("oci:layout", "two.sif")] {
        let words = ["convert", source, output, "--platform", "linux/amd64"];
        assert_eq!(digest(&env, &words), built, "{source} to {output}");
    }
    for file in ["one.sif", "two.sif"] {
        assert!(env.read(file) == env.read("built.sif"), "{file}: the same image is the same file");
    }
}

#[test]
fn json_tells_what_was_written() {
    let env = mambox();
    let run = ok(&env, &["convert", "scratch", "x.sif", "--platform", "linux/arm64", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["source"], &report["output"]["reference"]), (&"scratch".into(), &"x.sif".into()));
    assert_eq!(&env.read("x.sif")[45..47], b"04", "the architecture");
}

#[test]
fn what_cannot_be_converted_is_told() {
    let env = mambox();
    let said = |words: &[&str]| {
        let run = env.run(words);
        assert!(!run.success());
        format!("{}: {}", run.code.unwrap(), run.stderr)
    };
    insta::assert_snapshot!(said(&["convert", "scratch", "somewhere"]), @"2: error: 'somewhere' does not say what to write; write somewhere.tar for a file, docker://somewhere to push");
    insta::assert_snapshot!(said(&["convert", "missing.sif", "y.tar"]), @"
    2: base      missing.sif
    error: cannot read missing.sif: No such file or directory (os error 2)
    ");
    ok(&env, &["convert", "scratch", "x.sif", "--platform", "linux/amd64"]);
    insta::assert_snapshot!(said(&["convert", "x.sif", "y.tar"]), @"
    2: base      x.sif
    error: x.sif is an Apptainer image (SIF); an image or a root file system is a tar, plain or compressed with gzip or zstd, or a folder
    ");
    insta::assert_snapshot!(said(&["convert", "sif:x", "y.tar"]), @"2: error: 'sif:x' can be written, but not read; use the image that it was made of, such as oci:DIR or docker://NAME");
    insta::assert_snapshot!(said(&["convert", "scratch", "x.sif", "--sif-compression", "xz"]), @"
    2: error: invalid value 'xz' for '--sif-compression <CODEC[:LEVEL]>': 'xz' is no compression: use gzip[:1-9], zstd[:1-19] or none

    For more information, try '--help'.
    ");
}
