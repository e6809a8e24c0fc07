//! A family of base images as its maintainers use it: pinned, built, planned, judged. No engine takes part.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods)] // PATH, for git

use std::path::Path;
use std::process::Command;

use mambox_testkit::{
    FakeRegistry, LocalChannel, PackageBuilder, RootFs, Run, StaticElf, TarEntry, TestEnv, tar_bytes,
};

const FAMILY: &str = r#"
repository = "localhost/micromamba"
default = "debian12"
platforms = ["linux/amd64"]
micromamba = { version = "2.8.1" }

[[base]]
name = "debian12"
image = "rootfs:debian.tar"
kind = "debian"
newest = true

[[base]]
name = "fedora41"
image = "rootfs:fedora.tar"
kind = "fedora"
"#;

/// A family of two bases, with programs that stand for those of an image.
fn family() -> TestEnv {
    let env = TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
    env.write("images.toml", FAMILY);
    env.write("debian.tar", debian().tar());
    env.write("fedora.tar", fedora("2.40").tar());
    let init = env.write("mambox-init", StaticElf::message("init\n"));
    let micromamba = env.write("micromamba", StaticElf::message("2.8.1\n"));
    env.var("MAMBOX_INIT", init).var("MAMBOX_MICROMAMBA", micromamba)
}

fn debian() -> RootFs {
    RootFs::debian("2.36")
        .executable("usr/bin/bash", StaticElf::message("bash\n"))
        .executable("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "loader")
}

fn fedora(glibc: &str) -> RootFs {
    RootFs::fedora(glibc)
        .executable("usr/bin/bash", StaticElf::message("bash\n"))
        .executable("usr/lib64/ld-linux-x86-64.so.2", "loader")
}

/// The same for those who look at what is said and not at digests.
fn family_redacted() -> TestEnv {
    family().redact_pattern("sha256:[0-9a-f]{64}", "[DIGEST]").redact_pattern(r"\b[0-9a-f]{12}\b", "[SHORT]")
}

fn images(env: &TestEnv, words: &[&str]) -> Run {
    env.run(["images"].iter().chain(words))
}

fn ok(env: &TestEnv, words: &[&str]) -> String {
    let run = images(env, words);
    assert!(run.success(), "mambox images {}\n{run}", words.join(" "));
    run.stdout
}

fn digests(env: &TestEnv) -> String {
    ok(env, &["update"]);
    ok(env, &["build", "--quiet"])
}

#[test]
fn a_family_is_pinned_and_then_built() {
    let env = family_redacted();
    let unpinned = images(&env, &["build"]);
    insta::assert_snapshot!(unpinned.to_string(), @"
    exit: 2
    --- stdout
    --- stderr
    error: images.lock does not pin debian12 for linux/amd64
      help: run `mambox images update`, look at what changed in images.lock, and commit it
    ");
    insta::assert_snapshot!(images(&env, &["update"]).to_string(), @"
    exit: 0
    --- stdout
    debian12 linux/amd64: [SHORT]
    fedora41 linux/amd64: [SHORT]
    mambox-init linux/amd64: [SHORT]
    micromamba linux/amd64: [SHORT]
    scripts and certificates of mambox: changed
    --- stderr
    base      rootfs:debian.tar
    base      rootfs:fedora.tar
    ");
    insta::assert_snapshot!(images(&env, &["update", "--check"]).to_string(), @"
    exit: 0
    --- stdout
    images.lock is up to date
    --- stderr
    base      rootfs:debian.tar
    base      rootfs:fedora.tar
    ");
    insta::assert_snapshot!(images(&env, &["build", "-o", "oci:out", "--jobs", "1"]).to_string(), @"
    exit: 0
    --- stdout
    debian12  linux/amd64  [DIGEST]  112.8 kB
    fedora41  linux/amd64  [DIGEST]  112.7 kB
    --- stderr
    base      rootfs:debian.tar
    base      files of the base image
    base      files of the base image
    base      rootfs:fedora.tar
    base      files of the base image
    base      files of the base image
    write     oci:out
    write     oci:out
    ");
    let inspected =
        env.run(["inspect", "oci:out:localhost/micromamba:latest", "--platform", "linux/amd64", "--check"]);
    assert!(inspected.success(), "{inspected}");
}

#[test]
fn threads_umask_time_zone_and_cache_change_no_digest() {
    let (one, other) = (family(), family().umask(0o077).tz("Asia/Tokyo").lang("C"));
    let digest = digests(&one);
    assert_eq!(digest.lines().count(), 2, "{digest}");
    assert_eq!(digests(&one), digest, "a warm cache");
    assert_eq!(digests(&other), digest);
}

#[test]
fn settings_of_the_command_line_win() {
    let env = family();
    let digest = digests(&env);
    let other = ok(&env, &["build", "--quiet", "--user", "kai", "--uid", "1000", "--gid", "1000"]);
    assert_ne!(other, digest);
    let wrong = images(&env, &["build", "--user", "a:b"]);
    assert!(wrong.stderr.contains("cannot be a user's name"), "{wrong}");
}

#[test]
fn what_moved_since_it_was_pinned_is_refused() {
    let env = family_redacted();
    ok(&env, &["update"]);
    env.write("fedora.tar", fedora("2.41").tar());
    insta::assert_snapshot!(images(&env, &["build", "--base", "fedora41"]).to_string(), @"
    exit: 2
    --- stdout
    --- stderr
    base      rootfs:fedora.tar
    error: the base fedora41 for linux/amd64 is [DIGEST] now, and images.lock pins [DIGEST]
      help: run `mambox images update`, look at what changed in images.lock, and commit it
    ");
    insta::assert_snapshot!(images(&env, &["update", "--check"]).to_string(), @"
    exit: 1
    --- stdout
    fedora41 linux/amd64: [SHORT] -> [SHORT]
    --- stderr
    base      rootfs:debian.tar
    base      rootfs:fedora.tar
    ");
    env.write("micromamba", StaticElf::message("2.8.2\n"));
    insta::assert_snapshot!(images(&env, &["build", "--base", "debian12"]).to_string(), @"
    exit: 2
    --- stdout
    --- stderr
    base      rootfs:debian.tar
    base      files of the base image
    error: micromamba for linux/amd64 is [DIGEST], and images.lock pins [DIGEST]
      help: run `mambox images update`, look at what changed in images.lock, and commit it
    ");
}

#[test]
fn a_base_of_the_family_or_with_the_accounts_id_taken_is_refused() {
    let env = family_redacted();
    env.write("debian.tar", debian().file("etc/arg_mamba_user", "mambauser\n").tar());
    ok(&env, &["update"]);
    insta::assert_snapshot!(images(&env, &["build", "--base", "debian12", "--progress", "none"]).to_string(), @"
    exit: 2
    --- stdout
    --- stderr
    error: the base debian12 for linux/amd64: is an image of a micromamba family already: it has /etc/arg_mamba_user; name the image that it was made of
    ");
    env.write("debian.tar", debian().file("etc/passwd", "x:x:57439:1::/:/bin/sh\n").tar());
    ok(&env, &["update"]);
    insta::assert_snapshot!(images(&env, &["build", "--base", "debian12", "--progress", "none"]).to_string(), @"
    exit: 2
    --- stdout
    --- stderr
    error: the base debian12 for linux/amd64: /etc/passwd: id 57439 belongs to 'x' already: choose another user.uid, or remove 'x' before
    ");
}

#[test]
fn a_base_without_shell_gets_one_of_a_package() {
    let env = family();
    env.write("fedora.tar", RootFs::shell_less().tar());
    ok(&env, &["update"]);
    let without = images(&env, &["build", "--base", "fedora41"]);
    assert!(without.success() && without.stderr.contains("bash = …"), "{without}");
    let bash = deb(&[TarEntry::file("./bin/bash-static", StaticElf::message("bash\n")).mode(0o755)]);
    env.write("bash.deb", &bash);
    let sha256 = mambox_oci::Digest::of(&bash).hex();
    let entry = format!("bash.\"linux/amd64\" = {{ deb = \"./bash.deb\", sha256 = \"{sha256}\" }}\n");
    env.write("images.toml", format!("{FAMILY}{entry}"));
    let with = images(&env, &["build", "--base", "fedora41"]);
    assert!(with.success() && !with.stderr.contains("bash = …"), "{with}");
    env.write("bash.deb", "other");
    let other = images(&env, &["build", "--base", "fedora41", "--cache-dir", "empty"]);
    assert!(other.stderr.contains("the package ./bash.deb: has the digest"), "{other}");
}

#[test]
fn images_are_pushed_under_all_tags_and_a_newer_micromamba_is_noticed() {
    let registry = FakeRegistry::start();
    let env = family_redacted();
    ok(&env, &["update"]);
    let repository = format!("{}/me/micromamba", registry.host());
    ok(&env, &["build", "--push", "--repository", &repository, "--quiet"]);
    env.write("images.toml", FAMILY.replace("localhost/micromamba", &repository));
    let package =
        |version: &str| PackageBuilder::new("micromamba", version).file("bin/micromamba", "").build();
    let check = |versions: &[&str]| {
        let packages: Vec<_> = versions.iter().map(|version| package(version)).collect();
        let channel = LocalChannel::with(packages.iter());
        let url = channel.url();
        let words = ["check-version", "--no-rc", "--progress", "none", "-c", url.as_ref()];
        images(&env, &words).to_string()
    };
    insta::assert_snapshot!(check(&["2.8.0", "2.8.1", "2.9.0rc1"]), @"
    exit: 0
    --- stdout
    available: 2.8.1
    published: 2.8.1
    nothing to do
    --- stderr
    ");
    insta::assert_snapshot!(check(&["2.8.1", "2.10.0"]), @"
    exit: 1
    --- stdout
    available: 2.10.0
    published: 2.8.1
    a newer version is due
    --- stderr
    ");
}

#[test]
fn a_channels_micromamba_can_take_the_place_of_ours() {
    let env = family_redacted();
    let upstream =
        PackageBuilder::new("micromamba", "2.6.1").executable("bin/micromamba", "upstream").build();
    let channel = LocalChannel::with([&upstream]);
    let table = |version: &str| {
        format!("micromamba = {{ version = \"{version}\", channel = \"{}\" }}", channel.url())
    };
    ok(&env, &["update"]);
    env.write("images.toml", FAMILY.replace("micromamba = { version = \"2.8.1\" }", &table("2.6.1")));
    let unpinned = images(&env, &["build"]);
    assert!(
        unpinned.stderr.contains("pins a micromamba of mambox, and images.toml wants one of a channel"),
        "{unpinned}"
    );
    ok(&env, &["update"]);
    ok(&env, &["build", "-o", "rootfs:tree.tar", "--base", "debian12"]);
    let files = mambox_testkit::extract_map(&env.read("tree.tar"));
    assert_eq!(files["usr/bin/micromamba"].content(), b"upstream");
    env.write("images.toml", FAMILY.replace("micromamba = { version = \"2.8.1\" }", &table("2.6.0")));
    let missing = images(&env, &["update"]);
    assert!(missing.stderr.contains("has no micromamba 2.6.0"), "{missing}");
}

/// A Debian package, uncompressed.
fn deb(entries: &[TarEntry]) -> Vec<u8> {
    let data = tar_bytes(entries);
    let header = format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "data.tar", 0, 0, 0, 100644, data.len());
    [b"!<arch>\n", header.as_bytes(), &data].concat()
}

#[test]
fn a_plan_names_what_a_commit_changes_and_the_policy_judges_it() {
    let env = family().var("PATH", std::env::var_os("PATH").unwrap_or_default());
    if Command::new("git").arg("--version").output().is_err() {
        return mambox_testkit::skip("plan and policy", "there is no git");
    }
    ok(&env, &["update"]);
    env.write(".gitignore", "*.tar\n");
    git(&env, &["init", "--quiet", "--initial-branch", "main"]);
    commit(&env, "The family");
    env.write("README.md", "A text\n");
    commit(&env, "A text");
    insta::assert_snapshot!(ok(&env, &["plan", "--since", "HEAD~1"]), @"no image changes");
    insta::assert_snapshot!(images(&env, &["policy", "--base", "HEAD~1"]).to_string(), @"
    exit: 0
    --- stdout
      README.md  documentation
    this change may go straight to main
    --- stderr
    ");

    env.write("fedora.tar", fedora("2.41").tar());
    ok(&env, &["update"]);
    commit(&env, "A newer base");
    insta::assert_snapshot!(ok(&env, &["plan", "--since", "HEAD~1"]), @"fedora41  linux/amd64  the base's digest");
    insta::assert_snapshot!(images(&env, &["policy", "--base", "HEAD~1"]).to_string(), @"
    exit: 0
    --- stdout
      images.lock  a newer version of a base
    this change may go straight to main
    --- stderr
    ");

    env.write("script", "x\n");
    commit(&env, "Code");
    insta::assert_snapshot!(images(&env, &["policy", "--base", "HEAD~2"]).to_string(), @"
    exit: 1
    --- stdout
      images.lock  a newer version of a base
      script       behaviour
    this change goes through dev: it may alter how images behave
    --- stderr
    ");
    env.write("script", "y\n");
    commit(&env, "Close a hole\n\nSecurity: CVE-2026-1");
    insta::assert_snapshot!(images(&env, &["policy", "--base", "HEAD~1"]).to_string(), @"
    exit: 0
    --- stdout
      script  a security update
    this change may go straight to main
    --- stderr
    ");
    let missing = images(&env, &["plan", "--since", "nowhere"]);
    assert!(missing.stderr.contains("there is no such commit"), "{missing}");
}

fn git(env: &TestEnv, words: &[&str]) {
    let output = Command::new("git").args(words).current_dir(env.work()).output().unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(env: &TestEnv, message: &str) {
    git(env, &["add", "--all"]);
    let author = ["-c", "user.name=me", "-c", "user.email=me@example.org"];
    git(env, &[&author[..], &["commit", "--quiet", "--message", message]].concat());
}

#[test]
fn the_familys_own_file_is_sound_and_has_all_bases() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images/images.toml");
    let env = TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
    let file = file.to_str().unwrap();
    let table = ok(&env, &["tags", "--file", file, "--format", "markdown"]);
    assert_eq!(table.lines().count(), 2 + 26, "{table}");
    let newest = ok(&env, &["tags", "--file", file, "--base", "cuda13.2.1-ubuntu24.04"]);
    insta::assert_snapshot!(newest, @"
    ghcr.io/mambox-dev/micromamba:cuda13.2.1-ubuntu24.04
    ghcr.io/mambox-dev/micromamba:2.8.1-cuda13.2.1-ubuntu24.04
    ghcr.io/mambox-dev/micromamba:2.8-cuda13.2.1-ubuntu24.04
    ghcr.io/mambox-dev/micromamba:2-cuda13.2.1-ubuntu24.04
    ghcr.io/mambox-dev/micromamba:cuda
    ");
}
