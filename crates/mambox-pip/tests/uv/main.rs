//! Resolving with the real uv (`MAMBOX_TEST_UV`, or `uv` in PATH), without a network.

mod fixture;
mod index;
mod refusals;

use fixture::{Project, git, wheel};
use mambox_env::{Libc, PipSource};

const ANY: &str = "py3-none-any";

/// Metadata that uv reads without building.
const STATIC: &str = "[build-system]\nrequires = []\nbuild-backend = \"none\"\n\
                      [project]\nname = \"Proj.Ect\"\nversion = \"0.1\"\ndependencies = [\"lib\"]\n";

#[tokio::test]
async fn extras_markers_and_included_files_count_and_conda_packages_stay() {
    let Some(project) = Project::new().await else { return };
    let project = project.conda("numpy", "2.1.0").conda("my-dist", "1.0+local.1");
    let needs = [
        "Provides-Extra: speed",
        "Requires-Dist: numpy>=2",
        "Requires-Dist: my.dist==1.0",
        "Requires-Dist: lib",
        "Requires-Dist: fast; extra == 'speed'",
        "Requires-Dist: absent; sys_platform == 'win32' or python_version < '3.13'",
    ];
    project.wheel("app", "1.0", ANY, &needs).wheel("fast", "3.0", ANY, &[]);
    project.wheel("lib", "2.0", ANY, &[]).wheel("lib", "2.1", ANY, &[]).wheel("more", "1.0", ANY, &[]);
    project.file("sub/more.txt", "more  # why\n-c limits.txt\n").file("sub/limits.txt", "lib<2.1\n");
    let outcome = project.offline(&["app[speed]", "-r sub/more.txt"]).await;
    insta::assert_snapshot!(outcome.told, @"
    app==1.0 file://[project]/links/app-1.0-py3-none-any.whl
    fast==3.0 file://[project]/links/fast-3.0-py3-none-any.whl
    lib==2.0 file://[project]/links/lib-2.0-py3-none-any.whl
    more==1.0 file://[project]/links/more-1.0-py3-none-any.whl
    ");
}

#[tokio::test]
async fn the_best_wheel_for_the_target_is_taken_with_its_sha256() {
    let Some(mut project) = Project::new().await else { return };
    for tags in [
        ANY,
        "cp313-cp313-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp313-cp313-manylinux_2_34_x86_64",
        "cp313-cp313-musllinux_1_2_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
    ] {
        project.wheel("lib", "1.0", tags, &[]);
    }
    let outcome = project.offline(&["lib"]).await;
    insta::assert_snapshot!(outcome.told, @"lib==1.0 file://[project]/links/lib-1.0-cp313-cp313-manylinux_2_28_x86_64.whl");
    let packages = outcome.result.unwrap();
    let PipSource::Wheel { url, sha256, .. } = &packages[0].source else { panic!("{packages:?}") };
    let bytes = std::fs::read(url.to_file_path().unwrap()).unwrap();
    assert_eq!(*sha256, rattler_digest::compute_bytes_digest::<rattler_digest::Sha256>(bytes));

    project.target.libc = Libc::Musl(Some("1.2".parse().unwrap()));
    insta::assert_snapshot!(project.offline(&["lib"]).await.told, @"lib==1.0 file://[project]/links/lib-1.0-cp313-cp313-musllinux_1_2_x86_64.whl");
}

#[tokio::test]
async fn folders_and_local_archives_are_named_absolutely() {
    let Some(project) = Project::new().await else { return };
    project.wheel("lib", "1.0", ANY, &[]).file("proj/pyproject.toml", STATIC);
    insta::assert_snapshot!(project.offline(&["./proj"]).await.told, @"
    lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl
    proj-ect folder [project]/proj
    note: environment.yml: pip: there is no wheel of proj-ect: uv may have run its build on this machine to learn what it depends on; --no-build refuses that
    ");
    insta::assert_snapshot!(project.offline(&["-e ./proj"]).await.told, @"
    lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl
    proj-ect folder [project]/proj
    warning: environment.yml: pip: proj-ect is asked for as editable (-e); the image gets a copy of it as it is now
    note: environment.yml: pip: there is no wheel of proj-ect: uv may have run its build on this machine to learn what it depends on; --no-build refuses that
    ");
    insta::assert_snapshot!(project.offline(&["./links/lib-1.0-py3-none-any.whl"]).await.told, @"lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl");
}

/// uv reads the lines as it reads the files that they come from: constraints do not say where anything is, a relative index
/// starts elsewhere than relative links, and `#` in a folder's name is no obstacle.
#[tokio::test]
async fn index_options_lead_where_the_requirements_lead() {
    let Some(project) = Project::new().await else { return };
    let file = |name: &str| format!("{name}-1.0-{ANY}.whl");
    let link = format!("<!DOCTYPE html><a href=\"{0}\">{0}</a>", file("indexed"));
    project
        .file("c#/more.txt", "--extra-index-url ./index\n--no-index\n-f ./links\n-c limits.txt\n")
        .file("c#/limits.txt", "--find-links ./unheard\n")
        .file(&format!("c#/links/{}", file("linked")), wheel("linked", "1.0", ANY, &[]))
        .file(&format!("c#/unheard/{}", file("unheard")), wheel("unheard", "1.0", ANY, &[]))
        .file("sub/index.txt", "--index-url ./index\n")
        .file(&format!("index/indexed/{}", file("indexed")), wheel("indexed", "1.0", ANY, &[]))
        .file("index/indexed/index.html", link);
    let more = format!("-r file://{}/c%23/more.txt", project.path("").display());
    let mut told = Vec::new();
    for (included, name) in [(more.as_str(), "linked"), (&more, "unheard"), ("-r sub/index.txt", "indexed")] {
        let indexes = project.indexes(&[included]);
        let lines: Vec<&str> = indexes.iter().map(String::as_str).chain([name]).collect();
        let [first, again] = [project.resolve(&[included, name]).await, project.resolve(&lines).await];
        assert_eq!(first.told, again.told);
        told.push(format!("{}\n{}", lines.join("\n"), first.told));
    }
    let told = told.join("\n\n").replace(&project.path("").display().to_string(), "[project]/");
    insta::assert_snapshot!(told, @"
    --extra-index-url [project]/./index
    --no-index
    --find-links file://[project]/c%23/./links
    linked
    linked==1.0 file://[project]/c%23/links/linked-1.0-py3-none-any.whl

    --extra-index-url [project]/./index
    --no-index
    --find-links file://[project]/c%23/./links
    unheard
    environment.yml: the pip packages cannot be resolved for python 3.13 on linux-64:
      error: No solution found when resolving dependencies
        cause: Because unheard was not found in the provided package locations and you require unheard, we can conclude that your requirements are unsatisfiable.

    --index-url [project]/./index
    indexed
    indexed==1.0 file://[project]/index/indexed/indexed-1.0-py3-none-any.whl
    ");
}

#[tokio::test]
async fn a_commit_of_a_repository_is_exact() {
    let Some(project) = Project::new().await else { return };
    project.wheel("lib", "1.0", ANY, &[]).file("repo/python/pyproject.toml", STATIC);
    let repo = project.path("repo");
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "first"]] {
        if git(&repo, arguments).is_none() {
            return mambox_testkit::skip("git requirements", "git is not installed");
        }
    }
    let requirement = format!("proj-ect @ git+file://{}@main#subdirectory=python", repo.display());
    let outcome = project.offline(&[&requirement]).await;
    insta::assert_snapshot!(outcome.told, @"
    lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl
    proj-ect==0.1 git file://[project]/repo python
    note: environment.yml: pip: there is no wheel of proj-ect: uv may have run its build on this machine to learn what it depends on; --no-build refuses that
    ");
}

/// Extras of a conda package are unknown, as only its record is at hand.
#[tokio::test]
async fn an_extra_of_a_conda_package_is_a_warning() {
    let Some(project) = Project::new().await else { return };
    let project = project.conda("dask", "2025.1.0");
    insta::assert_snapshot!(project.offline(&["dask[complete]"]).await.told, @"warning: environment.yml: pip: The package `dask of the conda package dask-2025.1.0-py313_0` does not have an extra named `complete`, as far as its record tells; list what that extra needs in dependencies: or in the pip section");
}

/// An environment variable, and a file beside the environment file.
#[tokio::test]
async fn the_users_configuration_of_uv_holds() {
    let Some(project) = Project::new().await else { return };
    let mut project = project.conda("numpy", "2.1.0");
    project.wheel("lib", "1.0", ANY, &[]).wheel("lib", "2.0", ANY, &[]).wheel("lib", "3.0", ANY, &[]);
    project.file("limits.txt", "lib<3\n");
    project.variables.insert("UV_CONSTRAINT".to_owned(), "limits.txt".to_owned());
    insta::assert_snapshot!(project.offline(&["lib"]).await.told, @"lib==2.0 file://[project]/links/lib-2.0-py3-none-any.whl");
    project.variables.remove("UV_CONSTRAINT");
    // The second setting would make a result for all platforms, which is of no use here.
    project.file("uv.toml", "[pip]\nresolution = \"lowest\"\nuniversal = true\n");
    insta::assert_snapshot!(project.offline(&["lib"]).await.told, @"
    lib==1.0 file://[project]/links/lib-1.0-py3-none-any.whl
    warning: environment.yml: pip: The direct dependency `lib` is unpinned. Consider setting a lower bound when using `--resolution lowest` or `--resolution lowest-direct` to avoid using outdated versions.
    ");
}
