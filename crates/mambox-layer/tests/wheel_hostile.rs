//! Wheels that nobody should believe are refused, each with a message that names the file and the fault.

mod common;

use mambox_testkit::{BuiltWheel, WheelBuilder};
use proptest::prelude::*;

use common::options;
use common::wheels::{build_wheels, wheel_refusal};

fn tool() -> WheelBuilder {
    WheelBuilder::new("tool", "1.0").file("tool.py", "x = 1\n")
}

/// A wheel by another file name.
fn renamed(wheel: &WheelBuilder, file_name: &str) -> BuiltWheel {
    BuiltWheel { file_name: file_name.to_owned(), ..wheel.finish() }
}

#[test]
fn paths_that_no_wheel_may_hold() {
    let paths = [
        "../escaped.py",
        "/etc/passwd",
        "a//b.py",
        "a\0b.py",
        "a\\b.py",
        ".wh.sh",
        "a/.wh..wh..opq",
        "tool-1.0.data/data/../../x",
        "tool-1.0.data/data/conda-meta/openssl-3.0-0.json",
        "tool-1.0.data/scripts/../x",
        "tool-1.0.data/library/x",
        "tool-1.0.data/x",
        "other-1.0.data/data/x",
        "tool-1.0.data/purelib/tool.py",
        "tool-1.0.data/data/lib/python3.13/site-packages/tool.py",
        "tool-1.0.data/purelib/tool-1.0.dist-info/RECORD",
        "tool.py/below",
        "tool-1.0.data/data/lib/python3.13/site-packages",
    ];
    let told: Vec<String> = paths
        .iter()
        .map(|path| {
            let message = wheel_refusal(&tool().file(path, "").finish());
            message.unwrap_or_else(|| panic!("{path:?} is taken for honest"))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    package tool-1.0-py3-none-any.whl: holds the path '../escaped.py', which leads out of the prefix; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path '/etc/passwd', which is absolute; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'a//b.py', which is not normalised; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'a\u{0}b.py', which holds a NUL byte; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'a\b.py', which holds a backslash; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path '.wh.sh', which would delete another file, since image layers mean that by .wh.; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'a/.wh..wh..opq', which would delete another file, since image layers mean that by .wh.; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'tool-1.0.data/data/../../x', which leads out of the prefix; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'conda-meta/openssl-3.0-0.json', which is a record that only installers write; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'tool-1.0.data/scripts/../x', which leads out of the prefix; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds 'tool-1.0.data/library/x', which is for the unknown scheme 'library' (known are purelib, platlib, scripts, data and headers); ask its authors for another wheel
    package tool-1.0-py3-none-any.whl: holds 'tool-1.0.data/x', which does not say where to go; ask its authors for another wheel
    package tool-1.0-py3-none-any.whl: holds 'other-1.0.data/data/x', which belongs to another distribution; ask its authors for a wheel without it
    package tool-1.0-py3-none-any.whl: holds the path 'lib/python3.13/site-packages/tool.py', which two files of this wheel would be installed to; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'lib/python3.13/site-packages/tool.py', which two files of this wheel would be installed to; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'lib/python3.13/site-packages/tool-1.0.dist-info/RECORD', which two files of this wheel would be installed to; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'lib/python3.13/site-packages/tool.py/below', which leads through a file of this wheel; this package is not to be trusted
    package tool-1.0-py3-none-any.whl: holds the path 'lib/python3.13/site-packages/tool.py', which leads through a file of this wheel; this package is not to be trusted
    ");
}

#[test]
fn zip_files_that_lie() {
    let cut = tool().finish();
    let wheels = [
        ("symbolic link", tool().symlink("link.py", "/etc/passwd").finish()),
        ("device", tool().file("dev", "").mode(0o020_644).finish()),
        ("one name twice", tool().duplicate("tool.py").finish()),
        ("more than declared", tool().bomb("zeros", 1 << 20, 10).finish()),
        ("less than declared", tool().bomb("zeros", 10, 1 << 20).finish()),
        ("declared to be huge", tool().bomb("zeros", 10, u32::MAX - 1).finish()),
        ("encrypted", tool().encrypted("tool.py").finish()),
        ("bzip2", tool().method("tool.py", 12).finish()),
        ("an unknown method", tool().method("tool.py", 77).finish()),
        ("another local name", tool().local_name("tool.py", "evil.py").finish()),
        ("no zip", tool().finish_with(b"<html>not found</html>".to_vec())),
        ("cut short", tool().finish_with(cut.bytes[..cut.bytes.len() / 2].to_vec())),
        ("without an end", tool().finish_with(cut.bytes[..cut.bytes.len() - 10].to_vec())),
        ("empty", tool().finish_with(Vec::new())),
    ];
    let told: Vec<String> = wheels
        .iter()
        .map(|(what, wheel)| {
            let message = wheel_refusal(wheel).unwrap_or_else(|| panic!("{what} is taken for honest"));
            format!("{what}: {}", message.replace("package tool-1.0-py3-none-any.whl: ", ""))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    symbolic link: holds 'link.py', a symbolic link, which the format of wheels does not know (pip would write its target into a file); ask its authors for a wheel without links
    device: holds 'dev', which is neither a file nor a folder; this wheel is not to be trusted
    one name twice: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: header inconsistency detected: duplicate file names in central directory)
    more than declared: is damaged or incomplete (File is larger than its declared uncompressed size); remove it from the package cache and fetch it again
    less than declared: is damaged or incomplete (a member is shorter than declared); remove it from the package cache and fetch it again
    declared to be huge: is damaged or incomplete (a member is shorter than declared); remove it from the package cache and fetch it again
    encrypted: holds 'tool.py', which is encrypted; ask its authors for a wheel that is not
    bzip2: holds 'tool.py', which is compressed by a method that wheels must not use (stored and deflate are allowed); ask its authors for another wheel
    an unknown method: holds 'tool.py', which is compressed by a method that wheels must not use (stored and deflate are allowed); ask its authors for another wheel
    another local name: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: header inconsistency detected: Local file header filename mismatch (does not match central directory))
    no zip: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: Could not find EOCD)
    cut short: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: Could not find EOCD)
    without an end: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: Unexpected end of zip::format::blocks::Zip32CDEBlock)
    empty: is no wheel that can be installed: it is no zip file, a damaged or an ambiguous one (invalid Zip archive: Could not find EOCD)
    ");
}

#[test]
fn records_that_do_not_vouch() {
    let md5 = "md5=1B2M2Y8AsgTpgAmY7PhCfg";
    let wrong = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let record = |text: &str| tool().info_file("RECORD", text).finish();
    let wheels = [
        ("wrong hash", tool().lie_hash("tool.py", wrong).finish()),
        ("weak hash", tool().lie_hash("tool.py", md5).finish()),
        ("no hash", tool().lie_hash("tool.py", "").finish()),
        ("half a hash", tool().lie_hash("tool.py", "sha256=47DEQpj8").finish()),
        ("no base64", tool().lie_hash("tool.py", "sha256=!!!").finish()),
        ("unlisted", tool().unlisted("tool.py").finish()),
        (
            "unlisted, though not installed",
            tool().info_file("INSTALLER", "").unlisted(&tool().info("INSTALLER")).finish(),
        ),
        ("two hashes", record(&format!("tool.py,{wrong},\ntool.py,{md5},\n"))),
        ("an empty RECORD", record("")),
        ("no text", tool().info_file("RECORD", [0xff, 0xfe]).finish()),
    ];
    let told: Vec<String> = wheels
        .iter()
        .map(|(what, wheel)| {
            let message = wheel_refusal(wheel).unwrap_or_else(|| panic!("{what} is taken for honest"));
            format!("{what}: {}", message.replace("package tool-1.0-py3-none-any.whl: ", ""))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    wrong hash: has a RECORD that does not vouch for 'tool.py': its sha256 is listed as 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU, but is nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q; take another version of it, or ask its authors for a wheel with a right RECORD
    weak hash: has a RECORD that does not vouch for 'tool.py': its hash md5=1B2M2Y8AsgTpgAmY7PhCfg is of none of the kinds sha256, sha384 and sha512; take another version of it, or ask its authors for a wheel with a right RECORD
    no hash: has a RECORD that does not vouch for 'tool.py': it is listed without a hash; take another version of it, or ask its authors for a wheel with a right RECORD
    half a hash: has a RECORD that does not vouch for 'tool.py': its hash sha256=47DEQpj8 is malformed; take another version of it, or ask its authors for a wheel with a right RECORD
    no base64: has a RECORD that does not vouch for 'tool.py': its hash sha256=!!! is malformed; take another version of it, or ask its authors for a wheel with a right RECORD
    unlisted: has a RECORD that does not vouch for 'tool.py': it is not listed; take another version of it, or ask its authors for a wheel with a right RECORD
    unlisted, though not installed: has a RECORD that does not vouch for 'tool-1.0.dist-info/INSTALLER': it is not listed; take another version of it, or ask its authors for a wheel with a right RECORD
    two hashes: has a RECORD that does not vouch for 'tool.py': it is listed twice, with different hashes; take another version of it, or ask its authors for a wheel with a right RECORD
    an empty RECORD: has a RECORD that does not vouch for 'tool.py': it is not listed; take another version of it, or ask its authors for a wheel with a right RECORD
    no text: has an invalid RECORD: invalid utf-8 sequence of 1 bytes from index 0
    ");
}

#[test]
fn what_is_listed_but_absent_does_no_harm() {
    assert_eq!(wheel_refusal(&tool().absent("gone.py").absent("../../gone").finish()), None);
}

#[test]
fn stronger_hashes_are_checked_as_well() {
    // Of the six bytes of tool.py.
    let hashes = [
        "sha384=2Ce4lYIFgerCBE9pWgSgz-9mHzfuOwRgpljykGGUIg6xgKQz2N-zpYv47plg8Bkn",
        "sha512=e73veyKgykOKZRFOeqVV-RiHar0CPb8GFYkM-jCLUlHBkx-rU_sUNgozT0yN7lCJ48E3W_3uNVShst_MuAk21g",
    ];
    for hash in hashes {
        assert_eq!(wheel_refusal(&tool().lie_hash("tool.py", hash).finish()), None);
        let wrong = wheel_refusal(&tool().file("other.py", "").lie_hash("other.py", hash).finish());
        assert!(wrong.is_some_and(|message| message.contains("'other.py': its sha")), "{hash}");
    }
}

#[test]
fn metadata_that_are_none() {
    let wheels = [
        ("another distribution", renamed(&tool(), "other-1.0-py3-none-any.whl")),
        ("another version", renamed(&tool(), "tool-1.1-py3-none-any.whl")),
        ("no wheel's name", renamed(&tool(), "tool-1.0.zip")),
        ("another Name", tool().info_file("METADATA", "Name: other\nVersion: 1.0\n").finish()),
        ("another Version", tool().info_file("METADATA", "Name: tool\nVersion: 2\n").finish()),
        ("two Names", tool().info_file("METADATA", "Name: tool\nName: tool\nVersion: 1.0\n").finish()),
        ("no Version", tool().info_file("METADATA", "Name: tool\n\nVersion: 1.0\n").finish()),
        ("a version of the format", tool().wheel_version("2.0").finish()),
        ("no version of the format", tool().info_file("WHEEL", "").finish()),
        ("two of them", tool().file("other-1.0.dist-info/METADATA", "").finish()),
        ("none of them", tool().finish_with(zip_of_nothing())),
        ("a huge WHEEL", tool().info_file("WHEEL", vec![b'x'; 2 << 20]).finish()),
        ("an entry point outside", tool().entry_point("../x", "os:abort").finish()),
        ("an entry point of code", tool().entry_point("x", "os:abort();import this").finish()),
        ("an entry point that deletes", tool().entry_point("x/.wh.y", "os:abort").finish()),
    ];
    let told: Vec<String> = wheels
        .iter()
        .map(|(what, wheel)| {
            let message = wheel_refusal(wheel).unwrap_or_else(|| panic!("{what} is taken for honest"));
            format!("{what}: {message}")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    another distribution: package other-1.0-py3-none-any.whl: is no wheel that can be installed: its file name says other 1.0, but its metadata are in tool-1.0.dist-info
    another version: package tool-1.1-py3-none-any.whl: is no wheel that can be installed: its file name says tool 1.1, but its metadata are in tool-1.0.dist-info
    no wheel's name: package tool-1.0.zip: is no wheel that can be installed: its file name is not of the form NAME-VERSION-PYTHON-ABI-PLATFORM.whl
    another Name: package tool-1.0-py3-none-any.whl: is no wheel that can be installed: its file name says tool 1.0, but METADATA means other 1.0
    another Version: package tool-1.0-py3-none-any.whl: is no wheel that can be installed: its file name says tool 1.0, but METADATA means tool 2
    two Names: package tool-1.0-py3-none-any.whl: has an invalid METADATA: it has more than one Name
    no Version: package tool-1.0-py3-none-any.whl: has an invalid METADATA: it has no Version
    a version of the format: package tool-1.0-py3-none-any.whl: has an invalid WHEEL: version 2.0 of the format is unknown; this program reads version 1
    no version of the format: package tool-1.0-py3-none-any.whl: has an invalid WHEEL: it has no Wheel-Version
    two of them: package tool-1.0-py3-none-any.whl: is no wheel that can be installed: it holds the metadata of several distributions, other-1.0.dist-info and tool-1.0.dist-info
    none of them: package tool-1.0-py3-none-any.whl: has no .dist-info folder, by which wheels tell what they are
    a huge WHEEL: package tool-1.0-py3-none-any.whl: is refused: its tool-1.0.dist-info/WHEEL exceeds 1048576 bytes
    an entry point outside: package tool-1.0-py3-none-any.whl: has an invalid entry_points.txt: '../x = os:abort': entry point command must not contain path separators or NUL: "../x"
    an entry point of code: package tool-1.0-py3-none-any.whl: has an invalid entry_points.txt: 'x = os:abort();import this': entry point function must be a Python dotted identifier: "abort();import this"
    an entry point that deletes: package tool-1.0-py3-none-any.whl: has an invalid entry_points.txt: 'x/.wh.y = os:abort': entry point command must not contain path separators or NUL: "x/.wh.y"
    "#);
}

/// The end of a central directory, and nothing before it.
fn zip_of_nothing() -> Vec<u8> {
    let mut bytes = b"PK\x05\x06".to_vec();
    bytes.resize(22, 0);
    bytes
}

#[test]
fn a_wheel_is_what_the_plan_says() {
    let wheel = tool().finish();
    for (name, version) in [("other", "1.0"), ("tool", "1.1")] {
        let lie = BuiltWheel { name: name.to_owned(), version: version.to_owned(), ..wheel.clone() };
        let message = wheel_refusal(&lie).expect("it is refused");
        assert!(
            message.ends_with(&format!("it is tool 1.0, but the lock means {name} {version}")),
            "{message}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_wheel_makes_a_build_panic_or_escape(
        stored in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let builder = if stored { tool().stored() } else { tool() };
        let mut wheel = builder
            .script("script", "#!python\n")
            .data("share/x", "y")
            .entry_point("tool", "tool:main")
            .finish();
        for (index, value) in changes {
            let at = index.index(wheel.bytes.len());
            wheel.bytes[at] = value;
        }
        if let Ok(built) = build_wheels(&[wheel], &options()) {
            for path in mambox_testkit::extract_map(&built.blobs[0]).keys() {
                prop_assert!(path == "opt" || path == "opt/conda" || path.starts_with("opt/conda/"), "{path}");
                prop_assert!(!path.split('/').any(|part| part == ".." || part.starts_with(".wh.")), "{path}");
            }
        }
    }
}
