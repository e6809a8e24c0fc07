//! Scripts that packages bring: run at build, in a sandbox, on a base that has this machine's shell.
#![cfg(target_os = "linux")]

mod common;

use common::{Archive, digest, mambox, ok, read_archive};
use mambox_testkit::{BuiltPackage, LocalChannel, PackageBuilder, RootFs, StaticElf, TestEnv, no_sandbox};

const PROGRAMS: [&str; 8] =
    ["/bin/bash", "/bin/sh", "/bin/chmod", "/bin/date", "/bin/ln", "/bin/mkdir", "/bin/rm", "/usr/bin/id"];

/// A channel with these packages and a base with a shell; `None`, with a line that says why, where this machine has no
/// sandbox.
fn ready(packages: &[BuiltPackage]) -> Option<(TestEnv, LocalChannel)> {
    let skip = |why: &str| {
        mambox_testkit::skip("scripts of packages", why);
        None
    };
    if let Some(why) = no_sandbox() {
        return skip(&why);
    }
    if !RootFs::has_programs(&PROGRAMS) {
        return skip("this machine has no bash");
    }
    let channel = LocalChannel::with(packages);
    let env = mambox().var("PATH", "/usr/local/bin:/usr/bin:/bin");
    let base = RootFs::debian("2.36").programs_of_this_machine(&PROGRAMS);
    env.write("base.tar", base.tar());
    Some((env, channel))
}

fn build<'a>(channel: &'a LocalChannel, further: &[&'a str]) -> Vec<&'a str> {
    let channel = channel.path().to_str().expect("UTF-8");
    let words = ["build", "-p", "last", "--channel", channel, "--base", "rootfs:base.tar"];
    [&words, ["--platform", "linux/amd64", "--jobs", "1"].as_slice(), further].concat()
}

fn env_of(archive: &Archive) -> Vec<String> {
    let list = archive.config["config"]["Env"].as_array().expect("a list");
    list.iter().map(|entry| entry.as_str().expect("a text").to_owned()).collect()
}

/// Two packages whose scripts run in the order of their names.
fn scripted() -> [BuiltPackage; 2] {
    let first = PackageBuilder::new("first", "1.0").activate_script(
        "sh",
        "export GDAL_DATA=\"$CONDA_PREFIX/share/gdal\"\nexport ORDER=\"$ORDER first\"\n\
         words=(one 'two words'); [[ ${#words[@]} -eq 2 ]] && export COUNT=${#words[@]}\n\
         export QUOTES='it'\"'\"'s \"quoted\" $HOME `x` \\'\nunset LANG\necho noise; echo trouble >&2\n",
    );
    let last = PackageBuilder::new("last", "1.0").depends("first").activate_script(
        "sh",
        "export PATH=\"$CONDA_PREFIX/libexec/last:$PATH:/opt/tail\"\nexport ORDER=\"$ORDER last\"\nhelper() { :; }\n",
    );
    [first.build(), last.build()]
}

#[test]
fn what_activation_scripts_set_is_in_the_image() {
    let Some((env, channel)) = ready(&scripted()) else { return };
    let run = ok(&env, &build(&channel, &["-o", "image.tar"]));
    insta::assert_snapshot!(run.stderr, @r"
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     first-1.0-0 (1.2 kB)
    layer     last-1.0-0 (1.1 kB)
    run       unpack the image for its programs
    run       activation scripts
    write     image.tar
    ");
    let image = read_archive(&env.work().join("image.tar"));
    insta::assert_snapshot!(env_of(&image).join("\n"), @r#"
    PATH=/opt/conda/libexec/last:/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/tail
    CONDA_PREFIX=/opt/conda
    CONDA_SHLVL=1
    CONDA_DEFAULT_ENV=base
    CONDA_PROMPT_MODIFIER=(base) 
    COUNT=2
    GDAL_DATA=/opt/conda/share/gdal
    ORDER= first last
    QUOTES=it's "quoted" $HOME `x` \
    "#);
    insta::assert_snapshot!(image.tree["opt/conda/conda-meta/mambox/activation.json"].text(), @r#"
    {
      "format": 1,
      "mode": "captured",
      "scripts": [
        "etc/conda/activate.d/first.sh",
        "etc/conda/activate.d/last.sh"
      ],
      "before": {
        "COUNT": null,
        "GDAL_DATA": null,
        "LANG": "C.UTF-8",
        "ORDER": null,
        "QUOTES": null
      },
      "captured": {
        "variables": {
          "COUNT": "2",
          "GDAL_DATA": "/opt/conda/share/gdal",
          "ORDER": " first last",
          "QUOTES": "it's \"quoted\" $HOME `x` \\"
        },
        "unset": [
          "LANG"
        ],
        "path_first": [
          "/opt/conda/libexec/last"
        ],
        "path_last": [
          "/opt/tail"
        ],
        "dynamic": []
      }
    }
    "#);
    assert!(image.config["config"].get("Entrypoint").is_none_or(serde_json::Value::is_null));
    ok(&env, &["verify", "image.tar", "--channel", channel.path().to_str().unwrap()]);
}

#[test]
fn captured_activation_is_the_same_with_and_without_caches() {
    let Some((env, channel)) = ready(&scripted()) else { return };
    let first = digest(&env, &build(&channel, &[]));
    assert_eq!(digest(&env, &build(&channel, &[])), first, "from the cache");
    std::fs::remove_dir_all(env.cache()).unwrap();
    let other = env.var("HOME", "/nowhere").var("USER", "somebody").tz("Asia/Tokyo").umask(0o077);
    let cache = other.work().join("cache").display().to_string();
    assert_eq!(digest(&other, &build(&channel, &["--cache-dir", &cache])), first, "from nothing");
    assert_eq!(std::fs::read_dir(format!("{cache}/roots")).unwrap().count(), 0, "the unpacked image is gone");
}

#[test]
fn what_depends_on_the_moment_is_left_to_the_entrypoint() {
    let script = "export STARTED=$(date +%s) RUN_ID=$RANDOM$RANDOM CACHE=$HOME/.cache ME=$(id -u) FIXED=1\n";
    let last = PackageBuilder::new("last", "1.0").activate_script("sh", script).build();
    let Some((env, channel)) = ready(&[last]) else { return };
    let run = env.var("MAMBOX_INIT", "missing").run(build(&channel, &["-o", "image.tar"]));
    insta::assert_snapshot!(run, @r#"
    exit: 6
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.0-0 (1.1 kB)
    run       unpack the image for its programs
    run       activation scripts
    error: the image needs the entrypoint of mambox-init for linux/amd64, and that program is not here; looked for [WORK]/missing
      help: build it (see the book, "How the environment becomes active") and set MAMBOX_INIT to it, or put it beside the mambox program
    "#);
    let Some((env, channel)) =
        ready(&[PackageBuilder::new("last", "1.0").activate_script("sh", script).build()])
    else {
        return;
    };
    env.write("init", StaticElf::message("stands for mambox-init\n"));
    let env = env.var("MAMBOX_INIT", "init");
    let run = ok(&env, &build(&channel, &["-o", "image.tar", "--cmd", "python"]));
    insta::assert_snapshot!(run.stderr, @r"
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.0-0 (1.1 kB)
    run       unpack the image for its programs
    run       activation scripts
    warning: what the activation scripts set CACHE, ME, RUN_ID, STARTED to depends on the moment, so the entrypoint runs them at each start; what does not go through it (docker exec, a replaced entrypoint) has these variables unset
    write     image.tar
    ");
    let image = read_archive(&env.work().join("image.tar"));
    let variables = env_of(&image);
    assert!(variables.contains(&"FIXED=1".to_owned()), "{variables:?}");
    for name in ["STARTED", "RUN_ID", "CACHE"] {
        assert!(
            !variables.iter().any(|entry| entry.starts_with(&format!("{name}="))),
            "{name}: {variables:?}"
        );
    }
    insta::assert_snapshot!(format!("{} {}", image.config["config"]["Entrypoint"], image.config["config"]["Cmd"]), @r#"["/usr/local/bin/_entrypoint.sh"] ["python"]"#);
    assert_eq!(image.tree["usr/local/bin/_entrypoint.sh"].mode & 0o777, 0o755);
}

#[test]
fn activation_can_be_left_to_the_entrypoint_or_be_left_out() {
    let Some((env, channel)) = ready(&scripted()) else { return };
    env.write("init", StaticElf::message("stands for mambox-init\n"));
    let env = env.var("MAMBOX_INIT", "init").var("PATH", "/nowhere");
    ok(&env, &build(&channel, &["--activation", "entrypoint", "-o", "entry.tar"]));
    let image = read_archive(&env.work().join("entry.tar"));
    assert!(env_of(&image).iter().any(|entry| entry.starts_with("PATH=/opt/conda/bin:")));
    assert_eq!(image.config["config"]["Entrypoint"].to_string(), r#"["/usr/local/bin/_entrypoint.sh"]"#);
    ok(&env, &build(&channel, &["--activation", "none", "-o", "none.tar"]));
    let image = read_archive(&env.work().join("none.tar"));
    insta::assert_snapshot!(env_of(&image).join("\n"), @"LANG=C.UTF-8");
    assert!(!image.tree.contains_key("etc/profile.d/mambox.sh"));
    let run = env.run(build(&channel, &["-o", "captured.tar"]));
    insta::assert_snapshot!(run.stderr, @r"
    base      rootfs:base.tar
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    error: etc/conda/activate.d/first.sh cannot run: no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap` or `apk add bubblewrap`)
      help: have the scripts run at each start with --activation entrypoint, or not at all with --activation none
    ");
}

#[test]
fn a_script_that_ends_the_shell_is_named() {
    let good = PackageBuilder::new("first", "1.0").activate_script("sh", "export A=1\n").build();
    let bad = PackageBuilder::new("last", "1.0")
        .depends("first")
        .activate_script("sh", "echo no licence >&2\nexit 3\n");
    let Some((env, channel)) = ready(&[good, bad.build()]) else { return };
    let run = env.run(build(&channel, &[]));
    insta::assert_snapshot!(run, @r"
    exit: 2
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.0-0 (1.1 kB)
    layer     first-1.0-0 (1.1 kB)
    run       unpack the image for its programs
    run       activation scripts
    error: the activation script /opt/conda/etc/conda/activate.d/last.sh ended with exit code 3 instead of coming back; its last words:
      no licence
      help: have the scripts run at each start with --activation entrypoint
    ");
}

/// A package that makes, changes and removes files when it is installed, and says what it did.
fn linked(script: &str) -> BuiltPackage {
    PackageBuilder::new("last", "1.5")
        .build_number(7)
        .file("share/last/old", "old\n")
        .file("share/last/changed", "before\n")
        .link_script("post-link", script)
        .build()
}

const POST_LINK: &str = "set -e\ncd \"$PREFIX\"\n\
    echo \"$PKG_NAME $PKG_VERSION $PKG_BUILDNUM in $PREFIX\" >share/last/new\n\
    echo after >share/last/changed\nrm share/last/old 2>/dev/null || : >share/last/old\n\
    mkdir -p var/db && echo data >var/db/index && chmod 600 var/db/index\nln -s ../share/last/new bin/link\n\
    echo scratch >/tmp/scratch\necho 'Remember the licence.' >>.messages.txt\n";

#[test]
fn what_link_scripts_change_is_a_layer() {
    let Some((env, channel)) = ready(&[linked(POST_LINK)]) else { return };
    let run = ok(&env, &build(&channel, &["-o", "image.tar"]));
    insta::assert_snapshot!(run.stderr, @r"
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.5-0 (1.5 kB)
    run       unpack the image for its programs
    run       link scripts
    last: Remember the licence.
    base      files of the base image
    write     image.tar
    ");
    let image = read_archive(&env.work().join("image.tar"));
    let file = |path: &str| image.tree[&format!("opt/conda/{path}")].text().to_owned();
    assert_eq!(file("share/last/new"), "last 1.5 7 in /opt/conda\n");
    assert_eq!((file("share/last/changed"), file("var/db/index")), ("after\n".into(), "data\n".into()));
    assert_eq!(image.tree["opt/conda/var/db/index"].mode & 0o777, 0o660, "group 0 may what the owner may");
    assert!(image.tree.keys().all(|path| !path.ends_with("messages.txt") && !path.ends_with("scratch")));
    let run = ok(&env, &["inspect", "image.tar"]);
    assert!(run.stdout.contains("link scripts of last"), "{run}");
    ok(&env, &["verify", "image.tar", "--channel", channel.path().to_str().unwrap()]);
    let first = digest(&env, &build(&channel, &[]));
    std::fs::remove_dir_all(env.cache()).unwrap();
    assert_eq!(digest(&env, &build(&channel, &[])), first);
}

#[test]
fn link_scripts_can_be_left_out_or_forbidden_and_their_failure_is_shown() {
    let Some((env, channel)) = ready(&[linked("echo cannot reach the server >&2\nexit 4\n")]) else { return };
    insta::assert_snapshot!(env.run(build(&channel, &["--link-scripts", "skip"])).stderr, @r"
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.5-0 (1.3 kB)
    warning: last: its link script bin/.last-post-link.sh is left out, as asked
    ");
    insta::assert_snapshot!(env.run(build(&channel, &["--link-scripts", "fail"])), @r"
    exit: 2
    --- stdout
    --- stderr
    base      rootfs:base.tar
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    error: package last has the link script bin/.last-post-link.sh
      help: add --link-scripts run to run it in a sandbox, or --link-scripts skip to leave it out
    ");
    insta::assert_snapshot!(env.run(build(&channel, &["-o", "image.tar"])), @r"
    exit: 2
    --- stdout
    --- stderr
    base      rootfs:base.tar
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    run       unpack the image for its programs
    run       link scripts
    error: the link script bin/.last-post-link.sh of package last ended with exit code 4; its last words:
      cannot reach the server
      help: find out what the script wants of the base, or leave link scripts out with --link-scripts skip
    ");
    assert!(!env.work().join("image.tar").exists());
}

#[test]
fn a_machine_without_a_sandbox_is_told_what_to_install() {
    let channel = LocalChannel::with(&[linked("true\n")]);
    let env = mambox().var("PATH", "/nowhere");
    env.write("base.tar", RootFs::debian("2.36").executable("bin/sh", "not run").tar());
    insta::assert_snapshot!(env.run(build(&channel, &[])), @r"
    exit: 6
    --- stdout
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     last-1.5-0 (1.2 kB)
    error: bin/.last-post-link.sh cannot run: no sandbox: the program `bwrap` is not in PATH; install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap` or `apk add bubblewrap`)
      help: choose a base and a machine on which it can run, or leave link scripts out with --link-scripts skip
    ");
}
