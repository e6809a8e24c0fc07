//! Loading and running, in every way in which a container is entered.

use mambox_conformance::{Engine, Image, unique};

use crate::channel;
use crate::engines::{engines, find, must, skip};
use crate::fixture::{Base, Fixture};

#[test]
fn an_archive_loads_and_runs_in_docker() {
    if let Some(docker) = find(Engine::Docker) {
        archive_loads_and_runs(docker);
    }
}

#[test]
fn an_archive_loads_and_runs_in_podman() {
    if let Some(podman) = find(Engine::Podman) {
        archive_loads_and_runs(podman);
    }
}

fn archive_loads_and_runs(engine: Engine) {
    let fixture = Fixture::new();
    for base in fixture.bases() {
        let name = format!("localhost/{}:1", unique("load"));
        fixture.build("2.0", &base.reference, &["-t", &name, "-o", "image.tar"]);
        let image = must(engine.load(&fixture.env.work().join("image.tar"), &name));
        check(&image, &base);
    }
}

/// What an image on any base has to do, in any engine.
fn check(image: &Image, base: &Base) {
    let context = format!("{} on {}", image.engine().program(), base.name);
    let ways: [&[&str]; 4] = [
        &[],
        &["--user", "1234:0"],
        &["--read-only"],
        &["--user", "1234:0", "--read-only", "--workdir", "/"],
    ];
    for options in ways {
        check_environment(&must(image.run(options, &["show-env"])), &format!("{context}, {options:?}"));
        assert_eq!(
            must(image.run(options, &["show-prefix"])),
            "/opt/conda/share/tool\n",
            "{context}, {options:?}"
        );
    }
    check_environment(
        &must(image.run(&["--entrypoint", "show-env"], &[])),
        &format!("{context}, --entrypoint"),
    );
    if base.real {
        check_account(image, &context);
        check_exec(image, &context);
    } else {
        skip(&format!("exec and accounts in {context}"), "the base has no programs");
    }
}

/// Activation is in the image's configuration, so it does not depend on how a program is started.
fn check_environment(environment: &str, context: &str) {
    let lines: Vec<&str> = environment.lines().collect();
    for expected in ["CONDA_PREFIX=/opt/conda", "CONDA_SHLVL=1", "CONDA_DEFAULT_ENV=base", "TOOL_LEVEL=11"] {
        assert!(lines.contains(&expected), "{context}: no {expected} in\n{environment}");
    }
    let path = lines.iter().find_map(|line| line.strip_prefix("PATH=")).expect("a PATH");
    assert!(path.starts_with("/opt/conda/bin:"), "{context}: {path}");
}

/// The default user is an unprivileged account; any user of group 0 may write where it may.
fn check_account(image: &Image, context: &str) {
    let shell = |options: &[&str], script: &str| must(image.run(options, &["sh", "-c", script]));
    let account = shell(&[], "id -un; cd && pwd && touch written && echo writable");
    assert_eq!(account, "mambauser\n/home/mambauser\nwritable\n", "{context}");
    let stranger =
        shell(&["--user", "1234:0"], "touch /home/mambauser/written /tmp/written && echo writable");
    assert_eq!(stranger, "writable\n", "{context}");
    let files = shell(
        &[],
        "cat /opt/conda/share/tool/latest.txt; stat -c '%a %u:%g' /opt/conda/share/tool/sealed.txt",
    );
    assert_eq!(files, "version 2.0 in /opt/conda\n444 0:0\n", "{context}");
    let certificates = shell(&[], "head -n 1 /etc/ssl/certs/ca-certificates.crt");
    assert_eq!(certificates, "-----BEGIN CERTIFICATE-----\n", "{context}");
}

fn check_exec(image: &Image, context: &str) {
    let container = must(image.start(&["--read-only"], &["sleep", "300"]));
    for options in [&[] as &[&str], &["--user", "1234:0"]] {
        check_environment(
            &must(container.exec(options, &["show-env"])),
            &format!("{context}, exec {options:?}"),
        );
    }
    assert_eq!(must(container.exec(&[], &["id", "-un"])), "mambauser\n", "{context}");
}

#[test]
fn an_image_is_loaded_straight_into_docker() {
    let Some(docker) = find(Engine::Docker) else { return };
    let fixture = Fixture::with_engines();
    for base in fixture.bases() {
        let name = format!("localhost/{}:1", unique("straight"));
        let metadata = fixture.build_with_metadata(&base.reference, &["-t", &name, "--load=docker"]);
        let image = must(docker.adopt(&name));
        assert_eq!(must(image.run(&[], &["show-prefix"])), "/opt/conda/share/tool\n");
        // Docker's image ID is the digest of the configuration, which thus arrived unchanged.
        assert_eq!(must(image.field("{{.Id}}")), metadata["containerimage.config.digest"], "{metadata:#}");
        // Nothing was compressed for it, and there is no manifest; but it is the same image.
        assert!(metadata.get("containerimage.digest").is_none(), "{metadata:#}");
        let archive = fixture.build_with_metadata(&base.reference, &["-t", &name, "-o", "same.tar"]);
        assert_eq!(archive["containerimage.config.digest"], metadata["containerimage.config.digest"]);
    }
}

#[test]
fn an_image_in_docker_can_be_a_base() {
    let Some(docker) = find(Engine::Docker) else { return };
    let fixture = Fixture::with_engines();
    let base = format!("localhost/{}:1", unique("base"));
    let first = &fixture.bases()[0];
    fixture.build("1.0", &first.reference, &["-t", &base, "-o", "base.tar"]);
    let _base = must(docker.load(&fixture.env.work().join("base.tar"), &base));
    let name = format!("localhost/{}:1", unique("on-base"));
    fixture.build(
        "2.0",
        &format!("docker-daemon:{base}"),
        &["-t", &name, "-o", "image.tar", "--prefix", "/srv/env"],
    );
    let image = must(docker.load(&fixture.env.work().join("image.tar"), &name));
    assert_eq!(must(image.run(&[], &["show-prefix"])), "/srv/env/share/tool\n");
}

/// The README's example, whose base is `scratch`: a static program and nothing else.
#[test]
fn the_example_says_hello() {
    let Some(engine) = engines().first().copied() else { return };
    let env = mambox_testkit::TestEnv::new(env!("CARGO_BIN_EXE_mambox"));
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/hello");
    for file in ["environment.yml", "mambox.toml"] {
        let text = std::fs::read(sources.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        env.write(&format!("examples/hello/{file}"), text);
    }
    channel::make(&sources, &env.work().join("target/hello/channel"));
    let name = format!("localhost/{}:1", unique("hello"));
    let command = channel::COMMAND.replace("hello:1", &name);
    let run = env.run(command.split_whitespace().skip(1));
    assert!(run.success(), "{run}");
    let image = must(engine.load(&env.work().join("target/hello/hello.tar"), &name));
    assert_eq!(
        must(image.run(&["--read-only"], &[])),
        "Hello from /opt/conda/bin/hello\n\
         This text is /opt/conda/share/hello/welcome.txt,\nfrom a package of its own, in a layer of its own.\n"
    );
}
