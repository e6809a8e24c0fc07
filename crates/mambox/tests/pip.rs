//! Environments with a `pip:` section, with the real executable. In uv's place is a script that gives a prepared answer, so
//! that these tests need neither uv nor an index; what the real uv answers is tested in mambox-pip.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{mambox, ok, read_archive};
use mambox_testkit::{BuiltWheel, LocalChannel, PackageBuilder, TestEnv, WheelBuilder};
use serde_json::Value;

const BUILD: [&str; 7] = ["--base", "rootfs:base.tar", "--pyc", "off", "--jobs", "1", "--no-rc"];
const SITE: &str = "opt/conda/lib/python3.13/site-packages";

/// All that conda's numbers has as a distribution.
const NUMBERS: &str = "../../../bin/old-numbers,,\nnumbers/__init__.py,,\nnumbers/old.py,,\n\
                       numbers-1.5.dist-info/METADATA,,\nnumbers-1.5.dist-info/RECORD,,\n";

/// A machine with a channel that has python for two platforms, and a uv that answers with `pylock.toml`.
fn ready() -> (TestEnv, LocalChannel) {
    let python = |subdir: &str| PackageBuilder::python_interpreter("3.13.5", "ELF").subdir(subdir).build();
    let mut channel = LocalChannel::with([&python("linux-64"), &python("linux-aarch64")]);
    let numbers = PackageBuilder::new("numbers", "1.5")
        .noarch_python()
        .depends("python")
        .site_package("numbers/__init__.py", "kind = 'conda'\n")
        .site_package("numbers/old.py", "")
        .site_package("numbers-tests/test.py", "")
        .entry_point("old-numbers", "numbers", "main")
        .site_package(
            "numbers-1.5.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: numbers\nVersion: 1.5\n",
        )
        .site_package("numbers-1.5.dist-info/RECORD", NUMBERS);
    channel.add(&numbers.build());
    let env = mambox();
    let uv = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'uv 0.13.9' && exit\n\
              while [ $# -gt 0 ]; do [ \"$1\" = --output-file ] && out=$2; shift; done\n\
              /bin/cat > asked.txt\n/bin/cat pylock.toml > \"$out\"\n";
    let path = env.write("uv", uv);
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let env = env.var("MAMBOX_UV", path);
    (env, channel)
}

/// `environment.yml` with conda packages and a pip section.
fn environment(env: &TestEnv, channel: &LocalChannel, conda: &[&str], pip: &[&str]) {
    let items = |indent: &str, items: &[&str]| {
        items.iter().map(|item| format!("{indent}- {item}\n")).collect::<String>()
    };
    let text = format!(
        "name: mixed\nchannels:\n  - {}\ndependencies:\n{}  - pip:\n{}",
        channel.url(),
        items("  ", conda),
        items("    ", pip)
    );
    env.write("environment.yml", text);
}

/// What uv answers: these wheels, in the folder `wheels`.
fn answer(env: &TestEnv, wheels: &[&BuiltWheel]) {
    let mut text = "lock-version = \"1.0\"\ncreated-by = \"uv\"\n".to_owned();
    for wheel in wheels {
        let folder = env.work().join("wheels");
        std::fs::create_dir_all(&folder).unwrap();
        let path = wheel.write_to(&folder);
        text.push_str(&format!(
            "[[packages]]\nname = \"{}\"\nversion = \"{}\"\nwheels = [{{ url = \"file://{}\", hashes = {{ sha256 = \"{}\" }} }}]\n",
            wheel.name,
            wheel.version,
            path.display(),
            wheel.sha256
        ));
    }
    env.write("pylock.toml", text);
}

fn hello() -> WheelBuilder {
    WheelBuilder::new("Hello.World", "2.0")
        .file("hello/__init__.py", "def main(): print('hello')\n")
        .data("share/hello/greeting.txt", "hello\n")
        .entry_point("hello", "hello:main")
}

fn lock(env: &TestEnv, further: &[&str]) -> mambox_testkit::Run {
    let words = ["lock", "environment.yml", "--base", "rootfs:base.tar", "--no-rc"];
    env.run([&words[..], further].concat())
}

/// A lock for one platform, which has to come about.
fn lock_here(env: &TestEnv) {
    let run = lock(env, &["--platform", "linux/amd64"]);
    assert!(run.success(), "{run}");
}

fn build_lock(further: &[&'static str]) -> Vec<&'static str> {
    [&["build", "environment.lock", "--platform", "linux/amd64"], &BUILD[..], further].concat()
}

#[test]
fn a_pip_section_is_locked_and_becomes_layers_above_the_conda_packages() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13"], &["Hello.World >=2", "--pre"]);
    answer(&env, &[&hello().finish()]);
    let run = lock(&env, &["--platform", "linux/amd64"]);
    insta::assert_snapshot!(run.stderr, @r#"
    base      rootfs:base.tar
    base      files of the base image
    repodata  [CHANNEL]/linux-64
    repodata  [CHANNEL]/noarch
    solve     linux-64
    solve     resolve pip packages
    wrote environment.lock
    "#);
    let asked = std::fs::read_to_string(env.work().join("asked.txt")).unwrap();
    assert_eq!(asked.trim_end(), "Hello.World >=2\n--pre");
    let text = std::fs::read_to_string(env.work().join("environment.lock")).unwrap();
    let of_pip = text.find("- pypi: ./wheels/Hello_World").unwrap();
    assert!(text[of_pip..].contains("Hello_World-2.0-py3-none-any.whl"), "{text}");

    let run = ok(&env, &build_lock(&["-o", "mixed.tar"]));
    insta::assert_snapshot!(run, @r#"
    exit: 0
    --- stdout
    digest    [DIGEST]
    image ID  [DIGEST]
    platform  linux/amd64
    size      114.9 kB (base 765 B, environment 114.1 kB)
    layers    1 of the base, 2 of packages: 2 new, 0 reused
    packages  2
    wrote     mixed.tar
    time      [TIME]
    --- stderr
    base      rootfs:base.tar
    layer     Hello_World-2.0-py3-none-any.whl (1.4 kB)
    layer     python-3.13.5-h0_0_cp313 (1.4 kB)
    write     mixed.tar
    "#);
    let image = read_archive(&env.work().join("mixed.tar"));
    let info = format!("{SITE}/Hello_World-2.0.dist-info");
    assert_eq!(image.tree[&format!("{info}/INSTALLER")].text(), "mambox\n");
    assert_eq!(image.tree["opt/conda/share/hello/greeting.txt"].text(), "hello\n");
    assert!(image.tree["opt/conda/bin/hello"].text().starts_with("#!/opt/conda/bin/python3.13\n"));
    let record = image.tree[&format!("{info}/RECORD")].text();
    let installed: Vec<&str> = record.lines().filter_map(|line| line.split(',').next()).collect();
    insta::assert_snapshot!(installed.join("\n"), @r#"
    ../../../bin/hello
    ../../../share/hello/greeting.txt
    Hello_World-2.0.dist-info/INSTALLER
    Hello_World-2.0.dist-info/METADATA
    Hello_World-2.0.dist-info/RECORD
    Hello_World-2.0.dist-info/WHEEL
    Hello_World-2.0.dist-info/entry_points.txt
    hello/__init__.py
    "#);
}

#[test]
fn a_lock_can_be_moved_with_what_lies_beside_it_and_gives_the_same_image() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13"], &["hello-world"]);
    answer(&env, &[&hello().finish()]);
    lock_here(&env);
    let first = ok(&env, &build_lock(&["-q"])).raw_stdout;
    let moved = env.work().join("elsewhere");
    std::fs::create_dir(&moved).unwrap();
    for name in ["environment.lock", "wheels"] {
        std::fs::rename(env.work().join(name), moved.join(name)).unwrap();
    }
    std::fs::remove_dir_all(env.cache()).unwrap();
    let words = ["build", "elsewhere/environment.lock", "--platform", "linux/amd64", "-q"];
    assert_eq!(ok(&env, &[&words[..], &BUILD].concat()).raw_stdout, first);
}

#[test]
fn one_lock_builds_for_two_platforms() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13"], &["native"]);
    let native = |machine: &str| {
        WheelBuilder::new("native", "1.0")
            .tag(&format!("cp313-cp313-manylinux_2_17_{machine}"))
            .file("native.so", machine)
            .finish()
    };
    let wheels = env.work().join("wheels");
    std::fs::create_dir_all(&wheels).unwrap();
    let all = ["x86_64", "aarch64"].map(native);
    let listed: Vec<String> = all
        .iter()
        .map(|wheel| {
            let path = wheel.write_to(&wheels);
            format!("{{ url = \"file://{}\", hashes = {{ sha256 = \"{}\" }} }}", path.display(), wheel.sha256)
        })
        .collect();
    env.write(
        "pylock.toml",
        format!(
            "lock-version = \"1.0\"\n[[packages]]\nname = \"native\"\nversion = \"1.0\"\nwheels = [{}]\n",
            listed.join(", ")
        ),
    );
    let both = ["--platform", "linux/amd64", "--platform", "linux/arm64", "--base", "scratch", "--no-rc"];
    ok(&env, &[&["lock", "environment.yml"], &both[..]].concat());
    ok(&env, &[&["build", "environment.lock", "-o", "oci:out", "--pyc", "off"], &both[..]].concat());
    for (platform, machine) in [("linux/amd64", "x86_64"), ("linux/arm64", "aarch64")] {
        ok(&env, &["convert", "oci:out", "--platform", platform, "one.tar"]);
        let image = read_archive(&env.work().join("one.tar"));
        assert_eq!(image.tree[&format!("{SITE}/native.so")].text(), machine);
    }
}

#[test]
fn inspect_diff_and_verify_know_wheels() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13"], &["hello-world"]);
    answer(&env, &[&hello().finish()]);
    let words =
        [&["build", "environment.yml", "--platform", "linux/amd64", "-o", "old.tar"], &BUILD[..]].concat();
    ok(&env, &words);
    let run = ok(&env, &["inspect", "old.tar", "--json"]);
    let inspected: Value = serde_json::from_slice(&run.raw_stdout).unwrap();
    let of_pip =
        inspected["packages"].as_array().unwrap().iter().find(|package| package["channel"] == "pypi");
    assert_eq!(of_pip.unwrap()["name"], "hello-world");
    assert_eq!(of_pip.unwrap()["version"], "2.0");

    let channel_url = channel.url().to_string();
    let run = ok(&env, &["verify", "old.tar", "-c", &channel_url, "-c", "./wheels"]);
    assert!(run.stderr.contains("yes: ") || run.stdout.contains("yes: "), "{run}");

    answer(&env, &[&WheelBuilder::new("hello-world", "3.0").file("hello/__init__.py", "").finish()]);
    let words =
        [&["build", "environment.yml", "--platform", "linux/amd64", "-o", "new.tar"], &BUILD[..]].concat();
    ok(&env, &words);
    let run = env.run(["diff", "old.tar", "new.tar"]);
    assert!(run.stdout.contains("hello-world") && run.stdout.contains("3.0"), "{run}");
}

#[test]
fn a_distribution_that_conda_has_in_another_version_is_refused_or_replaced() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13", "numbers"], &["other"]);
    let wheel = WheelBuilder::new("numbers", "2.0").file("numbers/__init__.py", "kind = 'wheel'\n").finish();
    // uv leaves out what is there already; a lock of somebody else's may not.
    answer(&env, &[]);
    lock_here(&env);
    let path = wheel.write_to(env.work());
    let text = std::fs::read_to_string(env.work().join("environment.lock")).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let selected = text.replacen(
        "    packages:\n      linux-64:\n",
        &format!("    packages:\n      linux-64:\n      - pypi: ./{name}\n"),
        1,
    );
    let record =
        format!("- pypi: ./{name}\n  name: numbers\n  version: '2.0'\n  sha256: '{}'\n", wheel.sha256);
    env.write("environment.lock", format!("{selected}{record}"));

    let run = env.run(build_lock(&["-o", "mixed.tar"]));
    insta::assert_snapshot!(error(&run), @r#"
    exit 2
    error: pip brings numbers==2.0, but the conda package numbers has numbers 1.5 already; ask for one of the two, or give --pip-override, with which the wheel replaces it
    "#);
    assert!(!env.work().join("mixed.tar").exists());

    ok(&env, &build_lock(&["-o", "mixed.tar", "--pip-override"]));
    let image = read_archive(&env.work().join("mixed.tar"));
    assert_eq!(image.tree[&format!("{SITE}/numbers/__init__.py")].text(), "kind = 'wheel'\n");
    for gone in [format!("{SITE}/numbers/old.py"), "opt/conda/bin/old-numbers".to_owned()] {
        assert!(!image.tree.contains_key(&gone), "pip would have removed {gone}");
    }
    assert!(image.tree.contains_key(&format!("{SITE}/numbers-tests/test.py")), "no file of the distribution");
    assert!(!image.tree.keys().any(|path| path.contains("numbers-1.5.dist-info")));
    assert!(image.tree.contains_key("opt/conda/conda-meta/numbers-1.5-0.json"));
    let channel_url = channel.url().to_string();
    ok(&env, &["verify", "mixed.tar", "-c", &channel_url, "-c", "."]);
}

#[test]
fn a_wheel_and_a_conda_package_with_one_path_are_named() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13", "numbers"], &["clash"]);
    answer(
        &env,
        &[&WheelBuilder::new("clash", "1.0")
            .file("numbers/__init__.py", "")
            .file("numbers/old.py", "")
            .finish()],
    );
    lock_here(&env);
    let run = env.run(build_lock(&[]));
    insta::assert_snapshot!(error(&run), @r#"
    exit 2
    error: the wheel of clash and the conda package numbers have the same files: lib/python3.13/site-packages/numbers/__init__.py, lib/python3.13/site-packages/numbers/old.py; ask for one of the two, or give --pip-override, with which the wheel's files are taken
    "#);
}

/// What a command said last, from `error:` on.
fn error(run: &mambox_testkit::Run) -> String {
    let begin = run.stderr.find("error:").unwrap_or(0);
    format!("exit {}\n{}", run.code.unwrap_or(-1), run.stderr[begin..].trim_end())
}

#[test]
fn what_is_wrong_with_a_pip_section_is_said_with_the_next_step() {
    let (env, channel) = ready();
    let wheel = hello().finish();
    answer(&env, &[&wheel]);
    let mut told = Vec::new();
    environment(&env, &channel, &[], &["hello-world"]);
    told.push(error(&lock(&env, &["--platform", "linux/amd64"])));
    environment(&env, &channel, &["python =3.13"], &["hello-world"]);
    told.push(error(&lock(&env, &["--platform", "linux/amd64", "--uv", "nowhere/uv"])));
    told.push(error(&lock(&env, &["--platform", "linux/amd64", "--explicit"])));
    let foreign = hello().tag("cp312-cp312-manylinux_2_28_x86_64").finish();
    answer(&env, &[&foreign]);
    told.push(error(&lock(&env, &["--platform", "linux/amd64"])));
    insta::assert_snapshot!(told.join("\n\n"), @r#"
    exit 2
    error: environment.yml has a pip: section, but its dependencies have no python; add one such as 'python =3.13'

    exit 6
    error: there is no program [WORK]/nowhere/uv, which --uv or MAMBOX_UV names; install it from conda-forge (`uv`), from PyPI (`pip install uv`) or with its own installer, and have it in PATH, or name it with --uv PATH or MAMBOX_UV

    exit 2
    error: an explicit list holds conda packages only, but hello-world==2.0 is from pip
      help: leave --explicit out

    exit 2
    error: environment.yml: hello-world==2.0 cannot be used for python 3.13 on linux-64: it has no wheel that fits and no sources (there is Hello_World-2.0-cp312-cp312-manylinux_2_28_x86_64.whl); ask for another version
    "#);
}

#[test]
fn what_is_wrong_with_a_lock_or_a_wheel_is_said_with_the_next_step() {
    let (env, channel) = ready();
    environment(&env, &channel, &["python =3.13"], &["hello-world"]);
    let wheel = hello().finish();
    answer(&env, &[&wheel]);
    lock_here(&env);
    let text = std::fs::read_to_string(env.work().join("environment.lock")).unwrap();
    let name = "Hello_World-2.0-py3-none-any.whl";
    let mut told = Vec::new();
    let with = |from: &str, to: &str, further: &[&'static str]| {
        assert!(text.contains(from), "{from}: {text}");
        env.write("environment.lock", text.replace(from, to));
        error(&env.run(build_lock(further)))
    };
    told.push(with("-py3-none-any.whl", "-cp312-cp312-manylinux_2_28_x86_64.whl", &[]));
    told.push(with(name, "Hello_World-2.0.tar.gz", &["--no-build"]));
    let folder = text.replace(&format!("./wheels/{name}"), "./tool");
    let [version, hash] = ["version: '2.0'".to_owned(), format!("sha256: {}", wheel.sha256)];
    env.write("environment.lock", folder.replace(&format!("\n  {version}\n  {hash}"), ""));
    told.push(error(&env.run(build_lock(&[]))));
    told.push(with(&wheel.sha256.to_string(), &"0".repeat(64), &[]));
    let lying =
        hello().lie_hash("hello/__init__.py", "sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").finish();
    lying.write_to(env.work().join("wheels"));
    told.push(with(&wheel.sha256.to_string(), &lying.sha256.to_string(), &[]));
    insta::assert_snapshot!(told.join("\n\n"), @r#"
    exit 2
    error: Hello_World-2.0-cp312-cp312-manylinux_2_28_x86_64.whl does not run on Python 3.13 of linux-64 with glibc 2.36; lock again for this platform and base, so that a wheel is chosen that does

    exit 2
    error: there is no wheel of hello-world==2.0 in the lock, and --no-build forbids to build one; leave --no-build out, or lock a version that has a wheel

    exit 2
    error: the folder [WORK]/tool of the pip package hello-world is not there; lock again, or build where it is

    exit 5
    error: Hello_World-2.0-py3-none-any.whl has the wrong sha256: expected 0000000000000000000000000000000000000000000000000000000000000000, but file://[WORK]/wheels/Hello_World-2.0-py3-none-any.whl has ed02fd707ade6c54a52d2ecfc22feb69b71e066a0540cc563ea271e8c911894d. The file was replaced or damaged: if the channel changed, lock again; otherwise do not trust it

    exit 5
    error: package Hello_World-2.0-py3-none-any.whl: has a RECORD that does not vouch for 'hello/__init__.py': its sha256 is listed as AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, but is 1Epz7IaY8oHl_JveybrynrBfMB6VT0Wc6jLdDhMdh2g; take another version of it, or ask its authors for a wheel with a right RECORD
    "#);
}
