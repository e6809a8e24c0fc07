//! Sources become wheels, by this machine's python in the sandbox.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mambox_oci::{Digest, Image, Platform};
use mambox_testkit::TarEntry;
use url::Url;

use super::git::checkout;
use super::machine::{Machine, SITE, context, notes, project, sdist, write_folder};
use super::sources::content;
use super::wheels::BuiltWheel;
use super::{Commit, Ground, Identity, Sources, build_requirements, build_wheel};
use crate::root::LazyRoot;
use crate::{BuildError, Context};

fn archive(folder: &Path, entries: &[TarEntry]) -> Sources {
    let path = folder.join("tool-1.0.tar.gz");
    std::fs::write(&path, sdist(entries)).unwrap();
    Sources::Archive { path, file_name: "tool-1.0.tar.gz".into(), subdirectory: None }
}

async fn build(
    sources: &Sources,
    ground: &Ground<'_>,
    root: &mut LazyRoot,
    context: &Context,
) -> Result<BuiltWheel, BuildError> {
    build_wheel("tool", Some("1.0"), sources, ground, root, context).await
}

/// The files of a wheel in their order.
fn names(wheel: &BuiltWheel) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&wheel.path).unwrap()).unwrap();
    (0..zip.len()).map(|index| zip.by_index(index).unwrap().name().unwrap().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wheel_is_built_once_and_the_same_from_scratch() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let sources = archive(folder.path(), &project("fine"));
    let (first, told) = context(&folder.path().join("first"));
    let mut root = LazyRoot::default();
    let wheel = build(&sources, &machine.ground(), &mut root, &first).await.unwrap();
    assert_eq!(wheel.file_name, "tool-1.0-py3-none-any.whl");
    insta::assert_snapshot!(names(&wheel).join("\n"), @r"
    tool/__init__.py
    tool/a.py
    tool/b.py
    tool-1.0.dist-info/METADATA
    tool-1.0.dist-info/WHEEL
    tool-1.0.dist-info/RECORD
    ");
    assert_eq!(Digest::of(&std::fs::read(&wheel.path).unwrap()), wheel.sha256);
    assert_eq!(notes(&told), ["the wheel of tool was built here from its sources"]);
    // From the cache: nothing is unpacked, and nothing is told.
    let again = build(&sources, &machine.ground(), &mut LazyRoot::default(), &first).await.unwrap();
    assert_eq!((again, notes(&told).len()), (wheel.clone(), 1));
    // From scratch.
    let (second, _) = context(&folder.path().join("second"));
    let again = build(&sources, &machine.ground(), &mut root, &second).await.unwrap();
    assert_eq!(again.sha256, wheel.sha256);
    // A damaged wheel is none.
    std::fs::write(&again.path, "damaged").unwrap();
    assert_eq!(build(&sources, &machine.ground(), &mut root, &second).await.unwrap(), again);
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_subdirectory_folder_and_commit_give_one_wheel() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let (mut root, ground) = (LazyRoot::default(), machine.ground());
    let sources = archive(folder.path(), &project("fine"));
    let wheel = build(&sources, &ground, &mut root, &context).await.unwrap();

    let mut below = project("fine");
    below.iter_mut().for_each(|entry| entry.path = format!("in/side/{}", entry.path));
    let Sources::Archive { path, file_name, .. } = archive(folder.path(), &below) else {
        panic!("an archive")
    };
    let sources = Sources::Archive { path, file_name, subdirectory: Some("in/side".into()) };
    let of_subdirectory = build(&sources, &ground, &mut root, &context).await.unwrap();
    assert_eq!(of_subdirectory.sha256, wheel.sha256);

    let path = folder.path().join("tool");
    write_folder(&path, &project("fine"));
    write_folder(&path.join("build"), &[TarEntry::file("leftover", "")]);
    let sources = Sources::Folder { path: path.clone(), subdirectory: None };
    let of_folder = build(&sources, &ground, &mut root, &context).await.unwrap();
    assert_eq!(of_folder.sha256, wheel.sha256);

    let Some(commit) = commit(&path) else { return };
    let commit = Commit::new(Url::from_file_path(&path).unwrap(), &commit, None);
    let of_commit = build(&Sources::Commit(commit), &ground, &mut root, &context).await.unwrap();
    assert_eq!(of_commit.sha256, wheel.sha256);

    let entries = |info: crate::CacheInfo| {
        let part = info.parts.into_iter().find(|part| part.name == "wheels").unwrap();
        part.entries
    };
    // Each of archive, subdirectory, folder and commit, and once more for other platforms.
    assert_eq!(entries(crate::cache_info(&context).unwrap()), 8);
    let all = crate::PruneRequest { all: true, ..crate::PruneRequest::default() };
    assert_eq!(entries(crate::cache_prune(&all, &context).unwrap()), 8);
    assert_eq!(entries(crate::cache_info(&context).unwrap()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_not_fetched_where_its_wheel_is_in_the_cache() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let (mut root, ground) = (LazyRoot::default(), machine.ground());
    let path = folder.path().join("tool");
    write_folder(&path, &project("fine"));
    let Some(commit) = commit(&path) else { return };
    let at = |path: &Path| Sources::Commit(Commit::new(Url::from_file_path(path).unwrap(), &commit, None));
    let sources = at(&path);
    let requires = build_requirements(&sources, &context).await.unwrap();
    assert_eq!(requires, [] as [&str; 0]);
    let wheel = build(&sources, &ground, &mut root, &context).await.unwrap();
    let nowhere = at(&folder.path().join("nowhere"));
    assert_eq!(build_requirements(&nowhere, &context).await.unwrap(), requires);
    assert_eq!(build(&nowhere, &ground, &mut root, &context).await.unwrap(), wheel);
    crate::cache_prune(&crate::PruneRequest { all: true, ..Default::default() }, &context).unwrap();
    assert!(build(&nowhere, &ground, &mut root, &context).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_backend_does_wrong_is_told_with_the_next_step() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let mut root = LazyRoot::default();
    let mut told = String::new();
    for mode in ["fails", "exits", "network", "wants", "none", "link", "two", "other"] {
        let sources = archive(folder.path(), &project(mode));
        let error = build(&sources, &machine.ground(), &mut root, &context).await.unwrap_err();
        let last = error.to_string().lines().last().unwrap_or_default().to_owned();
        let first = error.to_string().lines().next().unwrap_or_default().to_owned();
        let last = if last == first { String::new() } else { format!("\n  … {last}") };
        told += &format!("{mode}: {first}{last}\n  {:?}: {}\n", error.kind(), error.hint().unwrap());
        let left = std::fs::read_dir(context.cache_dir.join("roots")).unwrap().count();
        assert_eq!(left, 1, "only the image's files are left");
    }
    insta::assert_snapshot!(told, @r"
    fails: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend backend ended with exit code 1; its last words:
      … RuntimeError: x86_64-linux-gnu-gcc: not found
      Input: where a compiler is missing, add 'c-compiler' (for C++ 'cxx-compiler') to the environment's dependencies, or use a version that has a wheel
    exits: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend backend ended with exit code 7; its last words:
      … printed by a program
      Input: see what it says: it may want something of the environment's dependencies, or another python; a version that has a wheel needs no build
    network: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend backend ended with exit code 1; its last words:
      … OSError: [Errno 101] Network is unreachable
      Input: wheels are built without network: have what it fetches among the build requirements or the environment's dependencies, or use a version that has a wheel
    wants: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend wants there-is-no-such-thing>=2, which is not there
      Input: add there-is-no-such-thing>=2 to the environment's dependencies, or to 'requires' of [build-system] in pyproject.toml
    none: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend is to make one wheel, but made none
      Input: tell whoever maintains the distribution, or use a version that has a wheel
    link: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend is to make one wheel, but made none
      Input: tell whoever maintains the distribution, or use a version that has a wheel
    two: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend is to make one wheel, but made other-1.0-py3-none-any.whl, tool-1.0-py3-none-any.whl
      Input: tell whoever maintains the distribution, or use a version that has a wheel
    other: cannot build a wheel of tool (tool-1.0.tar.gz): its build backend made other-1.0-py3-none-any.whl, which is a wheel of other, not of tool
      Input: tell whoever maintains the distribution, or use a version that has a wheel
    ");
    let mut broken = project("fine");
    broken.retain(|entry| entry.path != "backend.py");
    let sources = archive(folder.path(), &broken);
    let error = build(&sources, &machine.ground(), &mut root, &context).await.unwrap_err();
    insta::assert_snapshot!(format!("{error}\n{}", error.hint().unwrap()), @r"
    cannot build a wheel of tool (tool-1.0.tar.gz): its build backend backend cannot be imported: there is no module backend
    the distribution that has the module backend must be among 'requires' of [build-system] in pyproject.toml; or, if the lock is another tool's, lock with mambox lock, which pins what it is built with
    ");
    let (sources, ground) = (archive(folder.path(), &project("fine")), machine.ground());
    let version = build_wheel("tool", Some("2.0"), &sources, &ground, &mut root, &context).await;
    insta::assert_snapshot!(version.unwrap_err(), @"cannot build a wheel of tool (tool-1.0.tar.gz): its build backend made tool-1.0-py3-none-any.whl, which has the version 1.0, not 2.0");
    assert!(!context.cache_dir.join("wheels").exists(), "nothing is stored of what fails");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_writes_to_its_own_folders_only() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let sources = archive(folder.path(), &project("curious"));
    // It makes its wheel only where it cannot write to the root.
    build(&sources, &machine.ground(), &mut LazyRoot::default(), &context).await.unwrap();
    assert_eq!(std::fs::read_dir(context.cache_dir.join("roots")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_build_that_nobody_waits_for() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let mut root = LazyRoot::default();
    root.files(&machine.image, "a test", &context).await.unwrap();
    let sources = archive(folder.path(), &project("sleeps"));
    let roots = context.cache_dir.join("roots");
    let folders =
        || std::fs::read_dir(&roots).unwrap().flatten().map(|entry| entry.path()).collect::<Vec<_>>();
    let sleeps = async {
        while !folders().iter().any(|folder| folder.join("sources/sleeps").exists()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ground = machine.ground();
    tokio::select! {
        built = build(&sources, &ground, &mut root, &context) => panic!("{built:?}"),
        () = sleeps => {}
    }
    for _ in 0..500 {
        if folders().len() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("after ten seconds there are {:?}", folders());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legacy_project_is_built_by_setuptools_from_a_layer_of_its_own() {
    let Some(machine) = Machine::here("building with setuptools") else { return };
    let Some(layer) = machine.setuptools() else {
        return mambox_testkit::skip(
            "building with setuptools",
            "this machine has no setuptools in Debian's place",
        );
    };
    let folder = tempfile::tempdir().unwrap();
    let setup = "from setuptools import setup\nsetup(name='tool', version='1.0', py_modules=['tool'])\n";
    let sources = archive(folder.path(), &[TarEntry::file("setup.py", setup), TarEntry::file("tool.py", "")]);
    let (first, _) = context(&folder.path().join("first"));
    assert_eq!(build_requirements(&sources, &first).await.unwrap(), ["setuptools>=40.8.0"]);
    let ground = Ground { site: Some((&layer, SITE)), ..machine.ground() };
    let mut root = LazyRoot::default();
    let wheel = build(&sources, &ground, &mut root, &first).await.unwrap();
    assert_eq!(wheel.file_name, "tool-1.0-py3-none-any.whl");
    let (second, _) = context(&folder.path().join("second"));
    let again = build(&sources, &ground, &mut root, &second).await.unwrap();
    assert_eq!(again.sha256, wheel.sha256);
    // Without them there is no backend.
    let (third, _) = context(&folder.path().join("third"));
    let error = build(&sources, &machine.ground(), &mut root, &third).await.unwrap_err();
    insta::assert_snapshot!(error, @"cannot build a wheel of tool (tool-1.0.tar.gz): its build backend setuptools.build_meta:__legacy__ cannot be imported: there is no module setuptools");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pure_wheel_serves_platforms_that_do_not_run_here() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let mut root = LazyRoot::default();
    let foreign = Image::scratch(&Platform::linux("mips"));
    let bound = Identity { bound: vec![Digest::of(b"another python")], ..machine.identity.clone() };
    let foreign = Ground { image: &foreign, identity: &bound, ..machine.ground() };
    let pure = archive(folder.path(), &project("fine"));
    let error = build(&pure, &foreign, &mut root, &context).await.unwrap_err();
    let told = format!("{error}\n{}", error.hint().unwrap()).replace(std::env::consts::ARCH, "[ARCH]");
    insta::assert_snapshot!(told, @r"
    cannot build a wheel of tool (tool-1.0.tar.gz): python for linux/mips does not run on this machine ([ARCH]); install qemu-user-static, or build on a machine for linux/mips
    choose a base and a machine on which it runs; or build for this machine's platform first, with the same lock and cache: a wheel for all platforms is then taken from there
    ");
    let built = build(&pure, &machine.ground(), &mut root, &context).await.unwrap();
    let found = build(&pure, &foreign, &mut root, &context).await.unwrap();
    assert_eq!((found.sha256, found.file_name), (built.sha256, built.file_name));
    // Other build requirements might make another wheel.
    let other = Identity { shared: vec![Digest::of(b"another setuptools")], ..bound.clone() };
    assert!(build(&pure, &Ground { identity: &other, ..foreign }, &mut root, &context).await.is_err());
    // So might other variables.
    let env = [("CFLAGS".to_owned(), "-O2".to_owned())];
    assert!(build(&pure, &Ground { env: &env, ..foreign }, &mut root, &context).await.is_err());
    let native = archive(folder.path(), &project("bound"));
    build(&native, &machine.ground(), &mut root, &context).await.unwrap();
    assert!(build(&native, &Ground { identity: &bound, ..foreign }, &mut root, &context).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wheel_serves_no_other_platform_where_the_lock_does_not_say_what_it_is_built_with() {
    let Some(machine) = Machine::here("building wheels") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let mut root = LazyRoot::default();
    let foreign = Image::scratch(&Platform::linux("mips"));
    let python = vec![Digest::of(b"another python")];
    let here = |pinned| Identity { pinned, ..machine.identity.clone() };
    let away = |pinned| Identity { bound: python.clone(), ..here(pinned) };
    let (open, pinned, away_open, away_pinned) = (&here(false), &here(true), &away(false), &away(true));
    let here = |identity| Ground { identity, ..machine.ground() };
    let away = |identity| Ground { image: &foreign, ..here(identity) };
    let sources = archive(folder.path(), &project("fine"));
    // It is not kept for others,
    build(&sources, &here(open), &mut root, &context).await.unwrap();
    assert!(build(&sources, &away(away_open), &mut root, &context).await.is_err());
    assert!(build(&sources, &away(away_pinned), &mut root, &context).await.is_err());
    // nor is one that is kept for others taken.
    build(&sources, &here(pinned), &mut root, &context).await.unwrap();
    build(&sources, &away(away_pinned), &mut root, &context).await.unwrap();
    assert!(build(&sources, &away(away_open), &mut root, &context).await.is_err());
}

/// Makes a repository of a folder; `None` where there is no git.
fn commit(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=me", "-c", "user.email=me@example.invalid", "-c", "commit.gpgsign=false"];
        Command::new("git").args(who).args(arguments).current_dir(folder).output()
    };
    if git(&["init", "--quiet"]).is_err() {
        mambox_testkit::skip("commits", "git is not here");
        return None;
    }
    git(&["add", "."]).unwrap();
    git(&["commit", "--quiet", "-m", "one"]).unwrap();
    Some(String::from_utf8(git(&["rev-parse", "HEAD"]).unwrap().stdout).unwrap().trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_checked_out_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (context, _) = context(folder.path());
    let origin = folder.path().join("origin");
    write_folder(&origin, &project("fine"));
    let Some(old) = commit(&origin) else { return };
    std::fs::write(origin.join("mode"), "two").unwrap();
    let new = commit(&origin).unwrap();
    let url = Url::from_file_path(&origin).unwrap();
    for (name, id, mode) in [("new", &new, "two"), ("old", &old, "fine")] {
        let to = folder.path().join(name);
        checkout(&url, id, &to, &context.search_path, &context).await.unwrap();
        assert_eq!(std::fs::read_to_string(to.join("mode")).unwrap(), mode);
    }
    let told = async |url: &str, id: &str, path: &str| {
        let to = tempfile::tempdir().unwrap().path().join("x");
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let error = checkout(&Url::parse(url).unwrap(), id, &to, path.as_ref(), &context).await.unwrap_err();
        format!("{error}")
    };
    let path = context.search_path.to_str().unwrap();
    let missing = told(url.as_str(), &"0".repeat(40), path).await;
    assert!(missing.contains("000000000000: git cannot"), "{missing}");
    let short = told(url.as_str(), "main", path).await;
    assert!(short.contains("40 hexadecimal digits"), "{short}");
    let none = told("https://me:secret@example.invalid/x.git", &old, "/nowhere").await;
    assert!(none.contains("the program git is not in PATH") && !none.contains("secret"), "{none}");
    let refused = told("http://me:secret@127.0.0.1:9/x.git", &old, path).await;
    assert!(refused.contains("git cannot fetch") && !refused.contains("secret"), "{refused}");
}

#[test]
fn a_commit_is_its_own_content() {
    let url = |url| Url::parse(url).unwrap();
    let of = |address, id: &str| content(&Sources::Commit(Commit::new(url(address), id, None))).unwrap();
    let one = of("https://example.invalid/a.git", &"a".repeat(40));
    assert_eq!(one, of("ssh://git@example.invalid/a.git", &"A".repeat(40)));
    assert_ne!(one, of("https://example.invalid/a.git", &"b".repeat(40)));
}
