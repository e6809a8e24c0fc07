//! Installing, updating and removing packages.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use common::{Builder, PLACEHOLDER, Told, World, options, python, write};
use mambox_prefix::{LinkPolicy, TransactionError};

/// Section 6 of the micromamba reference: what is in a prefix.
#[test]
fn a_fresh_prefix_holds_files_records_and_a_history() {
    let world = World::new();
    let package = Builder::new("zlib", "1.3")
        .file("lib/libz.so.1", "elf")
        .link("lib/libz.so", "libz.so.1")
        .folder("share/empty")
        .requested("zlib>=1")
        .build(&world.cache);
    let source = fs::metadata(package.folder.join("lib/libz.so.1")).unwrap();
    let told = world.install(&[package]);
    insta::assert_snapshot!(world.listing(), @"
    conda-meta/
    conda-meta/history 644
    conda-meta/zlib-1.3-0.json 644
    lib/
    lib/libz.so link
    lib/libz.so.1 644
    share/
    share/empty/
    ");
    assert_eq!(
        fs::metadata(world.prefix.path().join("lib/libz.so.1")).unwrap().ino(),
        source.ino(),
        "hard link"
    );
    insta::assert_snapshot!(world.read("conda-meta/history"), @"
    ==> 2026-11-26 10:00:00 <==
    # cmd: micromamba install x
    # conda version: 3.8.0
    +https://host.example/forge/linux-64::zlib-1.3-0
    ");
    insta::assert_debug_snapshot!(told.0.lock().unwrap(), @r#"
    [
        Linking {
            dist: "zlib-1.3-0",
        },
    ]
    "#);
    assert!(world.prefix.is_environment());
    assert_eq!(world.prefix.requested().unwrap()["zlib"], "zlib>=1");
}

#[test]
fn a_record_tells_all_that_removal_and_a_cache_need() {
    let world = World::new();
    let package = Builder::new("tool", "2.0")
        .patched("bin/tool", "text", format!("#!{PLACEHOLDER}/bin/sh\n"))
        .requested("tool")
        .build(&world.cache);
    world.install(&[package]);
    let record = world.read("conda-meta/tool-2.0-0.json");
    let record = record.replace(world.root.path().to_str().unwrap(), "ROOT");
    let sha256 = regexless_hashes(&record);
    insta::assert_snapshot!(sha256, @r#"
    {
      "build": "0",
      "build_number": 0,
      "depends": [],
      "name": "tool",
      "subdir": "linux-64",
      "timestamp": 1600000000000,
      "version": "2.0",
      "fn": "tool-2.0-0.conda",
      "url": "https://host.example/forge/linux-64/tool-2.0-0.conda",
      "channel": "https://host.example/forge",
      "package_tarball_full_path": "ROOT/pkgs/tool-2.0-0.conda",
      "extracted_package_dir": "ROOT/pkgs/tool-2.0-0",
      "requested_spec": "tool",
      "requested_specs": [
        "tool"
      ],
      "files": [
        "bin/tool"
      ],
      "paths_data": {
        "paths_version": 1,
        "paths": [
          {
            "_path": "bin/tool",
            "path_type": "hardlink",
            "file_mode": "text",
            "prefix_placeholder": "/placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold"
          }
        ]
      },
      "link": {
        "source": "ROOT/pkgs/tool-2.0-0",
        "type": 1
      }
    }
    "#);
}

/// Digests depend on the temporary folder's name.
fn regexless_hashes(text: &str) -> String {
    let lines =
        text.lines().filter(|line| !line.contains("sha256_in_prefix") && !line.contains("size_in_bytes"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn prefixes_are_replaced_in_texts_and_binaries() {
    let world = World::new();
    let prefix = world.prefix.path().to_str().unwrap().to_owned();
    let package = Builder::new("tool", "2.0")
        .patched("bin/tool", "text", format!("#!{PLACEHOLDER}/bin/sh\necho {PLACEHOLDER}\n"))
        .patched("lib/tool.so", "binary", format!("a\0{PLACEHOLDER}/lib\0end"))
        .build(&world.cache);
    let (folder, about) =
        (package.folder.clone(), fs::metadata(package.folder.join("info/about.json")).unwrap());
    world.install(&[package]);
    assert_eq!(world.read("bin/tool"), format!("#!{prefix}/bin/sh\necho {prefix}\n"));
    let binary = fs::read(world.prefix.path().join("lib/tool.so")).unwrap();
    assert_eq!(
        binary.len() as u64,
        fs::metadata(folder.join("lib/tool.so")).unwrap().len(),
        "the length stays"
    );
    let padded = PLACEHOLDER.len() - prefix.len();
    assert_eq!(binary, format!("a\0{prefix}/lib\0{}end", "\0".repeat(padded)).into_bytes());
    let there = fs::metadata(world.prefix.path().join("bin/tool")).unwrap();
    assert_eq!((there.permissions().mode() & 0o7777, there.mtime()), (0o755, about.mtime() + 1));
}

#[test]
fn a_binary_without_room_for_the_prefix_is_an_error() {
    let world = World::new();
    let package = Builder::new("tool", "2.0")
        .patched("lib/t.so", "binary", format!("{PLACEHOLDER}\0"))
        .build(&world.cache);
    let far = mambox_prefix::Prefix::new(world.root.path().join("x".repeat(120))).unwrap();
    let world = World { prefix: far, ..world };
    let error = world.try_change(&[], &[package], &options(), &Told::default()).unwrap_err();
    assert!(matches!(&error, TransactionError::PrefixTooLong { path, .. } if path == "lib/t.so"), "{error}");
    assert!(!world.prefix.path().exists());
}

#[test]
fn noarch_python_goes_where_python_says() {
    let world = World::new();
    let rich = Builder::new("rich", "13.0")
        .noarch_python()
        .file("site-packages/rich/box.py", "x = 1\n")
        .file("python-scripts/richly", "#!/bin/sh\n")
        .entry_point("rich = rich.cli:main")
        .build(&world.cache);
    let told = world.install(&[python(&world.cache), rich]);
    assert!(world.exists("lib/python3.12/site-packages/rich/box.py"));
    assert!(world.exists("bin/richly"));
    let script = fs::metadata(world.prefix.path().join("bin/rich")).unwrap();
    assert_eq!((script.permissions().mode() & 0o7777, script.mtime()), (0o775, 1_600_000_000));
    let text = world.read("bin/rich").replace(world.prefix.path().to_str().unwrap(), "PREFIX");
    insta::assert_snapshot!(text, @r"
    #!PREFIX/bin/python3.12
    # -*- coding: utf-8 -*-
    import re
    import sys

    from rich.cli import main

    if __name__ == '__main__':
    	sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
    	sys.exit(main())
    ");
    assert!(
        told.warnings().contains("no .pyc files"),
        "the made-up python does not run: {}",
        told.warnings()
    );
    world.change(&["rich"], &[]);
    assert!(!world.exists("bin/rich") && !world.exists("lib/python3.12/site-packages"));
}

#[test]
fn noarch_python_without_python_is_an_error() {
    let world = World::new();
    let rich =
        Builder::new("rich", "13.0").noarch_python().file("site-packages/r.py", "").build(&world.cache);
    let error = world.try_change(&[], &[rich], &options(), &Told::default()).unwrap_err();
    insta::assert_snapshot!(error, @"package rich-13.0-0 is a noarch python package, but the environment has no python; install python as well");
    assert!(!world.prefix.path().exists());
}

#[test]
fn an_update_leaves_what_a_fresh_installation_would() {
    let (world, fresh) = (World::new(), World::new());
    let old = |cache| {
        Builder::new("a", "1.0").file("lib/a", "1").file("lib/old/gone", "").file("turns", "f").build(cache)
    };
    let new = |cache| Builder::new("a", "2.0").file("lib/a", "2").file("turns/into/folder", "").build(cache);
    world.install(&[old(&world.cache)]);
    world.change(&["a"], &[new(&world.cache)]);
    fresh.install(&[new(&fresh.cache)]);
    let paths = |world: &World| world.tree().into_keys().collect::<Vec<_>>();
    assert_eq!(paths(&world), paths(&fresh));
    assert_eq!(world.read("lib/a"), "2");
    // And back again: a folder turns into a file.
    world.change(&["a"], &[old(&world.cache)]);
    assert_eq!(world.read("turns"), "f");
}

#[test]
fn removal_takes_emptied_folders_and_stale_bytecode_and_nothing_else() {
    let world = World::new();
    let package = Builder::new("a", "1.0").file("lib/a/x.py", "").file("lib/b/y", "").build(&world.cache);
    world.install(&[package]);
    write(&world.prefix.path().join("lib/a/__pycache__/x.cpython-312.pyc"), b"stale", 0o644);
    write(&world.prefix.path().join("lib/b/mine"), b"", 0o644);
    world.change(&["a"], &[]);
    insta::assert_snapshot!(world.listing(), @"
    conda-meta/
    conda-meta/history 644
    lib/
    lib/b/
    lib/b/mine 644
    ");
}

#[test]
fn the_later_package_wins_and_a_warning_names_both() {
    let world = World::new();
    let a = Builder::new("a", "1.0").file("same", "a").build(&world.cache);
    let b = Builder::new("b", "1.0").file("same", "b").build(&world.cache);
    let c = Builder::new("c", "1.0").file("same", "c").build(&world.cache);
    let told = world.install(&[a, b]);
    assert_eq!(world.read("same"), "b");
    insta::assert_snapshot!(told.warnings(), @"same: the file of b-1.0-0 is taken, that of a-1.0-0 left out");
    let told = world.install(&[c]);
    assert_eq!(world.read("same"), "c");
    insta::assert_snapshot!(told.warnings(), @"same: the file of c-1.0-0 replaces that of b-1.0-0");
    world.change(&["b"], &[]);
    assert_eq!(world.read("same"), "c", "the file of a package that stays");
}

#[test]
fn files_of_nobody_are_replaced_and_never_written_through() {
    let world = World::new();
    let outside = world.root.path().join("outside");
    fs::write(&outside, "precious").unwrap();
    fs::create_dir_all(world.prefix.path()).unwrap();
    symlink(&outside, world.prefix.path().join("file")).unwrap();
    let package = Builder::new("a", "1.0").patched("file", "text", "mine").build(&world.cache);
    let told = world.install(&[package]);
    assert_eq!(
        (world.read("file").as_str(), fs::read_to_string(outside).unwrap().as_str()),
        ("mine", "precious")
    );
    insta::assert_snapshot!(told.warnings(), @"file: the file of a-1.0-0 replaces one that belongs to no package");
}

#[test]
fn nothing_is_installed_through_a_link_that_leads_out() {
    let world = World::new();
    fs::create_dir_all(world.prefix.path()).unwrap();
    symlink(world.root.path(), world.prefix.path().join("lib")).unwrap();
    let before = world.tree();
    let package = Builder::new("a", "1.0").file("lib/x", "").build(&world.cache);
    let error = world.try_change(&[], &[package], &options(), &Told::default()).unwrap_err();
    assert!(matches!(error, TransactionError::LeadsOut { .. }), "{error}");
    assert_eq!(world.tree(), before);
}

#[test]
fn a_folder_of_others_in_place_of_a_file_stops_the_transaction() {
    let world = World::new();
    write(&world.prefix.path().join("x/mine"), b"", 0o644);
    let before = world.tree();
    let package = Builder::new("a", "1.0").file("x", "").build(&world.cache);
    let error = world.try_change(&[], &[package], &options(), &Told::default()).unwrap_err();
    assert!(matches!(error, TransactionError::InTheWay { .. }), "{error}");
    assert_eq!(world.tree(), before);
}

#[test]
fn a_damaged_cache_is_found_before_anything_is_touched() {
    let world = World::new();
    let whole = Builder::new("a", "1.0").file("a", "").build(&world.cache);
    let short = Builder::new("b", "1.0").file("b", "12345").build(&world.cache);
    fs::write(short.folder.join("b"), "123").unwrap();
    let error = world.try_change(&[], &[whole, short.clone()], &options(), &Told::default()).unwrap_err();
    assert!(
        matches!(&error, TransactionError::DamagedPackage { dist, path, .. } if dist == "b-1.0-0" && *path == short.folder)
    );
    let linked = Builder::new("c", "1.0").file("c/passwd", "").build(&world.cache);
    fs::rename(linked.folder.join("c"), linked.folder.join("other")).unwrap();
    symlink("other", linked.folder.join("c")).unwrap();
    let error = world.try_change(&[], &[linked], &options(), &Told::default()).unwrap_err();
    assert!(error.to_string().contains("c is no folder"), "{error}");
    fs::remove_file(short.folder.join("b")).unwrap();
    let error = world.try_change(&[], &[short], &options(), &Told::default()).unwrap_err();
    assert!(error.to_string().contains("b: No such file"), "{error}");
    assert!(!world.prefix.path().exists());
}

#[test]
fn a_package_that_leaves_the_prefix_is_refused() {
    for path in
        ["../evil", "/evil", "conda-meta/history", "conda-meta/.transaction/removing", "conda-meta/x.json"]
    {
        let world = World::new();
        let package = Builder::new("a", "1.0").build(&world.cache);
        let lie = format!(r#"{{"paths_version":1,"paths":[{{"_path":"{path}","path_type":"hardlink"}}]}}"#);
        fs::write(package.folder.join("info/paths.json"), lie).unwrap();
        let error = world.try_change(&[], &[package], &options(), &Told::default()).unwrap_err();
        assert!(matches!(error, TransactionError::Package { .. }), "{path}: {error}");
        assert!(!world.prefix.path().exists());
    }
}

#[test]
fn what_a_package_does_not_want_linked_is_copied() {
    let world = World::new();
    let package =
        Builder::new("a", "1.0").file("own", "x").no_link("own").file("shared", "y").build(&world.cache);
    let folder = package.folder.clone();
    world.install(&[package]);
    let inode = |path: std::path::PathBuf| fs::metadata(path).unwrap().ino();
    assert_ne!(inode(world.prefix.path().join("own")), inode(folder.join("own")));
    assert_eq!(inode(world.prefix.path().join("shared")), inode(folder.join("shared")));
}

/// Section 4 of the micromamba reference, "Link".
#[test]
fn the_policy_decides_between_links_and_copies() {
    let kinds = [
        (LinkPolicy { always_copy: true, ..LinkPolicy::default() }, false, 3),
        (LinkPolicy { always_softlink: true, ..LinkPolicy::default() }, true, 2),
        (LinkPolicy::default(), false, 1),
    ];
    for (links, is_symlink, link_type) in kinds {
        let world = World::new();
        let package = Builder::new("a", "1.0").file("f", "x").build(&world.cache);
        let mtime = fs::metadata(package.folder.join("f")).unwrap().mtime();
        let options = mambox_prefix::Options { links, ..options() };
        world.try_change(&[], &[package], &options, &Told::default()).unwrap();
        let there = fs::symlink_metadata(world.prefix.path().join("f")).unwrap();
        assert_eq!(there.is_symlink(), is_symlink);
        assert_eq!(fs::metadata(world.prefix.path().join("f")).unwrap().mtime(), mtime);
        let record: serde_json::Value = serde_json::from_str(&world.read("conda-meta/a-1.0-0.json")).unwrap();
        assert_eq!(record["link"]["type"], link_type);
    }
}

#[test]
fn another_file_system_gets_copies() {
    let Ok(shm) = tempfile::tempdir_in("/dev/shm") else {
        println!("skipped: no /dev/shm");
        return;
    };
    let world = World::new();
    let package = Builder::new("a", "1.0").script("bin/f", "x").build(shm.path());
    if fs::metadata(&package.folder).unwrap().dev() == fs::metadata(&world.cache).unwrap().dev() {
        println!("skipped: /dev/shm is no other file system");
        return;
    }
    let folder = package.folder.clone();
    world.install(&[package]);
    let (from, to) = (
        fs::metadata(folder.join("bin/f")).unwrap(),
        fs::metadata(world.prefix.path().join("bin/f")).unwrap(),
    );
    assert_eq!((from.mode(), from.mtime(), from.len()), (to.mode(), to.mtime(), to.len()));
    assert!(world.read("conda-meta/a-1.0-0.json").contains("\"type\": 3"));
}

#[test]
fn a_read_only_cache_is_enough() {
    let world = World::new();
    let package =
        Builder::new("a", "1.0").file("lib/f", "x").patched("lib/p", "text", PLACEHOLDER).build(&world.cache);
    for folder in [package.folder.join("lib"), package.folder.join("info"), package.folder.clone()] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    }
    world.install(std::slice::from_ref(&package));
    world.change(&["a"], &[]);
    assert_eq!(fs::read_to_string(package.folder.join("lib/f")).unwrap(), "x", "the cache's file stays");
    for folder in [package.folder.clone(), package.folder.join("lib"), package.folder.join("info")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn variables_are_set_in_the_same_transaction() {
    let world = World::new();
    let state = world.prefix.path().join("conda-meta/state");
    write(&state, br#"{"pip_interop_enabled":true,"env_vars":{"OLD":"1"}}"#, 0o644);
    let options = mambox_prefix::Options { variables: [("NEW".into(), "2".into())].into(), ..options() };
    world.try_change(&[], &[], &options, &Told::default()).unwrap();
    insta::assert_snapshot!(world.read("conda-meta/state"), @r#"
    {
      "pip_interop_enabled": true,
      "env_vars": {
        "OLD": "1",
        "NEW": "2"
      }
    }
    "#);
    world.prefix.set_variables(&[("OLD".into(), "3".into())].into()).unwrap();
    insta::assert_debug_snapshot!(world.prefix.variables().unwrap(), @r#"
    {
        "NEW": "2",
        "OLD": "3",
    }
    "#);
    assert!(world.prefix.is_environment(), "by its history");
}

#[test]
fn a_package_that_is_there_already_has_to_go_first() {
    let world = World::new();
    let package = Builder::new("a", "1.0").file("f", "").build(&world.cache);
    world.install(std::slice::from_ref(&package));
    let error = world.try_change(&[], &[package], &options(), &Told::default()).unwrap_err();
    insta::assert_snapshot!(error, @"a-1.0-0 cannot be installed as long as a-1.0-0 is there: the plan has to remove that");
}
