//! Entries of a pylock.toml, honest and hostile ones, and what becomes of them.

use std::collections::BTreeMap;

use mambox_env::{Libc, WheelTarget};
use rattler_conda_types::Subdir;

use super::*;
use crate::{installed::Installed, pylock::Pylock};

/// What becomes of the entries of a pylock.toml, with requirements that pin hashes; a line for each.
fn chosen_with(packages: &str, pins: &[&str], no_build: bool) -> String {
    let pylock = Pylock::parse(&format!("lock-version = \"1.0\"\n{packages}")).expect("a pylock.toml");
    let target = WheelTarget {
        python: (3, 13),
        free_threaded: false,
        platform: Subdir::Linux64,
        libc: Libc::Glibc("2.28".parse().expect("a version")),
    };
    let there =
        Installed { name: "numpy".into(), version: "2.1".into(), package: "numpy-2.1-py313_0".into() };
    let request = PipRequest {
        file: "environment.yml",
        requirements: &[],
        folder: Path::new("/project"),
        target: &target,
        installed: &[there],
        no_build,
        variables: &BTreeMap::new(),
        cache_dir: Path::new("/cache"),
        offline: true,
    };
    let mut hashes = Hashes::default();
    for pin in pins {
        if *pin == "--require-hashes" { hashes.required = true } else { hashes.add(pin).expect("a pin") }
    }
    let choice = Choice {
        request: &request,
        hashes: &hashes,
        base: Path::new("/cache/pip-1"),
        stubs: Path::new("/cache/pip-1/conda"),
    };
    let lines = pylock.packages.iter().map(|entry| match choice.of(entry) {
        Ok(None) => format!("{}: there already", entry.name),
        Ok(Some(chosen)) => shown(&chosen),
        Err(error) => error.to_string(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn chosen(packages: &str) -> String {
    chosen_with(packages, &[], false)
}

fn shown(Chosen { package, editable }: &Chosen) -> String {
    let of =
        |folder: &Option<String>| folder.as_ref().map_or(String::new(), |folder| format!(" in {folder}"));
    let source = match &package.source {
        PipSource::Wheel { url, .. } => format!("wheel {url}"),
        PipSource::Sdist { url, subdirectory, .. } => format!("sdist {url}{}", of(subdirectory)),
        PipSource::Folder { path } => format!("folder {}", path.display()),
        PipSource::Git { url, commit, subdirectory } => {
            format!("{url} at {}{}", &commit[..7], of(subdirectory))
        }
    };
    format!("{}: {source}{}", package.label(), if *editable { ", editable" } else { "" })
}

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn wheel(tags: &str, sha256: &str) -> String {
    format!(
        "{{ url = \"https://me:pw@example.invalid/x-1.0-{tags}.whl\", hashes = {{ sha256 = \"{sha256}\" }} }}"
    )
}

#[test]
fn every_form_of_a_distribution_is_understood() {
    let told = chosen(&format!(
        r#"
        [[packages]]
        name = "numpy"
        version = "2.1"
        archive = {{ path = "conda/numpy-2.1-py3-none-any.whl", hashes = {{ sha256 = "{A}" }} }}
        [[packages]]
        name = "Wheel_Ed"
        version = "1.0"
        index = "https://me:pw@example.invalid/simple"
        wheels = [{}, {}, {}]
        sdist = {{ url = "https://example.invalid/x-1.0.tar.gz", hashes = {{ sha256 = "{B}" }} }}
        [[packages]]
        name = "foreign"
        version = "1.0"
        wheels = [{}]
        sdist = {{ url = "https://example.invalid/x-1.0.tar.gz", hashes = {{ sha256 = "{B}" }} }}
        [[packages]]
        name = "folder"
        directory = {{ path = "../../project/./folder", editable = true }}
        [[packages]]
        name = "archive"
        version = "1.0"
        archive = {{ path = "/home/me/archive-1.0.zip", subdirectory = "python", hashes = {{ sha256 = "{A}" }} }}
        [[packages]]
        name = "repository"
        vcs = {{ type = "git", url = "https://me:pw@example.invalid/x.git", commit-id = "0123456789abcdef0123456789abcdef01234567", subdirectory = "sub" }}
        "#,
        wheel("py3-none-any", A),
        wheel("cp313-cp313-manylinux_2_28_x86_64", B),
        wheel("cp313-cp313-win_amd64", B),
        wheel("cp313-cp313-win_amd64", B),
    ));
    insta::assert_snapshot!(told, @"
    numpy: there already
    wheel-ed==1.0: wheel https://example.invalid/x-1.0-cp313-cp313-manylinux_2_28_x86_64.whl
    foreign==1.0: sdist https://example.invalid/x-1.0.tar.gz
    folder: folder /project/folder, editable
    archive==1.0: sdist file:///home/me/archive-1.0.zip in python
    repository: https://example.invalid/x.git at 0123456 in sub
    ");
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    let told = chosen(&format!(
        r#"
        [[packages]]
        name = "numpy"
        version = "3.0"
        wheels = [{}]
        [[packages]]
        name = "no-hash"
        version = "1.0"
        wheels = [{{ url = "https://me:pw@example.invalid/x-1.0-py3-none-any.whl", hashes = {{}} }}]
        [[packages]]
        name = "bad-hash"
        wheels = [{}]
        [[packages]]
        name = "foreign"
        version = "1.0"
        wheels = [{}]
        [[packages]]
        name = "foreign-archive"
        archive = {{ url = "https://example.invalid/x-1.0-cp313-cp313-win_amd64.whl", hashes = {{ sha256 = "{A}" }} }}
        [[packages]]
        name = "nothing"
        [[packages]]
        name = "../name"
        archive = {{ url = "https://example.invalid/x-1.0.zip", hashes = {{ sha256 = "{A}" }} }}
        [[packages]]
        name = "hg"
        vcs = {{ type = "hg", url = "https://example.invalid/x", commit-id = "0" }}
        [[packages]]
        name = "branch"
        vcs = {{ type = "git", url = "https://example.invalid/x", commit-id = "main" }}
        [[packages]]
        name = "escape"
        directory = {{ path = "/project", subdirectory = "../.." }}
        [[packages]]
        name = "scheme"
        archive = {{ url = "ftp://example.invalid/x-1.0.zip", hashes = {{ sha256 = "{A}" }} }}
        "#,
        wheel("py3-none-any", A),
        wheel("py3-none-any", "00"),
        wheel("cp313-cp313-win_amd64", A),
    ));
    insta::assert_snapshot!(told, @"
    environment.yml: numpy==3.0 would replace the conda package numpy-2.1-py313_0, by an override of uv; take numpy out of dependencies: or out of the override
    environment.yml: no-hash==1.0 cannot be used for python 3.13 on linux-64: neither its index nor uv gives a sha256 for x-1.0-py3-none-any.whl, so that it could not be checked; a newer uv computes it
    environment.yml: bad-hash cannot be used for python 3.13 on linux-64: its sha256 has not 64 hexadecimal digits
    environment.yml: foreign==1.0 cannot be used for python 3.13 on linux-64: it has no wheel that fits and no sources (there is x-1.0-cp313-cp313-win_amd64.whl); ask for another version
    environment.yml: foreign-archive cannot be used for python 3.13 on linux-64: the wheel x-1.0-cp313-cp313-win_amd64.whl is for another python or platform; ask for one that fits
    environment.yml: nothing cannot be used for python 3.13 on linux-64: it has no wheel that fits and no sources (there is nothing of it); ask for another version
    environment.yml: ../name cannot be used for python 3.13 on linux-64: '../name' is no name of a Python distribution: letters, digits, '.', '-' and '_', with a letter or digit at both ends
    environment.yml: hg cannot be used for python 3.13 on linux-64: it comes from a repository of the kind 'hg', and only git is supported
    environment.yml: branch cannot be used for python 3.13 on linux-64: 'main' is no whole commit of git (40 digits)
    environment.yml: escape cannot be used for python 3.13 on linux-64: its subdirectory leads out of the folder
    environment.yml: scheme cannot be used for python 3.13 on linux-64: its address begins with ftp:, which is not supported
    ");
}

#[test]
fn pinned_hashes_choose_the_wheel_and_must_be_met() {
    let lock = format!(
        "[[packages]]\nname = \"x\"\nversion = \"1.0\"\nwheels = [{}, {}]",
        wheel("cp313-cp313-manylinux_2_28_x86_64", A),
        wheel("py3-none-any", B)
    );
    let pin = |digit: &str| format!("x==1.0 --hash=sha256:{}", digit.repeat(64));
    let told = [
        chosen_with(&lock, &[], false),
        chosen_with(&lock, &[&pin("b")], false),
        chosen_with(&lock, &[&pin("c")], false),
        chosen_with(&lock, &["--require-hashes"], false),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    x==1.0: wheel https://example.invalid/x-1.0-cp313-cp313-manylinux_2_28_x86_64.whl
    x==1.0: wheel https://example.invalid/x-1.0-py3-none-any.whl
    environment.yml: x==1.0 has another hash than the requirement pins: x-1.0-cp313-cp313-manylinux_2_28_x86_64.whl has aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    where one of these is wanted: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
    Either the file was replaced, which should not happen, or the requirement has to be pinned anew
    environment.yml: x==1.0 cannot be used for python 3.13 on linux-64: no hash is pinned for it, although --require-hashes is among the requirements; add --hash=sha256:…
    ");
}

#[test]
fn without_building_there_are_only_wheels() {
    let told = chosen_with("[[packages]]\nname = \"x\"\ndirectory = { path = \"/project\" }", &[], true);
    insta::assert_snapshot!(told, @"environment.yml: x cannot be used for python 3.13 on linux-64: there is no wheel of it that fits, only sources, and building is refused (--no-build); ask for a version that has one, use the conda package of that name, or allow building");
}
