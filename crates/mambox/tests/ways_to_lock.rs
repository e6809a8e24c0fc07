//! One environment by every kind of lock gives one image, without a look at the channel's index.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{channel, digest, mambox, ok, write_environment};
use mambox_testkit::{LocalChannel, TestEnv};
use serde_json::Value;

const ON_BASE: [&str; 4] = ["--base", "rootfs:base.tar", "--platform", "linux/amd64"];

fn words<'a>(command: &'a str, file: &'a str, further: &[&'a str]) -> Vec<&'a str> {
    [&[command, file], &ON_BASE[..], further].concat()
}

fn built_from(env: &TestEnv, file: &str) -> String {
    digest(env, &words("build", file, &[]))
}

/// Every package in the channel, as its index has it.
fn records(channel: &LocalChannel) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for subdir in ["linux-64", "noarch"] {
        let text = std::fs::read(channel.path().join(subdir).join("repodata.json")).unwrap();
        let index: Value = serde_json::from_slice(&text).unwrap();
        for (name, record) in index["packages.conda"].as_object().unwrap() {
            found.push((
                format!("{}/{subdir}/{name}", channel.url().as_str().trim_end_matches('/')),
                record.clone(),
            ));
        }
    }
    found
}

fn md5_list(channel: &LocalChannel) -> String {
    let line = |(url, record): (String, Value)| format!("{url}#{}\n", record["md5"].as_str().unwrap());
    let lines: String = records(channel).into_iter().map(line).collect();
    format!("@EXPLICIT\n{lines}")
}

/// As conda-lock writes it: without size, time, licence and constraints.
fn conda_lock(channel: &LocalChannel) -> String {
    let mut text = "version: 1\nmetadata:\n  content_hash: {linux-64: abc}\n  channels: []\n  \
                    platforms: [linux-64]\n  sources: []\npackage:\n"
        .to_owned();
    for (url, record) in records(channel) {
        text += &format!(
            "- {{name: {}, version: {}, manager: conda, platform: linux-64, dependencies: {{}}, url: '{url}', \
             hash: {{md5: {}, sha256: {}}}, category: main, optional: false}}\n",
            record["name"], record["version"], record["md5"], record["sha256"]
        );
    }
    text
}

#[test]
fn every_kind_of_lock_gives_one_image() {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    ok(&env, &words("lock", "environment.yml", &["-o", "own.lock"]));
    ok(&env, &words("lock", "environment.yml", &["--explicit", "-o", "list.txt"]));
    env.write("md5.txt", md5_list(&channel));
    env.write("conda-lock.yml", conda_lock(&channel));
    for subdir in ["linux-64", "noarch"] {
        std::fs::remove_file(channel.path().join(subdir).join("repodata.json")).unwrap();
    }
    let own = built_from(&env, "own.lock");
    for other in ["list.txt", "md5.txt", "conda-lock.yml"] {
        assert_eq!(built_from(&env, other), own, "{other}");
    }
}

#[test]
fn variables_that_a_lock_cannot_hold_are_named() {
    let (env, channel) = (mambox(), channel());
    let text =
        format!("channels: [{}]\ndependencies: [greet]\nvariables: {{B: two, A: one}}\n", channel.url());
    env.write("environment.yml", text);
    let run = ok(&env, &words("lock", "environment.yml", &["-o", "own.lock", "--progress", "none"]));
    insta::assert_snapshot!(run.stderr, @"warning: a lock holds no variables: an image from it lacks A, B unless --env or mambox.toml sets them");
}
