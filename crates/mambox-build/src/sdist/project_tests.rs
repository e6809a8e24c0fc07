//! What `pyproject.toml` says of the build, and what folders hold.

use std::path::Path;

use mambox_oci::Digest;
use mambox_testkit::TarEntry;

use super::machine::{context, sdist, write_folder};
use super::project::Project;
use super::sources::content;
use super::{Sources, build_requirements};

fn told(text: &str) -> String {
    match Project::parse(text) {
        Ok(project) => format!("{:?} by {} in {:?}", project.requires, project.backend, project.backend_path),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn a_build_system_is_read_or_refused() {
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("[build-system]\nrequires = [{}]", "'x',".repeat(1001));
    let told = [
        "",
        "[project]\nname = 'x'",
        "[build-system]\nrequires = ['hatchling', 'hatch-vcs>=0.3; python_version > \"3.8\"']\nbuild-backend = 'hatchling.build'",
        "[build-system]\nrequires = ['setuptools', 'wheel']",
        "[build-system]\nrequires = []\nbuild-backend = 'a.b:c.d'\nbackend-path = ['.', 'tools/x']",
        "[build-system]\nbuild-backend = 'hatchling.build'",
        "[build-system]\nrequires = 'hatchling'",
        "[build-system]\nrequires = [\"a\\nb\"]",
        "[build-system]\nrequires = [' ']",
        "[build-system]\nrequires = ['setuptools', '--index-url http://example.invalid/${SECRET}/simple']",
        "[build-system]\nrequires = []\nbuild-backend = 'os; import sys'",
        "[build-system]\nrequires = []\nbackend-path = ['../x']",
        "[build-system]\nrequires = []\nbackend-path = ['/x']",
        "[build-system",
        &many,
        &deep,
    ]
    .map(told);
    insta::assert_snapshot!(told.join("\n"), @r#"
    ["setuptools>=40.8.0"] by setuptools.build_meta:__legacy__ in []
    ["setuptools>=40.8.0"] by setuptools.build_meta:__legacy__ in []
    ["hatchling", "hatch-vcs>=0.3; python_version > \"3.8\""] by hatchling.build in []
    ["setuptools", "wheel"] by setuptools.build_meta:__legacy__ in []
    [] by a.b:c.d in [".", "tools/x"]
    pyproject.toml cannot be read: missing field `requires`
    pyproject.toml cannot be read: invalid type: string "hatchling", expected a sequence
    pyproject.toml has the build requirement 'a b', which has a line break or control character
    pyproject.toml has the build requirement ' ', which does not begin with a name (PEP 508)
    pyproject.toml has the build requirement '--index-url http://example.invalid/${SECRET}/simple', which has an option
    pyproject.toml has 'os; import sys' as build-backend, which is no module
    pyproject.toml has '../x' in backend-path, which is no folder inside
    pyproject.toml has '/x' in backend-path, which is no folder inside
    pyproject.toml cannot be read: unclosed table, expected `]`
    pyproject.toml has more than 1000 build requirements
    pyproject.toml cannot be read: cannot recurse further; max recursion depth met
    "#);
}

fn local(folder: &Path, entries: &[TarEntry], subdirectory: Option<&str>) -> Sources {
    write_folder(folder, entries);
    Sources::Folder { path: folder.into(), subdirectory: subdirectory.map(str::to_owned) }
}

#[tokio::test]
async fn archives_and_folders_are_asked_in_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let file = |path: &str, text: &str| TarEntry::file(path, text);
    let of = |name: &str| format!("[build-system]\nrequires = ['{name}']\nbuild-backend = 'x'");
    let cases = [
        ("top", vec![file("pyproject.toml", &of("top")), file("in/pyproject.toml", &of("inner"))], None),
        (
            "inner",
            vec![file("pyproject.toml", &of("top")), file("in/pyproject.toml", &of("inner"))],
            Some("in"),
        ),
        ("legacy", vec![file("setup.py", "")], None),
        ("nothing", vec![file("README", "")], None),
        ("nowhere", vec![file("setup.py", "")], Some("in/here")),
        ("link", vec![file("setup.py", ""), TarEntry::symlink("pyproject.toml", "setup.py")], None),
        ("letters", vec![TarEntry::file("pyproject.toml", b"x = '\xff'")], None),
    ];
    let mut told = String::new();
    for (name, entries, subdirectory) in cases {
        let path = folder.path().join(format!("{name}.tar.gz"));
        std::fs::write(&path, sdist(&entries)).unwrap();
        let archive = Sources::Archive {
            path,
            file_name: "x.tar.gz".into(),
            subdirectory: subdirectory.map(str::to_owned),
        };
        let sources = [archive, local(&folder.path().join(name), &entries, subdirectory)];
        for sources in sources {
            let asked = build_requirements(&sources, &context).await;
            let asked = asked.map(|all| all.join(", ")).unwrap_or_else(|error| error.to_string());
            told += &format!("{name}: {}\n", asked.replace(&folder.path().display().to_string(), "[FOLDER]"));
        }
    }
    insta::assert_snapshot!(told, @r"
    top: top
    top: top
    inner: inner
    inner: inner
    legacy: setuptools>=40.8.0
    legacy: setuptools>=40.8.0
    nothing: cannot build a wheel of x.tar.gz: there is neither pyproject.toml nor setup.py
    nothing: cannot build a wheel of [FOLDER]/nothing: there is neither pyproject.toml nor setup.py
    nowhere: cannot build a wheel of x.tar.gz: there is neither pyproject.toml nor setup.py in in/here
    nowhere: cannot build a wheel of [FOLDER]/nowhere: there is neither pyproject.toml nor setup.py in in/here
    link: cannot build a wheel of x.tar.gz: the archive has a pyproject.toml that is no plain file
    link: cannot build a wheel of [FOLDER]/link: the folder has [FOLDER]/link/pyproject.toml, which is no plain file
    letters: cannot build a wheel of x.tar.gz: pyproject.toml is not UTF-8
    letters: cannot build a wheel of [FOLDER]/letters: pyproject.toml is not UTF-8
    ");
}

#[test]
fn the_content_of_a_folder_is_paths_modes_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |name: &str, entries: &[TarEntry]| {
        content(&local(&folder.path().join(name), entries, Some("sub"))).unwrap()
    };
    let file = |path: &str| TarEntry::file(path, "x");
    let plain = [file("a"), file("b/c"), TarEntry::symlink("l", "b/c")];
    let expected = hash("plain", &plain);
    let mut reversed = plain.clone();
    reversed.reverse();
    let reversed = reversed.map(|entry| entry.mode(0o664).mtime(1));
    assert_eq!(hash("reversed", &reversed), expected, "order, times and further bits do not count");
    let skipped = [
        ".git/HEAD",
        "b/__pycache__/c.pyc",
        "b/d.pyc",
        "x.egg-info/PKG-INFO",
        "build/x",
        "dist/x",
        "sub/build/x",
        ".venv/x",
        "b/node_modules/x",
        ".tox/x",
        "sub/.pixi/x",
        "sub/venv/x",
    ];
    let leftovers = [
        ".pixi/x",
        ".nox/x",
        "venv/x",
        ".eggs/x",
        ".mypy_cache/x",
        ".pytest_cache/x",
        ".ruff_cache/x",
        ".hg/x",
        ".svn/x",
    ];
    let with: Vec<TarEntry> =
        plain.iter().cloned().chain(skipped.map(file)).chain(leftovers.map(file)).collect();
    let with_sub = hash("skipped", &with);
    assert_eq!(with_sub, hash("sub", &[plain.as_slice(), &[TarEntry::dir("sub/")]].concat()));
    let differing: [&[TarEntry]; 8] = [
        &[file("a"), file("b/c")],
        &[file("a").mode(0o755), file("b/c"), TarEntry::symlink("l", "b/c")],
        &[file("a"), file("b/c"), TarEntry::symlink("l", "a")],
        &[TarEntry::file("a", "y"), file("b/c"), TarEntry::symlink("l", "b/c")],
        &[file("a"), file("b/build/c"), TarEntry::symlink("l", "b/c")],
        // Only folders, and only at the top.
        &[file("a"), file("b/venv/c"), TarEntry::symlink("l", "b/c")],
        &[file("a"), file("b/c"), file("venv"), TarEntry::symlink("l", "b/c")],
        &[file("a"), file("b\nc"), TarEntry::symlink("l", "b/c")],
    ];
    let mut all: Vec<Digest> =
        differing.iter().enumerate().map(|(n, entries)| hash(&n.to_string(), entries)).collect();
    all.push(expected);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 9, "each difference counts");
}

#[test]
fn links_that_leave_a_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    for target in ["/etc/passwd", "../x", "in/../../x", "in/./../a"] {
        let path = folder.path().join(target.replace('/', "_"));
        let told_of =
            content(&local(&path, &[TarEntry::dir("in/"), TarEntry::symlink("link", target)], None));
        let told_of = told_of.map(|_| "taken".to_owned()).unwrap_or_else(|error| error.to_string());
        told += &format!("{}\n", told_of.replace(&path.display().to_string(), "[FOLDER]"));
    }
    insta::assert_snapshot!(told, @r"
    cannot build a wheel of [FOLDER]: the folder has 'link', a link that leads out of it
    cannot build a wheel of [FOLDER]: the folder has 'link', a link that leads out of it
    cannot build a wheel of [FOLDER]: the folder has 'link', a link that leads out of it
    taken
    ");
}
