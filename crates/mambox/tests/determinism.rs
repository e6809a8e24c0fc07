//! The same inputs give the same bytes, whatever the machine is like.

mod common;

use common::{build, channel, digest, mambox, ok, write_environment};
use mambox_testkit::{PackageBuilder, TestEnv};

#[test]
fn neither_umask_nor_zone_nor_language_nor_folder_nor_cache_nor_threads_change_a_byte() {
    let channel = channel();
    let output = |env: TestEnv, further: &[&str]| {
        write_environment(&env, &channel);
        ok(&env, &build(&[&["-t", "greet:1", "-o", "x.tar"], further].concat()));
        env.read("x.tar")
    };
    let usual = output(mambox(), &["--jobs", "1"]);
    let strict = mambox().umask(0o077).tz("Asia/Kathmandu").lang("tr_TR.UTF-8");
    assert!(output(strict, &["--jobs", "7"]) == usual, "umask, zone, language and jobs matter");
    let warm = mambox().umask(0o000);
    write_environment(&warm, &channel);
    ok(&warm, &build(&[]));
    assert!(output(warm, &[]) == usual, "the cache matters");
}

#[test]
fn the_folder_and_the_order_of_the_request_do_not_matter() {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    let usual = digest(&env, &build(&[]));
    std::fs::create_dir_all(env.work().join("deep/er")).unwrap();
    let text = format!("dependencies: [greet-data, greet]\nchannels: [{}]\nname: greet\n", channel.url());
    env.write("deep/er/other.yml", text);
    let words = ["build", "deep/er/other.yml", "--base", "rootfs:base.tar", "--platform", "linux/amd64"];
    assert_eq!(digest(&env, &words), usual);
}

#[test]
fn another_package_another_option_another_base_make_another_image() {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    let usual = digest(&env, &build(&[]));
    for further in
        [&["-e", "A=b"][..], &["--prefix", "/opt/env"], &["--compression", "zstd"], &["--max-layers", "1"]]
    {
        assert_ne!(digest(&env, &build(further)), usual, "{further:?}");
    }
    let epoch = mambox().var("SOURCE_DATE_EPOCH", "1600000000");
    write_environment(&epoch, &channel);
    assert_ne!(digest(&epoch, &build(&[])), usual, "SOURCE_DATE_EPOCH");
}

/// The digest of one image for all time. If it changes, layers are no longer shared with images built before:
/// say why in CHANGELOG.md.
#[test]
fn the_golden_digest() {
    let env = mambox();
    let package = PackageBuilder::new("golden", "1.0").text_with_prefix("etc/golden", "{prefix}\n").build();
    // The channel's name is in the lock and so in the image: a fixed one.
    package.write_to(env.work().join("golden-channel/linux-64"));
    let channel = mambox_testkit::LocalChannel::with([&package]);
    for subdir in ["linux-64", "noarch"] {
        let repodata = std::fs::read(channel.path().join(subdir).join("repodata.json")).unwrap();
        env.write(&format!("golden-channel/{subdir}/repodata.json"), repodata);
    }
    let words =
        ["build", "-p", "golden", "-c", "./golden-channel", "--base", "scratch", "--platform", "linux/amd64"];
    insta::assert_snapshot!(digest(&env, &words), @"sha256:ba5de2a269025ad996c600a8caf6c2c49fa6312ec0d0d9794953d0e6bc0e2b9e");
}
