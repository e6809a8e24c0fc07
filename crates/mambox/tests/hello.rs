//! The README states the digest of the example's image, and everybody gets it.

use std::path::Path;

use mambox_testkit::TestEnv;

#[path = "../examples/hello/channel.rs"]
mod channel;

/// Builds the example in a folder and surroundings of its own; returns what `--quiet` prints.
fn digest(env: &TestEnv) -> String {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = checkout.join("examples/hello");
    for file in ["environment.yml", "mambox.toml"] {
        let text = std::fs::read(sources.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        env.write(&format!("examples/hello/{file}"), text);
    }
    channel::make(&sources, &env.work().join("target/hello/channel"));
    let run = env.run(channel::COMMAND.split_whitespace().skip(1).chain(["--quiet"]));
    assert!(run.success(), "{run}");
    run.stdout.trim().to_owned()
}

#[test]
fn the_digest_is_the_one_in_the_readme() {
    let digest = digest(&TestEnv::new(env!("CARGO_BIN_EXE_mambox")));
    let readme = include_str!("../../../README.md");
    assert!(
        readme.contains(&digest),
        "the example's digest is {digest} now. If layers or configuration were meant to change, put it into \
         README.md and say why in CHANGELOG.md, since images built from now on share less with older ones"
    );
}

#[test]
fn surroundings_do_not_change_the_digest() {
    let usual = TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
    let odd =
        TestEnv::new(env!("CARGO_BIN_EXE_mambox")).umask(0o077).lang("tr_TR.UTF-8").tz("Asia/Kathmandu");
    assert_eq!(digest(&usual), digest(&odd));
}

#[test]
fn a_listing_becomes_bytes() {
    let bytes = channel::assemble("; a \"comment\"\n7f \"E;F\" 0a ; the \"rest\"\n\n00");
    assert_eq!(bytes, b"\x7fE;F\x0a\x00");
    let program = channel::assemble(include_str!("../../../examples/hello/hello.hex"));
    assert_eq!(program.len(), 785, "its headers say so");
}
