//! The examples for Dockerfiles, built on an image that `mambox images` makes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mambox_conformance::{Engine, Image, unique};
use mambox_testkit::{LocalChannel, PackageBuilder, StaticElf};

use crate::engines::{base_archives, base_name, engines, must, skip};
use crate::family_files::program;

/// What the examples say behind `FROM`, and the base of the one that begins elsewhere.
const FAMILY: &str = "ghcr.io/mambox-dev/micromamba:2-debian13-slim";
const OTHER: &str = "debian:13-slim";

/// Each folder, and the first line that its image prints.
const EXAMPLES: [(&str, &str); 9] = [
    ("yaml", "Python 3.13"),
    ("specs", "Python 3.13"),
    ("lock", "Python 3.13"),
    ("lock-new-environment", "Python 3.13"),
    ("several-environments", "Python 3.13"),
    ("apt", "GNU Make 4.4"),
    ("rename-user", "uid=1000(kai) gid=1000(kai) groups=1000(kai)"),
    ("add-to-another-image", "Python 3.13"),
    ("run-activation", "Python 3.13"),
];

#[test]
fn every_example_builds_and_runs() {
    let what = "examples";
    let Some(engine) = engines().first().copied() else { return };
    if program("MAMBOX_INIT", what).is_none() || program("MAMBOX_MICROMAMBA", what).is_none() {
        return;
    }
    let Some(base) = base_archives().into_iter().find(|base| base_name(base) == "debian-bookworm") else {
        return skip(what, "MAMBOX_TEST_BASES has no debian-bookworm.tar: see .ci/setup-engines");
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = family(folder.path(), &base);
    let loaded: Vec<Image> = names.iter().map(|name| must(engine.adopt(name))).collect();
    let sources = sources(folder.path());
    let offline = with_sources(engine, loaded[0].name(), "mambauser", &sources);
    let other = with_sources(engine, must(engine.import(&base, &tag("plain"))).name(), "root", &sources);
    let lock = must(offline.run(
        &[],
        &["bash", "-c", "micromamba create -qy -n new -c conda-forge python jq >&2 && micromamba env export --explicit -n new"],
    ));
    for (name, printed) in EXAMPLES {
        let (context, dockerfile) = context(folder.path(), name, &lock);
        let dockerfile = dockerfile.replace(FAMILY, offline.name()).replace(OTHER, other.name());
        let image = must(engine.build(&dockerfile, Some(&context), &tag("example")));
        assert_eq!(must(image.run(&[], &[])).lines().next(), Some(printed), "{name}");
    }
}

fn tag(word: &str) -> String {
    format!("localhost/{}:1", unique(word))
}

/// Makes the image, and loads it; gives back its names.
fn family(folder: &Path, base: &Path) -> Vec<String> {
    let repository = format!("localhost/{}", unique("family"));
    let family = format!(
        "repository = '{repository}'\ndefault = 'debian'\nplatforms = ['linux/amd64']\n\
         micromamba = {{ version = '2.8.1' }}\n\
         [[base]]\nname = 'debian'\nimage = 'rootfs:{}'\nkind = 'debian'\n",
        base.display()
    );
    std::fs::write(folder.join("images.toml"), family).expect("a file");
    mambox(folder, &["update"]);
    mambox(folder, &["build", "--load", "--quiet"]);
    let tags = mambox(folder, &["tags"]).stdout;
    String::from_utf8_lossy(&tags).lines().map(str::to_owned).collect()
}

fn mambox(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mambox"));
    command.arg("images").args(words).current_dir(folder).env("MAMBOX_CACHE_DIR", folder.join("cache"));
    let output = command.output().expect("mambox starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The context of [`with_sources`]: a channel that stands for conda-forge, a package that stands for one of Debian's.
fn sources(folder: &Path) -> PathBuf {
    let python = PackageBuilder::new("python", "3.13.0")
        .executable("bin/python", StaticElf::message("Python 3.13\n"))
        .build();
    let jq = PackageBuilder::new("jq", "1.8.0").executable("bin/jq", StaticElf::message("jq-1.8\n")).build();
    let channel = LocalChannel::with([&python, &jq]);
    let context = folder.join("sources");
    std::fs::create_dir_all(context.join("make/DEBIAN")).expect("a folder");
    let copied = Command::new("cp").arg("-r").arg(channel.path()).arg(context.join("conda-forge")).status();
    assert!(copied.expect("cp starts").success());
    let control = "Package: make\nVersion: 4.4\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n\
                   Description: stands for make\n";
    let texts = [
        ("condarc", "custom_channels:\n  conda-forge: file:///srv\n"),
        ("sources.list", "deb [trusted=yes] file:/srv/debian ./\n"),
        ("make/DEBIAN/control", control),
        ("make/usr/bin/make", "#!/bin/sh\necho GNU Make 4.4\n"),
    ];
    for (path, text) in texts {
        let path = context.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    context
}

/// The image with sources of packages inside, as nothing is fetched here.
fn with_sources(engine: Engine, image: &str, user: &str, context: &Path) -> Image {
    let user = format!("USER {user}");
    let lines = [
        "COPY conda-forge /srv/conda-forge",
        "COPY condarc /etc/conda/.condarc",
        "COPY make /srv/make",
        "COPY sources.list /etc/apt/sources.list",
        "USER root",
        "RUN rm -f /etc/apt/sources.list.d/* && mkdir /srv/debian && cd /srv/debian && \\",
        "    chmod -R go-w,a+rX /srv/make && chmod +x /srv/make/usr/bin/make && dpkg-deb --build /srv/make make.deb && \\",
        "    { cat /srv/make/DEBIAN/control; echo Filename: ./make.deb; echo Size: $(stat -c %s make.deb); \\",
        "    echo SHA256: $(sha256sum make.deb | cut -d' ' -f1); } >Packages",
        &user,
    ];
    must(engine.derive(image, &lines, Some(context)))
}

/// A copy of an example with the lock that its reader would have made, and its Dockerfile.
fn context(folder: &Path, name: &str, lock: &str) -> (PathBuf, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/dockerfiles").join(name);
    let context = folder.join(name);
    let copied = Command::new("cp").arg("-r").arg(&source).arg(&context).status();
    assert!(copied.expect("cp starts").success());
    std::fs::write(context.join("conda.lock"), lock).expect("a file");
    let dockerfile = std::fs::read_to_string(context.join("Dockerfile")).expect("a Dockerfile");
    assert!(dockerfile.contains(FAMILY), "{name}");
    (context, dockerfile)
}

#[test]
fn the_list_of_examples_is_complete() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/dockerfiles");
    let folders = std::fs::read_dir(folder).expect("the examples").map(|entry| entry.expect("an entry"));
    let mut found: Vec<_> =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name()).collect();
    let mut known: Vec<_> = EXAMPLES.iter().map(|(name, _)| std::ffi::OsString::from(name)).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}
