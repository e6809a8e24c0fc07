//! What cannot be resolved, and what is said of it.

use crate::ANY;
use crate::fixture::{Project, zip};

#[tokio::test]
async fn a_conflict_with_a_conda_package_names_it() {
    let Some(project) = Project::new().await else { return };
    let project = project.conda("numpy", "2.1.0").conda("six", "1.16");
    project.wheel("old", "1.0", ANY, &["Requires-Dist: numpy<2", "Requires-Dist: six"]);
    insta::assert_snapshot!(project.offline(&["old"]).await.told, @"
    environment.yml: the pip packages cannot be resolved for python 3.13 on linux-64:
      error: No solution found when resolving dependencies
        cause: Because only numpy>=2 is available and all versions of old depend on numpy<2, we can conclude that all versions of old cannot be used.
               And because you require old, we can conclude that your requirements are unsatisfiable.
    numpy 2.1.0 is there already, from the conda package numpy-2.1.0-py313_0, and pip packages have to go with it: change its version in dependencies:, or the requirement
    ");
    insta::assert_snapshot!(project.offline(&["numpy==2.1.0.post1"]).await.told, @"
    environment.yml: the pip packages cannot be resolved for python 3.13 on linux-64:
      error: No solution found when resolving dependencies
        cause: Because there is no version of numpy==2.1.0.post1 and you require numpy==2.1.0.post1, we can conclude that your requirements are unsatisfiable.
    numpy 2.1.0 is there already, from the conda package numpy-2.1.0-py313_0, and pip packages have to go with it: change its version in dependencies:, or the requirement
    ");
}

/// Another spelling of the version is no other version.
#[tokio::test]
async fn versions_are_compared_not_spelt() {
    let Some(project) = Project::new().await else { return };
    let project = project.conda("numpy", "2.1").conda("tool", "1.0.post1").conda("epoch", "1!2.0");
    let outcome = project.offline(&["numpy==2.1.0", "tool==1.0-1", "epoch>=1!2", "numpy===2.1"]).await;
    assert_eq!(outcome.told, "", "all is there already");
}

#[tokio::test]
async fn pinned_hashes_are_checked() {
    let Some(project) = Project::new().await else { return };
    project.wheel("lib", "1.0", ANY, &[]);
    let pin = format!("--hash=sha256:{}", "0".repeat(64));
    project.file("pins.txt", format!("lib==1.0 \\\n    {pin}\n"));
    let wheel = project.path("links/lib-1.0-py3-none-any.whl");
    let real = std::fs::read(&wheel).unwrap();
    let real = hex::encode(rattler_digest::compute_bytes_digest::<rattler_digest::Sha256>(real));
    let hide = |told: String| told.replace(&real, "[sha256]");
    insta::assert_snapshot!(hide(project.offline(&[&format!("lib==1.0 {pin}")]).await.told), @"
    environment.yml: lib==1.0 has another hash than the requirement pins: lib-1.0-py3-none-any.whl has [sha256]
    where one of these is wanted: 0000000000000000000000000000000000000000000000000000000000000000
    Either the file was replaced, which should not happen, or the requirement has to be pinned anew
    ");
    for other in ["-r pins.txt", &format!("lib @ file://{}#sha256={}", wheel.display(), "0".repeat(64))] {
        assert!(project.offline(&[other]).await.told.contains("has another hash"), "{other}");
    }
    let right = project.offline(&["--require-hashes", &format!("lib==1.0 {pin} --hash=sha256:{real}")]).await;
    assert_eq!(right.told, "lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl");
    for line in ["--require-hashes", "--pre --require-hashes"] {
        let told = project.offline(&[line, "lib==1.0"]).await.told;
        assert!(told.contains("no hash is pinned for it"), "{line}: {told}");
    }
}

#[tokio::test]
async fn paths_that_lead_nowhere_are_named() {
    let Some(project) = Project::new().await else { return };
    project.file("empty/file", "").file("outer.txt", "-r inner.txt\n").file("loop.txt", "-r loop.txt\n");
    let mut told = Vec::new();
    for line in [
        "./missing",
        "-e ./missing",
        "./missing-1.0-py3-none-any.whl",
        "./empty",
        "-r missing.txt",
        "-r outer.txt",
        "-r loop.txt",
        "--find-links ${NOWHERE}/links",
    ] {
        told.push(format!("## {line}\n{}", project.offline(&[line]).await.told));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    ## ./missing
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: Distribution not found at: file://[project]/missing
    Relative paths start at the folder of the file that names them
    ## -e ./missing
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: Distribution not found at: file://[project]/missing
    Relative paths start at the folder of the file that names them
    ## ./missing-1.0-py3-none-any.whl
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: Distribution not found at: file://[project]/missing-1.0-py3-none-any.whl
    Relative paths start at the folder of the file that names them
    ## ./empty
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: `[project]/empty` does not appear to be a Python project, as neither `pyproject.toml` nor `setup.py` are present in the directory
    Relative paths start at the folder of the file that names them
    ## -r missing.txt
    environment.yml: its pip requirements name what is not there, or is no Python project:
    -r missing.txt: cannot read [project]/missing.txt: No such file or directory (os error 2)
    Relative paths start at the folder of the file that names them
    ## -r outer.txt
    [project]/outer.txt: its pip requirements name what is not there, or is no Python project:
    -r inner.txt: cannot read [project]/inner.txt: No such file or directory (os error 2)
    Relative paths start at the folder of the file that names them
    ## -r loop.txt
    [project]/loop.txt: its pip requirements name what is not there, or is no Python project:
    -r loop.txt: files include one another more than 16 deep
    Relative paths start at the folder of the file that names them
    ## --find-links ${NOWHERE}/links
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: Invalid URL in `-` at position 32: ${NOWHERE}/links
        cause: relative URL without a base
    Relative paths start at the folder of the file that names them; without a value: ${NOWHERE}
    ");
}

#[tokio::test]
async fn a_malformed_requirement_is_quoted() {
    let Some(project) = Project::new().await else { return };
    let mut told = Vec::new();
    for line in ["li b ==", "--frobnicate", "lib @ gopher://me:s3cret@example.invalid/lib.zip"] {
        told.push(project.offline(&["fine", line, "fine"]).await.told);
    }
    assert!(!told.concat().contains("s3cret"), "{told:?}");
    insta::assert_snapshot!(told.join("\n"), @"
    environment.yml: the pip requirement 'li b ==' cannot be used:
      error: Couldn't parse requirement in `-` at position 37
        cause: Expected one of `@`, `(`, `<`, `=`, `>`, `~`, `!`, `;`, found `b`
               li b ==
                  ^
    Write it as in pip's requirements files: NAME, NAME==1.0, NAME @ URL, ./FOLDER or an option such as --index-url URL
    environment.yml: the pip requirement '--frobnicate' cannot be used:
      error: Unexpected '-', expected '-c', '-e', '-r' or the start of a requirement: -:4:1
    Write it as in pip's requirements files: NAME, NAME==1.0, NAME @ URL, ./FOLDER or an option such as --index-url URL
    environment.yml: its pip requirements name what is not there, or is no Python project:
      error: Distribution not found at: file://[project]/gopher:/me:*****@example.invalid/lib.zip
    Relative paths start at the folder of the file that names them
    ");
}

#[tokio::test]
async fn sources_are_only_taken_where_building_is_allowed() {
    let Some(mut project) = Project::new().await else { return };
    let files = [("pyproject.toml", STATIC), ("PKG-INFO", INFO)];
    let sdist = zip(&files.map(|(name, content)| (format!("src-1.0/{name}"), content)));
    project.file("links/src-1.0.zip", sdist);
    insta::assert_snapshot!(project.offline(&["src"]).await.told, @"
    src==1.0 file://[project]/links/src-1.0.zip
    note: environment.yml: pip: there is no wheel of src: uv may have run its build on this machine to learn what it depends on; --no-build refuses that
    ");
    project.no_build = true;
    insta::assert_snapshot!(project.offline(&["src"]).await.told, @"
    environment.yml: the pip packages cannot be resolved for python 3.13 on linux-64:
      error: No solution found when resolving dependencies
        cause: Because src==1.0 has no usable wheels and only src==1.0 is available, we can conclude that all versions of src cannot be used.
               And because you require src, we can conclude that your requirements are unsatisfiable.

      hint: Wheels are required for `src` because building from source is disabled for all packages (i.e., with `--no-build`)
    ");
}

#[tokio::test]
async fn a_backend_that_fails_is_quoted() {
    let Some(project) = Project::new().await else { return };
    let dynamic = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\
                   [project]\nname = \"odd\"\ndynamic = [\"version\"]\n";
    project.file("odd/pyproject.toml", dynamic).file("odd/backend.py", "raise SystemExit('boom')\n");
    insta::assert_snapshot!(project.offline(&["./odd"]).await.told, @"
    environment.yml: a source distribution among the pip packages cannot be built to learn its dependencies:
      error: Failed to build `odd @ file://[project]/odd`
        cause: The build backend returned an error
        cause: Call to `backend.get_requires_for_build_wheel` failed (exit status: 1)

               [stderr]
               boom

      hint: Build failures usually indicate a problem with the package or the build environment
    Install what its build needs on this machine, ask for a version that has a wheel, or use the conda package of that name
    ");
}

#[tokio::test]
async fn without_a_python_uv_does_not_run() {
    let Some(mut project) = Project::new().await else { return };
    project.variables.insert("PATH".to_owned(), "/nowhere".to_owned());
    project.wheel("lib", "1.0", ANY, &[]);
    insta::assert_snapshot!(project.offline(&["lib"]).await.told, @"
    environment.yml: uv finds no python on this machine, which it needs to read metadata; install any Python 3 and have it in PATH:
      error: No interpreter found for Python 3.13 in virtual environments, managed installations, or search path
    ");
}

const STATIC: &str = "[build-system]\nrequires = [\"none\"]\nbuild-backend = \"none\"\n[project]\nname = \"src\"\nversion = \"1.0\"\n";
const INFO: &str = "Metadata-Version: 2.2\nName: src\nVersion: 1.0\n";
