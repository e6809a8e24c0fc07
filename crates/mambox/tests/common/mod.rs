//! A small channel, a small base, and the executable.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "not every test uses every helper")]

pub mod python;

use std::collections::BTreeMap;
use std::path::Path;

use mambox_testkit::{Entry, LocalChannel, PackageBuilder, RootFs, Run, TestEnv, extract_map, flatten};
use serde_json::Value;

/// The executable in an empty home, with digests shown as `[DIGEST]`.
pub fn mambox() -> TestEnv {
    let env = TestEnv::new(env!("CARGO_BIN_EXE_mambox"))
        .redact_pattern("sha256:[0-9a-f]{64}", "[DIGEST]")
        .redact_pattern("sha256:[0-9a-f]{12}", "[SHORT]");
    env.write("base.tar", RootFs::debian("2.36").tar());
    env
}

/// A library with its prefix in a text, and a program that needs it.
pub fn channel() -> LocalChannel {
    let library = PackageBuilder::new("libgreet", "1.2.3")
        .text_with_prefix("etc/greet.conf", "prefix={prefix}\n")
        .file("lib/libgreet.so.1", "library\n")
        .symlink("lib/libgreet.so", "libgreet.so.1")
        .build();
    let program = PackageBuilder::new("greet", "2.0")
        .depends("libgreet >=1")
        .executable("bin/greet", "#!/bin/sh\necho hello\n")
        .env_vars(&[("GREETING", "hello")])
        .build();
    let data =
        PackageBuilder::new("greet-data", "1.0").noarch_generic().file("share/greet/de", "hallo\n").build();
    LocalChannel::with([&library, &program, &data])
}

/// `environment.yml` with this channel, beside the base.
pub fn write_environment(env: &TestEnv, channel: &LocalChannel) {
    let text =
        format!("name: greet\nchannels:\n  - {}\ndependencies:\n  - greet\n  - greet-data\n", channel.url());
    env.write("environment.yml", text);
}

/// The words of a build that depends on nothing of this machine.
pub fn build<'a>(further: &[&'a str]) -> Vec<&'a str> {
    let mut words =
        vec!["build", "environment.yml", "--base", "rootfs:base.tar", "--platform", "linux/amd64"];
    // With one job, the lines of progress come in one order.
    if !further.contains(&"--jobs") {
        words.extend(["--jobs", "1"]);
    }
    words.extend(further);
    words
}

/// Runs, and fails with all that was said unless it exits with 0.
pub fn ok(env: &TestEnv, words: &[&str]) -> Run {
    let run = env.run(words);
    assert!(run.success(), "mambox {}\n{run}", words.join(" "));
    run
}

/// The bare digest that `build -q` prints.
pub fn digest(env: &TestEnv, words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.push("-q");
    let run = ok(env, &words);
    String::from_utf8(run.raw_stdout).unwrap().trim_end().to_owned()
}

/// The image in a hybrid archive.
pub struct Archive {
    /// Members of the tar.
    pub members: BTreeMap<String, Entry>,
    /// Its configuration.
    pub config: Value,
    /// The file system that its layers make.
    pub tree: BTreeMap<String, Entry>,
}

/// Reads the archive at a path by its `manifest.json`, as Docker does.
pub fn read_archive(path: &Path) -> Archive {
    let members = extract_map(&std::fs::read(path).unwrap());
    let manifest: Value = serde_json::from_str(members["manifest.json"].text()).unwrap();
    let blob = |name: &Value| members[name.as_str().unwrap()].content();
    let config = serde_json::from_slice(blob(&manifest[0]["Config"])).unwrap();
    let layers: Vec<&[u8]> = manifest[0]["Layers"].as_array().unwrap().iter().map(blob).collect();
    let tree = flatten(&layers);
    Archive { config, tree, members }
}

/// Names of everything below a folder, hidden files and temporary ones included.
pub fn names_below(folder: &Path) -> Vec<String> {
    mambox_testkit::read_tree(folder).into_keys().collect()
}
