//! `micromamba` inside images: what Dockerfiles say to it, built and run by the engines, on bases of all sorts.
//!
//! What this machine lacks is skipped, and a line says so. Besides engines and bases (see `.ci/setup-engines`) the
//! tests need `MAMBOX_MICROMAMBA` and `MAMBOX_INIT`, the static programs that `.ci/build-static` makes.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::disallowed_methods)] // the variables above

mod context;
#[path = "../common/engines.rs"]
mod engines;
mod examples;
#[path = "../common/family.rs"]
mod family_files;
mod idioms;

use std::process::Command;

use context::Context;
use engines::{base_archives, base_name, must, skip};
use mambox_conformance::unique;

#[test]
fn dockerfiles_of_the_field_build_and_run() {
    let Some(context) = Context::new() else { return };
    let mut failures = Vec::new();
    for engine in engines::engines() {
        for archive in base_archives() {
            let base = must(engine.import(&archive, &format!("localhost/{}:1", unique("plain"))));
            let family = must(engine.build(
                &context.family(base.name()),
                Some(context.folder()),
                &format!("localhost/{}:1", unique("family")),
            ));
            for idiom in
                idioms::all().into_iter().filter(|idiom| !idiom.bash || base_name(&archive) != "musl-busybox")
            {
                let tried = idiom.try_on(*engine, family.name(), context.folder());
                failures.extend(tried.err().map(|why| {
                    format!("{} on {} in {}: {why}", idiom.name, base_name(&archive), engine.program())
                }));
            }
        }
    }
    assert!(failures.is_empty(), "{} idioms failed:\n{}", failures.len(), failures.join("\n\n"));
}

/// An image without anything else: no C library, no shell, no certificates, no accounts.
#[test]
fn it_runs_in_an_image_from_scratch() {
    let Some(context) = Context::new() else { return };
    let dockerfile = "FROM scratch
COPY micromamba /bin/micromamba
COPY channel /channel
COPY tmp /tmp
RUN [\"/bin/micromamba\", \"create\", \"-y\", \"-p\", \"/env\", \"-r\", \"/root-prefix\", \"-c\", \"file:///channel\", \"greet\"]
RUN [\"/bin/micromamba\", \"clean\", \"-r\", \"/root-prefix\", \"--all\", \"--yes\"]
";
    for engine in engines::engines() {
        let image = must(engine.build(
            dockerfile,
            Some(context.folder()),
            &format!("localhost/{}:1", unique("bare")),
        ));
        let run = |program: &[&str]| must(image.run(&[], program));
        assert_eq!(run(&["/env/bin/greet"]), "hello\n", "{}", engine.program());
        assert_eq!(
            run(&["/bin/micromamba", "run", "-p", "/env", "greet"]),
            "hello\n",
            "{}",
            engine.program()
        );
    }
}

/// No `/proc`, no `/dev`, no home: a root file system as a build stage may have it.
#[test]
fn it_needs_neither_proc_nor_dev() {
    let Some(context) = Context::new() else { return };
    let root = tempfile::tempdir().expect("a temporary folder");
    let copy = |from: &str, to: &str| {
        let to = root.path().join(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        let done = Command::new("cp").arg("-r").arg(context.folder().join(from)).arg(to).status();
        assert!(done.expect("cp starts").success());
    };
    copy("micromamba", "bin/micromamba");
    copy("channel", "channel");
    std::fs::create_dir(root.path().join("tmp")).expect("a folder");
    let words = ["/bin/micromamba", "create", "-y", "-r", "/r", "-n", "x", "-c", "file:///channel", "greet"];
    let output = Command::new("chroot")
        .arg(root.path())
        .args(words)
        .env_clear()
        // For chroot itself.
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output();
    let output = output.expect("chroot starts");
    let error = String::from_utf8_lossy(&output.stderr);
    if error.contains("Operation not permitted") && error.starts_with("chroot:") {
        return skip("micromamba without /proc and /dev", "only root may change the root folder");
    }
    assert!(output.status.success(), "{error}");
    assert!(root.path().join("r/envs/x/bin/greet").is_file());
}

/// The static program has no loader, whatever C library it was made with.
#[test]
fn it_is_static_and_small() {
    let Some(context) = Context::new() else { return };
    let program = std::fs::read(context.folder().join("micromamba")).expect("the program");
    assert!(!program.windows(12).any(|window| window == b"/ld-linux-x8"), "it wants a loader");
    // The issue's bound is for musl; glibc adds about a megabyte.
    assert!(program.len() < 16_000_000, "{} bytes", program.len());
}
