//! What goes wrong ends in a message that names the culprit, a documented exit code, and no partial output.

mod common;

use common::{build, channel, mambox, names_below, write_environment};
use mambox_testkit::{Fault, HostileArchive, HttpServer, LocalChannel, PackageBuilder, Run, TestEnv};

/// Runs a build with outputs, which must fail, and must leave nothing behind.
fn fails(env: &TestEnv, words: &[&str]) -> Run {
    let before = names_below(&env.work());
    let run = env.run([words, &["-o", "x.tar", "-o", "oci:x", "--metadata-file", "x.json"]].concat());
    assert!(!run.success(), "it should have failed\n{run}");
    assert_eq!(names_below(&env.work()), before, "something was left behind\n{run}");
    let temporary: Vec<String> = names_below(&env.root().join("tmp"));
    assert!(temporary.is_empty(), "{temporary:?}\n{run}");
    assert!(!run.stderr.contains("panicked"), "{run}");
    run
}

#[test]
fn no_hostile_archive_becomes_an_image() {
    let mut shown = std::collections::BTreeSet::new();
    for archive in HostileArchive::all() {
        let env = mambox();
        let channel = LocalChannel::with([&archive.package]);
        env.write("environment.yml", format!("channels: [{}]\ndependencies: [hostile]\n", channel.url()));
        let before = names_below(&env.work());
        let run = env.run(build(&["-o", "x.tar"]));
        let error = run.stderr.lines().find(|line| line.starts_with("error:")).unwrap_or("harmless");
        shown.insert(format!("{} {}: {error}", run.code.unwrap_or(-1), archive.name));
        if !run.success() {
            assert_eq!(names_below(&env.work()), before, "{} left something behind\n{run}", archive.name);
        }
        assert!(
            !env.root().join("escaped").exists() && !run.stderr.contains("panicked"),
            "{}\n{run}",
            archive.name
        );
    }
    insta::assert_snapshot!(Vec::from_iter(shown).join("\n"), @r"
    0 entry-point-parent-path: harmless
    5 absolute-path: error: package hostile-1-0.conda: holds the path '/tmp/mambox-testkit-escaped', which is absolute; this package is not to be trusted
    5 absolute-path: error: package hostile-1-0.tar.bz2: holds the path '/tmp/mambox-testkit-escaped', which is absolute; this package is not to be trusted
    5 block-device: error: package hostile-1-0.conda: holds 'dev/special', a device, which no conda package may hold
    5 block-device: error: package hostile-1-0.tar.bz2: holds 'dev/special', a device, which no conda package may hold
    5 character-device: error: package hostile-1-0.conda: holds 'dev/special', a device, which no conda package may hold
    5 character-device: error: package hostile-1-0.tar.bz2: holds 'dev/special', a device, which no conda package may hold
    5 dot-dot-alone: error: package hostile-1-0.conda: holds the path '..', which leads out of the prefix; this package is not to be trusted
    5 dot-dot-alone: error: package hostile-1-0.tar.bz2: holds the path '..', which leads out of the prefix; this package is not to be trusted
    5 empty-file: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 empty-file: error: package hostile-1-0.tar.bz2: is damaged or incomplete (decompression not finished but EOF reached); remove it from the package cache and fetch it again
    5 empty-path: error: package hostile-1-0.conda: holds the path '', which is empty; this package is not to be trusted
    5 empty-path: error: package hostile-1-0.tar.bz2: holds the path '', which is empty; this package is not to be trusted
    5 fifo: error: package hostile-1-0.conda: holds 'dev/special', a fifo, which no conda package may hold
    5 fifo: error: package hostile-1-0.tar.bz2: holds 'dev/special', a fifo, which no conda package may hold
    5 file-below-file: error: package hostile-1-0.conda: holds the path 'share/harmless/below', which leads through a file or link of this package; this package is not to be trusted
    5 file-below-file: error: package hostile-1-0.tar.bz2: holds the path 'share/harmless/below', which leads through a file or link of this package; this package is not to be trusted
    5 gzip-file: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 gzip-file: error: package hostile-1-0.tar.bz2: is damaged or incomplete (bzip2: bz2 header missing); remove it from the package cache and fetch it again
    5 hard-link-to-absolute: error: package hostile-1-0.conda: holds the path '/etc/passwd', which is absolute; this package is not to be trusted
    5 hard-link-to-absolute: error: package hostile-1-0.tar.bz2: holds the path '/etc/passwd', which is absolute; this package is not to be trusted
    5 hard-link-to-nothing: error: package hostile-1-0.conda: holds the path 'share/nothing', which is the target of a hard link but not in the archive; this package is not to be trusted
    5 hard-link-to-nothing: error: package hostile-1-0.tar.bz2: holds the path 'share/nothing', which is the target of a hard link but not in the archive; this package is not to be trusted
    5 hard-link-to-parent: error: package hostile-1-0.conda: holds the path '../../etc/passwd', which leads out of the package; this package is not to be trusted
    5 hard-link-to-parent: error: package hostile-1-0.tar.bz2: holds the path '../../etc/passwd', which leads out of the package; this package is not to be trusted
    5 html-file: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 html-file: error: package hostile-1-0.tar.bz2: is damaged or incomplete (bzip2: bz2 header missing); remove it from the package cache and fetch it again
    5 index-json-missing: error: package hostile-1-0.conda: has no info/index.json
    5 index-json-missing: error: package hostile-1-0.tar.bz2: has no info/index.json
    5 index-json-no-json: error: package hostile-1-0.conda: has an invalid info/index.json: expected value at line 1 column 1
    5 index-json-no-json: error: package hostile-1-0.tar.bz2: has an invalid info/index.json: expected value at line 1 column 1
    5 index-json-of-another-package: error: package hostile-1-0.conda: says of 'info/index.json' that it is the package 'other', but the lock means the package 'hostile'
    5 index-json-of-another-package: error: package hostile-1-0.tar.bz2: says of 'info/index.json' that it is the package 'other', but the lock means the package 'hostile'
    5 inner-parent-path: error: package hostile-1-0.conda: holds the path 'lib/../../escaped', which leads out of the prefix; this package is not to be trusted
    5 inner-parent-path: error: package hostile-1-0.tar.bz2: holds the path 'lib/../../escaped', which leads out of the prefix; this package is not to be trusted
    5 listed-but-absent: error: package hostile-1-0.conda: lists 'share/absent' in info/paths.json but does not hold it
    5 listed-but-absent: error: package hostile-1-0.tar.bz2: lists 'share/absent' in info/paths.json but does not hold it
    5 one-path-twice: error: package hostile-1-0.conda: holds the path 'share/twice', which is in the archive twice; this package is not to be trusted
    5 one-path-twice: error: package hostile-1-0.tar.bz2: holds the path 'share/twice', which is in the archive twice; this package is not to be trusted
    5 parent-path: error: package hostile-1-0.conda: holds the path '../escaped', which leads out of the prefix; this package is not to be trusted
    5 parent-path: error: package hostile-1-0.tar.bz2: holds the path '../escaped', which leads out of the prefix; this package is not to be trusted
    5 paths-json-absolute-path: error: package hostile-1-0.conda: holds the path '/tmp/escaped', which is absolute; this package is not to be trusted
    5 paths-json-absolute-path: error: package hostile-1-0.tar.bz2: holds the path '/tmp/escaped', which is absolute; this package is not to be trusted
    5 paths-json-no-json: error: package hostile-1-0.conda: has an invalid info/paths.json: expected value at line 1 column 1
    5 paths-json-no-json: error: package hostile-1-0.tar.bz2: has an invalid info/paths.json: expected value at line 1 column 1
    5 paths-json-parent-path: error: package hostile-1-0.conda: holds the path '../escaped', which leads out of the prefix; this package is not to be trusted
    5 paths-json-parent-path: error: package hostile-1-0.tar.bz2: holds the path '../escaped', which leads out of the prefix; this package is not to be trusted
    5 tar-declares-a-terabyte: error: package hostile-1-0.conda: is refused: its decompressed size exceeds the 268443657 bytes that its metadata allows for
    5 tar-declares-a-terabyte: error: package hostile-1-0.tar.bz2: is refused: its decompressed size exceeds the 268443657 bytes that its metadata allows for
    5 through-absolute-link: error: package hostile-1-0.conda: holds the path 'lib/escaped', which leads through a file or link of this package; this package is not to be trusted
    5 through-absolute-link: error: package hostile-1-0.tar.bz2: holds the path 'lib/escaped', which leads through a file or link of this package; this package is not to be trusted
    5 through-relative-link: error: package hostile-1-0.conda: holds the path 'lib/escaped', which leads through a file or link of this package; this package is not to be trusted
    5 through-relative-link: error: package hostile-1-0.tar.bz2: holds the path 'lib/escaped', which leads through a file or link of this package; this package is not to be trusted
    5 truncated-end: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 truncated-end: error: package hostile-1-0.tar.bz2: is damaged or incomplete (decompression not finished but EOF reached); remove it from the package cache and fetch it again
    5 truncated-middle: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 truncated-middle: error: package hostile-1-0.tar.bz2: is damaged or incomplete (decompression not finished but EOF reached); remove it from the package cache and fetch it again
    5 truncated-start: error: package hostile-1-0.conda: is no conda package: it is no zip file, or cut short (invalid Zip archive: Could not find EOCD); fetch it again
    5 truncated-start: error: package hostile-1-0.tar.bz2: is damaged or incomplete (decompression not finished but EOF reached); remove it from the package cache and fetch it again
    5 wrong-sha256: error: package hostile-1-0.conda: says of 'share/harmless' that its sha256 is 0000000000000000000000000000000000000000000000000000000000000000, but it is 439cd8f06a0f19cd6611715e1d444948149a97ff166dfc80c780097eb4b76eb3
    5 wrong-sha256: error: package hostile-1-0.tar.bz2: says of 'share/harmless' that its sha256 is 0000000000000000000000000000000000000000000000000000000000000000, but it is 439cd8f06a0f19cd6611715e1d444948149a97ff166dfc80c780097eb4b76eb3
    5 wrong-size: error: package hostile-1-0.conda: says of 'share/harmless' that it has 10000 bytes, but it has 9
    5 wrong-size: error: package hostile-1-0.tar.bz2: says of 'share/harmless' that it has 10000 bytes, but it has 9
    5 zip-member-larger-than-said: error: package hostile-1-0.conda: is damaged or incomplete (a zip member has a wrong checksum); remove it from the package cache and fetch it again
    5 zip-member-smaller-than-said: error: package hostile-1-0.conda: is damaged or incomplete (its member pkg-hostile-1-0.tar.zst is cut short); remove it from the package cache and fetch it again
    5 zip-member-wrong-crc: error: package hostile-1-0.conda: is damaged or incomplete (a zip member has a wrong checksum); remove it from the package cache and fetch it again
    5 zip-of-unknown-version: error: package hostile-1-0.conda: has an invalid metadata.json: version 9 of the format is unknown; this program reads version 2
    5 zip-payload-no-zstd: error: package hostile-1-0.conda: is damaged or incomplete (Unknown frame descriptor); remove it from the package cache and fetch it again
    5 zip-payload-tar-cut: error: package hostile-1-0.conda: is damaged or incomplete (its tar stream ends inside an entry); remove it from the package cache and fetch it again
    5 zip-with-nested-payload: error: package hostile-1-0.conda: has no pkg-*.tar.zst inside
    5 zip-with-parent-payload: error: package hostile-1-0.conda: has no pkg-*.tar.zst inside
    5 zip-with-two-payloads: error: package hostile-1-0.conda: is no conda package: it has more than one pkg-*.tar.zst inside
    5 zip-without-info: error: package hostile-1-0.conda: has no info-*.tar.zst inside
    5 zip-without-metadata: error: package hostile-1-0.conda: has no metadata.json inside, by which .conda files tell their version
    5 zip-without-payload: error: package hostile-1-0.conda: has no pkg-*.tar.zst inside
    5 zstd-bomb: error: package hostile-1-0.conda: says of 'share/bomb' that it has 1 bytes, but it has 67108864
    ");
}

#[test]
fn an_archive_that_changed_since_its_repodata() {
    let env = mambox();
    let package = PackageBuilder::new("changed", "1").file("a", "a").build();
    let channel = LocalChannel::with([&package]);
    std::fs::write(
        channel.archive(&package),
        PackageBuilder::new("changed", "1").file("a", "b").build().bytes,
    )
    .unwrap();
    env.write("environment.yml", format!("channels: [{}]\ndependencies: [changed]\n", channel.url()));
    insta::assert_snapshot!(fails(&env, &build(&[])), @r"
    exit: 5
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    error: changed-1-0.conda has the wrong size: expected 1015 bytes, but [CHANNEL]/linux-64/changed-1-0.conda has more. The file was replaced: lock again if the channel changed
    ");
}

#[test]
fn repodata_that_is_none() {
    let env = mambox();
    let channel = LocalChannel::new();
    std::fs::remove_file(channel.path().join("noarch/repodata.json.zst")).unwrap();
    std::fs::write(channel.path().join("noarch/repodata.json"), "<html>Sign in</html>").unwrap();
    env.write("environment.yml", format!("channels: [{}]\ndependencies: [a]\n", channel.url()));
    insta::assert_snapshot!(fails(&env, &build(&[])), @r"
    exit: 5
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    error: file://[CHANNEL]/noarch/repodata.json is no valid repodata: it is no JSON. A web page in its place often comes from a login or a proxy; open the URL in a browser
    ");
}

#[test]
fn environments_that_cannot_be_solved() {
    let env = mambox();
    let needs = PackageBuilder::new("modern", "1").depends("__glibc >=2.99").build();
    let channel = LocalChannel::with([&needs]);
    env.write("environment.yml", format!("channels: [{}]\ndependencies: [modern]\n", channel.url()));
    insta::assert_snapshot!(fails(&env, &build(&[])), @r"
    exit: 3
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    error: the environment cannot be solved for linux-64:
      modern * cannot be installed because there are no viable options:
      └─ modern 1 would require
         └─ __glibc >=2.99, for which no candidates were found.
      Virtual packages:
        __archspec x86_64 (of linux-64)
        __glibc 2.36 (of the base image)
        __linux 4.18 (assumed)
        __unix (of linux-64)
      Hint: packages want another glibc than 2.36; choose a base image with a newer one, or older packages
    ");
    env.write("environment.yml", format!("channels: [{}]\ndependencies: [modren]\n", channel.url()));
    insta::assert_snapshot!(fails(&env, &build(&[])), @r"
    exit: 3
    --- stdout
    --- stderr
    base      rootfs:base.tar
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    error: there is no package 'modren' for linux-64 in [CHANNEL]. Similar: modern
    ");
}

#[test]
fn inputs_that_cannot_be_read() {
    let env = mambox();
    let mut shown = String::new();
    let mut tried = |env: &TestEnv, words: &[&str]| {
        let run = fails(env, words);
        shown +=
            &format!("$ mambox {}\nexit: {:?}\n{}\n", words.join(" "), run.code.unwrap_or(-1), run.stderr);
    };
    tried(&env, &build(&[]));
    env.write("environment.yml", "dependencies:\n  - a\n  - 'b >>1'\n");
    tried(&env, &build(&[]));
    env.write("environment.yml", "dependencies: [a\n");
    tried(&env, &build(&[]));
    env.write("environment.yml", "dependencies: [a]\nchannels: [./missing]\n");
    tried(&env, &build(&[]));
    env.write("mambox.toml", "platfrom = 1\n");
    tried(&env, &build(&[]));
    tried(&env, &["build", "-p", "a", "--base", "rootfs:missing.tar", "--platform", "linux/amd64"]);
    tried(&env, &["build", "-p", "a", "--base", "oci-archve:x"]);
    tried(&env, &["build", "-p", "a", "--push"]);
    insta::assert_snapshot!(shown, @r"
    $ mambox build environment.yml --base rootfs:base.tar --platform linux/amd64 --jobs 1
    exit: 2
    error: cannot read environment.yml: No such file or directory (os error 2)

    $ mambox build environment.yml --base rootfs:base.tar --platform linux/amd64 --jobs 1
    exit: 2
    base      rootfs:base.tar
    base      files of the base image
    error: environment.yml:3: 'b >>1' is no valid match spec: unable to parse version spec: >>1

    $ mambox build environment.yml --base rootfs:base.tar --platform linux/amd64 --jobs 1
    exit: 2
    base      rootfs:base.tar
    error: environment.yml is no valid YAML: did not find expected ',' or ']' at line 2 column 1, while parsing a flow sequence at line 1 column 15

    $ mambox build environment.yml --base rootfs:base.tar --platform linux/amd64 --jobs 1
    exit: 2
    base      rootfs:base.tar
    error: the channel '[WORK]/./missing' is no folder: [WORK]/missing does not exist. A channel folder holds `noarch` and platform folders, each with a repodata.json

    $ mambox build environment.yml --base rootfs:base.tar --platform linux/amd64 --jobs 1
    exit: 2
    error: mambox.toml:1: unknown key 'platfrom'
      help: did you mean 'platform'?

    $ mambox build -p a --base rootfs:missing.tar --platform linux/amd64
    exit: 2
    base      rootfs:missing.tar
    error: cannot read missing.tar: No such file or directory (os error 2)

    $ mambox build -p a --base oci-archve:x
    exit: 2
    error: invalid value 'oci-archve:x' for '--base <IMAGE>': 'oci-archve:x' names an unknown transport; did you mean oci-archive:x? (an image of that name is docker://oci-archve:x)

    For more information, try '--help'.

    $ mambox build -p a --push
    exit: 2
    error: --push needs a name for the image
      help: add -t NAME[:TAG], such as -t ghcr.io/me/app:1
    ");
}

#[test]
fn channels_that_refuse_or_are_away() {
    let channel = channel();
    let shown: Vec<String> = [401, 403, 404, 500]
        .into_iter()
        .map(|status| {
            let env = mambox();
            let server = HttpServer::serve_dir(channel.path());
            server.fail(Fault::status("", status).always());
            let url = server.url().to_string();
            let words = [
                "build",
                "-p",
                "greet",
                "-c",
                &url,
                "--base",
                "rootfs:base.tar",
                "--platform",
                "linux/amd64",
            ];
            let run = fails(&env, &words);
            // Which of the two subdirs is refused first is chance.
            let stderr = run.stderr.replace("/noarch/repodata_shards", "/linux-64/repodata_shards");
            format!("exit: {}\n{stderr}", run.code.unwrap_or(-1))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    exit: 4
    base      rootfs:base.tar
    base      files of the base image
    repodata  http://127.0.0.1:[PORT]/linux-64
    repodata  http://127.0.0.1:[PORT]/noarch
    error: cannot read the channel's repodata: http://127.0.0.1:[PORT]/linux-64/repodata_shards.msgpack.zst: access denied (401). Log in to 127.0.0.1: `rattler auth login 127.0.0.1` or `pixi auth login 127.0.0.1`, a `machine 127.0.0.1` line in ~/.netrc, or a channel URL with a token (https://127.0.0.1/t/*****/channel)

    exit: 4
    base      rootfs:base.tar
    base      files of the base image
    repodata  http://127.0.0.1:[PORT]/linux-64
    repodata  http://127.0.0.1:[PORT]/noarch
    error: cannot read the channel's repodata: http://127.0.0.1:[PORT]/linux-64/repodata_shards.msgpack.zst: access denied (403). Log in to 127.0.0.1: `rattler auth login 127.0.0.1` or `pixi auth login 127.0.0.1`, a `machine 127.0.0.1` line in ~/.netrc, or a channel URL with a token (https://127.0.0.1/t/*****/channel)

    exit: 2
    base      rootfs:base.tar
    base      files of the base image
    repodata  http://127.0.0.1:[PORT]/linux-64
    repodata  http://127.0.0.1:[PORT]/noarch
    error: http://127.0.0.1:[PORT] is no conda channel: there is no http://127.0.0.1:[PORT]/noarch/repodata.json. Check its name or URL; every channel has a noarch/repodata.json, if only an empty one ({"packages":{}})

    exit: 4
    base      rootfs:base.tar
    base      files of the base image
    repodata  http://127.0.0.1:[PORT]/linux-64
    repodata  http://127.0.0.1:[PORT]/noarch
    error: cannot read the channel's repodata: http://127.0.0.1:[PORT]/linux-64/repodata_shards.msgpack.zst: the server cannot answer now (500), tried 4 times. Try again later or name a mirror (mirrored_channels in an rc file)
    "#);
}

#[test]
fn an_offline_build_asks_nobody() {
    let channel = channel();
    let env = mambox();
    let server = HttpServer::serve_dir(channel.path());
    let url = server.url().to_string();
    let words = [
        "build",
        "-p",
        "greet",
        "-c",
        &url,
        "--base",
        "rootfs:base.tar",
        "--platform",
        "linux/amd64",
        "--offline",
    ];
    let run = fails(&env, &words);
    // Which of the two subdirs is missed first is chance.
    assert!(run.code == Some(4) && run.stderr.contains("not in the cache, and --offline forbids"), "{run}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_read_only_cache() {
    use std::os::unix::fs::PermissionsExt;
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    // Root may write anywhere, but not below a file.
    env.write("file", "");
    insta::assert_snapshot!(fails(&env, &build(&["--cache-dir", "file/cache"])), @r"
    exit: 6
    --- stdout
    --- stderr
    error: the cache folder [WORK]/file/cache cannot be made: Not a directory (os error 20); choose another with --cache-dir or MAMBOX_CACHE_DIR
    ");
    std::fs::set_permissions(env.cache(), PermissionsExt::from_mode(0o555)).unwrap();
    let run = env.run(build(&["-q"]));
    // Where root runs the tests, permissions bind nobody.
    assert!(run.success() || run.code == Some(6), "{run}");
}

#[test]
fn an_image_that_no_engine_has_cannot_be_tested() {
    let run = mambox().run(["test", "localhost/mambox-has-no-such-image:1"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(
        run.stderr.contains("no engine of this machine has the image 'localhost/mambox-has-no-such-image:1'"),
        "{run}"
    );
    assert!(run.stderr.contains("help: pull or load it first"), "{run}");
}

#[test]
fn credentials_stay_secret() {
    let env = mambox();
    let channel = channel();
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::status("", 403).always());
    let url = format!("http://me:hunter2@{}/t/tk-hunter2/chan", server.address());
    let words =
        ["build", "-p", "greet", "-c", &url, "--base", "rootfs:base.tar", "--platform", "linux/amd64"];
    let run = fails(&env, &words);
    assert!(!run.to_string().contains("hunter2"), "{run}");
    let run = env.run(["inspect", "docker://me:hunter2@127.0.0.1:1/x"]);
    assert!(run.code == Some(2) && !run.to_string().contains("hunter2"), "{run}");
}
