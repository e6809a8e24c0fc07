//! Building, looking at and comparing images with the real executable.

mod common;

use common::{build, channel, digest, mambox, names_below, ok, read_archive, write_environment};
use mambox_testkit::{FakeRegistry, PackageBuilder, TestEnv};
use serde_json::Value;

/// An environment file and a channel; the latter has to outlive the runs.
fn ready() -> (TestEnv, mambox_testkit::LocalChannel) {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    (env, channel)
}

#[test]
fn an_environment_becomes_an_archive_that_any_engine_loads() {
    let (env, _channel) = ready();
    let run = ok(&env, &build(&["-t", "greet:1", "-o", "greet.tar"]));
    insta::assert_snapshot!(run, @"
    exit: 0
    --- stdout
    digest    [DIGEST]
    image ID  [DIGEST]
    platform  linux/amd64
    size      115.7 kB (base 765 B, environment 114.9 kB)
    layers    1 of the base, 3 of packages: 3 new, 0 reused
    packages  3
    wrote     greet.tar
    time      [TIME]
    --- stderr
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    layer     libgreet-1.2.3-0 (1.4 kB)
    layer     greet-2.0-0 (1.2 kB)
    layer     greet-data-1.0-0 (1.1 kB)
    write     greet.tar
    ");
    let image = read_archive(&env.work().join("greet.tar"));
    assert_eq!(image.tree["opt/conda/etc/greet.conf"].text(), "prefix=/opt/conda\n");
    assert_eq!(image.tree["opt/conda/share/greet/de"].text(), "hallo\n");
    assert!(image.tree["opt/conda/bin/greet"].mode & 0o111 != 0);
    let variables = image.config["config"]["Env"].to_string();
    assert!(variables.contains("\"PATH=/opt/conda/bin:"), "{variables}");
    assert!(variables.contains("\"GREETING=hello\""), "{variables}");
    assert!(image.members.contains_key("oci-layout"));
}

#[test]
fn without_an_output_only_the_digest_is_computed() {
    let (env, _channel) = ready();
    let before = names_below(&env.work());
    let run = ok(&env, &build(&[]));
    insta::assert_snapshot!(run.stdout, @"
    digest    [DIGEST]
    image ID  [DIGEST]
    platform  linux/amd64
    size      115.7 kB (base 765 B, environment 114.9 kB)
    layers    1 of the base, 3 of packages: 3 new, 0 reused
    packages  3
    wrote     nothing; to keep the image, add -o FILE.tar, --push or --load
    time      [TIME]
    ");
    assert_eq!(names_below(&env.work()), before);
}

#[test]
fn quiet_prints_the_digest_and_a_second_build_the_same() {
    let (env, _channel) = ready();
    let first = env.run(build(&["-q"]));
    insta::assert_snapshot!(first, @r"
    exit: 0
    --- stdout
    [DIGEST]
    --- stderr
    ");
    assert_eq!(env.run(build(&["-q"])).raw_stdout, first.raw_stdout);
}

/// The images differ in one small layer: it records what was asked for, which a lock does not know. The records
/// of an explicit list come from the archives, not from the channel, and are in the packages' layers.
#[test]
fn a_lock_builds_the_same_layers_and_reads_no_repodata() {
    let (env, channel) = ready();
    ok(&env, &build(&["-o", "solved.tar"]));
    let lock = ["lock", "environment.yml", "--base", "rootfs:base.tar", "--platform", "linux/amd64"];
    let run = ok(&env, &lock);
    insta::assert_snapshot!(run.stderr.lines().last().unwrap_or_default(), @"wrote environment.lock");
    let explicit = ok(&env, &[&lock[..], &["--explicit"]].concat());
    env.write("explicit.txt", explicit.raw_stdout);
    for subdir in ["linux-64", "noarch"] {
        std::fs::remove_file(channel.path().join(subdir).join("repodata.json")).unwrap();
        std::fs::remove_file(channel.path().join(subdir).join("repodata.json.zst")).unwrap();
    }
    std::fs::remove_dir_all(env.cache()).unwrap();
    for input in ["environment.lock", "explicit.txt"] {
        ok(
            &env,
            &["build", input, "--base", "rootfs:base.tar", "--platform", "linux/amd64", "-o", "locked.tar"],
        );
        let difference = ok(&env, &["diff", "solved.tar", "locked.tar", "--json"]);
        let difference: Value = serde_json::from_slice(&difference.raw_stdout).unwrap();
        let packages = ["added", "removed", "changed"].map(|key| difference[key].as_array().unwrap().len());
        assert_eq!(packages, [0, 0, 0], "{input}: {difference}");
        assert!(input == "explicit.txt" || difference["layers_to_pull"] == 1, "{input}: {difference}");
    }
}

#[test]
fn programs_learn_the_digests_from_files() {
    let (env, _channel) = ready();
    let digest = digest(&env, &build(&["-t", "greet:1", "--metadata-file", "meta.json", "--iidfile", "id"]));
    let metadata: Value = serde_json::from_slice(&env.read("meta.json")).unwrap();
    assert_eq!(metadata["containerimage.digest"], digest.as_str());
    assert_eq!(metadata["image.name"], "greet:1");
    assert_eq!(metadata["containerimage.config.digest"], String::from_utf8(env.read("id")).unwrap().as_str());
}

#[test]
fn settings_beside_the_environment_count_and_the_command_line_wins() {
    let (env, _channel) = ready();
    env.write("app/run.txt", "run\n");
    env.write(
        "mambox.toml",
        "base = \"rootfs:base.tar\"\ncmd = \"greet --all\"\nworkdir = \"/srv\"\ncopy = \"app:/srv/\"\n\
         [env]\nA = \"file\"\nB = \"file\"\n[label]\nl = \"file\"\n",
    );
    let words = [
        "build",
        "environment.yml",
        "--platform",
        "linux/amd64",
        "-e",
        "A=line",
        "--label",
        "m=line",
        "-o",
        "x.tar",
    ];
    ok(&env, &words);
    let image = read_archive(&env.work().join("x.tar"));
    let config = &image.config["config"];
    assert_eq!(config["Cmd"], serde_json::json!(["greet", "--all"]));
    assert_eq!(config["WorkingDir"], "/srv");
    assert_eq!((&config["Labels"]["l"], &config["Labels"]["m"]), (&"file".into(), &"line".into()));
    let variables = config["Env"].to_string();
    assert!(variables.contains("\"A=line\"") && variables.contains("\"B=file\""), "{variables}");
    assert_eq!(image.tree["srv/app/run.txt"].text(), "run\n");
    let ignoring = ok(&env, &build(&["--no-config", "-o", "y.tar"]));
    assert_ne!(read_archive(&env.work().join("y.tar")).config["config"]["WorkingDir"], "/srv", "{ignoring}");
}

#[test]
fn several_platforms_make_an_index() {
    let (env, channel) = ready();
    let words = [
        "build",
        "-p",
        "greet-data",
        "-c",
        channel.path().to_str().unwrap_or_default(),
        "--base",
        "scratch",
        "--platform",
        "linux/amd64,linux-aarch64",
        "-o",
        "oci:out",
    ];
    let run = ok(&env, &words);
    insta::assert_snapshot!(run.stdout, @"
    digest       [DIGEST]
    linux/amd64  [DIGEST]
                 1 package, 111.8 kB (base 0 B, environment 111.8 kB)
                 layers 0 of the base, 1 of packages: 1 new, 0 reused
    linux/arm64  [DIGEST]
                 1 package, 111.8 kB (base 0 B, environment 111.8 kB)
                 layers 0 of the base, 1 of packages: 0 new, 1 reused
    wrote        oci:out
    time         [TIME]
    ");
    let index: Value = serde_json::from_slice(&env.read("out/index.json")).unwrap();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(index["manifests"][0]["mediaType"], "application/vnd.oci.image.index.v1+json");
}

#[test]
fn an_image_can_be_looked_at_verified_and_compared() {
    let (env, mut channel) = ready();
    ok(&env, &build(&["-o", "old.tar"]));
    insta::assert_snapshot!(ok(&env, &["inspect", "old.tar", "--check"]).stdout, @r#"
    old.tar
      digest    [DIGEST]
      platform  linux/amd64
      created   2023-11-14T22:13:20Z
      size      115.7 kB in 6 layers
      base      [DIGEST]
      user      57439:57439
      cmd       ["/bin/sh"]

    environment variables
      PATH=/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      CONDA_PREFIX=/opt/conda
      CONDA_SHLVL=1
      CONDA_DEFAULT_ENV=base
      CONDA_PROMPT_MODIFIER=(base) 
      GREETING=hello
      LANG=C.UTF-8

    labels
      dev.mambox.prefix=/opt/conda
      org.opencontainers.image.base.digest=[DIGEST]
      org.opencontainers.image.created=2023-11-14T22:13:20Z
      org.opencontainers.image.title=greet

    layers, bottom first
      1     765 B  [SHORT]  root file system
      2  107.5 kB  [SHORT]  mambox: account, home and certificates
      3     785 B  [SHORT]  greet-2.0-0
      4     613 B  [SHORT]  greet-data-1.0-0
      5     902 B  [SHORT]  libgreet-1.2.3-0
      6    2.1 kB  [SHORT]  mambox: environment

    3 packages
      greet       2.0    0  1.2 kB  file:///channel
      greet-data  1.0    0  1.1 kB  file:///channel
      libgreet    1.2.3  0  1.4 kB  file:///channel

    check
      every digest and size is right
    "#);
    insta::assert_snapshot!(ok(&env, &["verify", "old.tar", "--jobs", "1", "-c", channel.path().to_str().unwrap_or_default()]), @r"
    exit: 0
    --- stdout
      intact      [SHORT]  base
      reproduced  [SHORT]  account, home and certificates
      reproduced  [SHORT]  greet-2.0-0
      reproduced  [SHORT]  greet-data-1.0-0
      reproduced  [SHORT]  libgreet-1.2.3-0
      reproduced  [SHORT]  environment
    yes: the image was made again from its lock, the same to the byte
    [DIGEST]
    --- stderr
    base      old.tar
    layer     libgreet-1.2.3-0 (1.4 kB)
    layer     greet-2.0-0 (1.2 kB)
    layer     greet-data-1.0-0 (1.1 kB)
    ");
    let newer =
        PackageBuilder::new("greet", "2.1").depends("libgreet").executable("bin/greet", "new\n").build();
    channel.add(&newer);
    ok(&env, &build(&["-o", "new.tar"]));
    insta::assert_snapshot!(ok(&env, &["diff", "old.tar", "new.tar"]).stdout, @"
    - [DIGEST]
    + [DIGEST]

    packages
      ~  greet  2.0 0 -> 2.1 0

    configuration
      env GREETING: hello → (none)

    layers
      4 layers shared (109.8 kB), 2 to pull (2.7 kB)
    ");
    assert_eq!(env.run(["diff", "--exit-code", "old.tar", "new.tar"]).code, Some(1));
    assert_eq!(env.run(["diff", "--exit-code", "old.tar", "old.tar"]).code, Some(0));
    let json: Value =
        serde_json::from_slice(&ok(&env, &["inspect", "new.tar", "--json"]).raw_stdout).unwrap();
    assert_eq!(json["packages"].as_array().unwrap().len(), 3);
}

#[test]
fn a_plan_says_what_a_build_would_make() {
    let (env, _channel) = ready();
    let mut words = build(&["--explain"]);
    words[0] = "plan";
    insta::assert_snapshot!(ok(&env, &words).stdout, @r"
    linux/amd64: 3 layers for 3 packages, 0 in the cache

      1  1.2 kB, to make
         greet-2.0-0
         why: a layer of its own, as 3 packages fit into 64 layers; larger ones lie below
         key: [DIGEST]

      2  1.1 kB, to make
         greet-data-1.0-0
         why: a layer of its own, as 3 packages fit into 64 layers; larger ones lie below
         key: [DIGEST]

      3  1.4 kB, to make
         libgreet-1.2.3-0
         why: a layer of its own, as 3 packages fit into 64 layers; larger ones lie below
         key: [DIGEST]
    ");
    ok(&env, &build(&[]));
    words.pop();
    insta::assert_snapshot!(ok(&env, &words).stdout, @r"
    linux/amd64: 3 layers for 3 packages, 3 in the cache
      1  1.2 kB  cached  greet-2.0-0
      2  1.1 kB  cached  greet-data-1.0-0
      3  1.4 kB  cached  libgreet-1.2.3-0
    ");
}

#[test]
fn the_cache_tells_what_it_holds_and_is_emptied() {
    let (env, _channel) = ready();
    ok(&env, &build(&[]));
    let before: Value = serde_json::from_slice(&ok(&env, &["cache", "info", "--json"]).raw_stdout).unwrap();
    let entries = |info: &Value| -> u64 {
        info["parts"].as_array().unwrap().iter().map(|part| part["entries"].as_u64().unwrap()).sum()
    };
    assert!(entries(&before) >= 3, "{before}");
    // One size for everything together, not for each kind.
    ok(&env, &["cache", "prune", "--max-size", "2kB"]);
    let left: Value = serde_json::from_str(&ok(&env, &["cache", "info", "--json"]).stdout).unwrap();
    let parts = left["parts"].as_array().unwrap();
    let bytes: u64 = parts.iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
    assert!((1..=2000).contains(&bytes), "{left}");
    ok(&env, &["cache", "prune", "--all"]);
    let after: Value = serde_json::from_slice(&ok(&env, &["cache", "info", "--json"]).raw_stdout).unwrap();
    assert_eq!(entries(&after), 0, "{after}");
    assert_eq!(ok(&env, &["cache", "prune"]).stdout, "nothing to remove\n");
}

#[test]
fn a_push_sends_what_the_registry_lacks_and_the_image_can_be_a_base() {
    let (env, _channel) = ready();
    let registry = FakeRegistry::start();
    let name = registry.reference("me/greet", "1");
    let digest = digest(&env, &build(&["-t", &name, "--push"]));
    assert_eq!(registry.tags("me/greet"), [("1".to_owned(), digest)]);
    let uploaded = registry.uploaded_blobs().len();
    ok(&env, &build(&["-t", &name, "--push"]));
    assert_eq!(registry.uploaded_blobs().len(), uploaded);
    let inspected = ok(&env, &["inspect", &name]);
    assert!(inspected.stdout.contains("greet"), "{inspected}");
}

#[test]
fn progress_is_json_where_a_program_listens() {
    let (env, _channel) = ready();
    let run = ok(&env, &build(&["--progress", "json"]));
    let events: Vec<Value> = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().any(|event| event["event"] == "begin" && event["stage"] == "layer"), "{run}");
    let begun = events.iter().filter(|event| event["event"] == "begin").count();
    assert_eq!(begun, events.iter().filter(|event| event["event"] == "end").count(), "{run}");
    let run = env.run(["build", "missing.yml", "--progress", "json"]);
    let error: Value = serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&error["event"], error["exit"].as_i64()), (&"error".into(), run.code.map(i64::from)));
}
