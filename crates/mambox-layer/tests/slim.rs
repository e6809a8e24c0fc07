//! What slim policies leave out, and that nothing else changes.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use mambox_layer::{LayerOptions, SlimPolicies, SlimPolicy};
use mambox_testkit::{BuiltPackage, Entry, EntryKind, PackageBuilder, flatten, listing};
use proptest::prelude::*;
use serde_json::Value;

use common::{Built, build, options};

fn slim(policies: &str) -> LayerOptions {
    LayerOptions { slim: policies.parse().unwrap(), ..options() }
}

fn package() -> PackageBuilder {
    PackageBuilder::new("tool", "1.0")
}

/// A package alone, as the listing of its layer without the folders and times.
fn shown(package: &BuiltPackage, policies: &str) -> String {
    let built = build(std::slice::from_ref(package), &slim(policies)).unwrap();
    let lines = listing(&built.blobs[0]);
    let path = |line: &str| {
        line.splitn(4, ' ').nth(3).map(|rest| rest.split_once(' ').unwrap_or(("", rest)).1.to_owned())
    };
    let files = lines.lines().filter_map(path).filter(|path| !path.ends_with('/'));
    let files: Vec<String> = files.map(|path| path.replace("opt/conda/", "")).collect();
    files.join("\n")
}

/// The record's `files`, and those of `paths_data`.
fn recorded(tree: &BTreeMap<String, Entry>, record: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let record: Value =
        serde_json::from_str(tree[&format!("opt/conda/conda-meta/{record}.json")].text()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let files = record["files"].as_array().unwrap().iter().map(text).collect();
    let paths = record["paths_data"]["paths"].as_array().unwrap();
    (files, paths.iter().map(|path| text(&path["_path"])).collect())
}

#[test]
fn a_policy_leaves_its_files_out_and_the_record_agrees() {
    let package = package()
        .file("include/tool.h", "int tool;\n")
        .file("lib/libtool.a", "archive")
        .file("lib/libtool.so.1", "library")
        .file("share/doc/tool/NEWS", "news\n")
        .file("share/doc/tool/COPYING", "licence\n")
        .build();
    insta::assert_snapshot!(shown(&package, "none"), @r"
    include/tool.h
    lib/libtool.a
    lib/libtool.so.1
    share/doc/tool/NEWS
    share/doc/tool/COPYING
    conda-meta/tool-1.0-0.json
    ");
    insta::assert_snapshot!(shown(&package, "all"), @r"
    lib/libtool.so.1
    share/doc/tool/COPYING
    conda-meta/tool-1.0-0.json
    ");
    insta::assert_snapshot!(shown(&package, "all,-docs,-headers"), @r"
    include/tool.h
    lib/libtool.so.1
    share/doc/tool/NEWS
    share/doc/tool/COPYING
    conda-meta/tool-1.0-0.json
    ");
    let built = build(&[package], &slim("all")).unwrap();
    let (files, paths) = recorded(&flatten(&built.blobs), "tool-1.0-0");
    assert_eq!(files, ["lib/libtool.so.1", "share/doc/tool/COPYING"].map(str::to_owned).into());
    assert_eq!(files, paths);
    let summary = &built.outputs[0].packages[0];
    assert_eq!((summary.files, summary.bytes), (2, 15));
    let saved: Vec<String> =
        summary.left_out.iter().map(|(policy, saved)| format!("{policy}: {saved:?}")).collect();
    insta::assert_snapshot!(saved.join("\n"), @r"
    docs: LeftOut { files: 1, bytes: 5 }
    headers: LeftOut { files: 1, bytes: 10 }
    static-libs: LeftOut { files: 1, bytes: 7 }
    ");
}

#[test]
fn hard_links_to_what_is_left_out_have_its_content() {
    let package = package()
        .file("include/tool.h", "shared\n")
        .hard_link("share/tool/one", "include/tool.h")
        .hard_link("share/tool/two", "include/tool.h")
        .hard_link("include/again.h", "include/tool.h")
        .text_with_prefix("include/path.h", "{prefix}\n")
        .hard_link("share/tool/path", "include/path.h")
        .build();
    let built = build(&[package], &slim("headers")).unwrap();
    let tree = flatten(&built.blobs);
    assert!(tree.keys().all(|path| !path.starts_with("opt/conda/include")), "{tree:?}");
    assert_eq!(tree["opt/conda/share/tool/one"].text(), "shared\n");
    assert_eq!(tree["opt/conda/share/tool/two"].text(), "shared\n");
    let saved = built.outputs[0].packages[0].left_out.get(SlimPolicy::Headers);
    assert_eq!(saved.files, 3);
    assert_eq!(saved.bytes, 0, "every content is still there");
}

#[test]
fn symbolic_links_go_by_their_own_path() {
    let package = package()
        .file("include/a.h", "")
        .symlink("include/b.h", "a.h")
        .symlink("share/tool/a.h", "../../include/a.h")
        .symlink("include/data", "../share/tool")
        .build();
    insta::assert_snapshot!(shown(&package, "headers"), @r"
    share/tool/a.h -> ../../include/a.h
    conda-meta/tool-1.0-0.json
    ");
}

#[test]
fn a_path_of_two_packages_may_be_left_out() {
    let base = PackageBuilder::new("z-base", "1.0").file("include/both.h", "base").file("lib/a", "").build();
    let top = PackageBuilder::new("a-top", "1.0")
        .depends("z-base")
        .file("include/both.h", "top")
        .file("lib/b", "")
        .build();
    let built = build(&[base, top], &slim("headers")).unwrap();
    let tree = flatten(&built.blobs);
    assert!(!tree.contains_key("opt/conda/include/both.h"));
    assert_eq!(built.conflicts.conflicts.len(), 1, "who would win does not depend on policies");
    assert_eq!(recorded(&tree, "a-top-1.0-0").0, ["lib/b".to_owned()].into());
    let counted = built.outputs.iter().flat_map(|output| &output.packages);
    let counted: u64 = counted.map(|package| package.left_out.get(SlimPolicy::Headers).files).sum();
    assert_eq!(counted, 1, "the loser's file would not have been there");
}

#[test]
fn tests_of_pythons_library_are_told_by_the_package() {
    let path = "lib/python3.13/test/test_os.py";
    let python = PackageBuilder::python_interpreter("3.13.5", "x").file(path, "import os\n").build();
    let other = package().file("lib/python3.13/test/extra.py", "").build();
    let tree = flatten(&build(&[python, other], &slim("tests")).unwrap().blobs);
    assert!(!tree.contains_key(&format!("opt/conda/{path}")));
    assert!(tree.contains_key("opt/conda/lib/python3.13/test/extra.py"));
}

#[test]
fn the_key_names_the_policies_in_one_order() {
    let package = package().file("lib/a", "").build();
    let keys = |policies: &str| {
        let built = build(std::slice::from_ref(&package), &slim(policies)).unwrap();
        let key = built.plan.layers()[0].key().clone();
        (String::from_utf8(key.to_json()).unwrap(), key.digest(), built.blobs)
    };
    let (json, key, layers) = keys("headers,docs");
    assert!(json.contains(r#""slim":["docs","headers"]"#), "{json}");
    assert_eq!(keys("docs,headers"), (json, key, layers.clone()));
    let (json, other, unchanged) = keys("none");
    assert!(json.contains(r#""slim":[]"#), "{json}");
    assert_ne!(other, key, "no lock tells that a policy would find nothing");
    assert_eq!(unchanged, layers, "but the bytes are the same");
}

/// Paths of packages, many of which some rule names.
fn path() -> impl Strategy<Value = String> {
    let folder = prop::sample::select(vec![
        "bin",
        "lib",
        "include",
        "include/python3.13",
        "lib/debug",
        "lib/gcc",
        "lib/python3.13",
        "lib/python3.13/test",
        "lib/python3.13/json/tests",
        "lib/python3.13/site-packages/a",
        "lib/python3.13/__pycache__",
        "share/man/man1",
        "share/doc/tool",
        "share/doc/tool/licenses",
    ]);
    let name = prop::sample::select(vec![
        "a.h",
        "pyconfig.h",
        "liba.a",
        "liba.la",
        "liba.so",
        "a.debug",
        "a.pdb",
        "COPYING",
        "a.1",
        "a.py",
        "a.cpython-313.opt-1.pyc",
        "a.cpython-313.pyc",
    ]);
    (folder, name).prop_map(|(folder, name)| format!("{folder}/{name}"))
}

fn policies() -> impl Strategy<Value = SlimPolicies> {
    prop::collection::vec(prop::sample::select(SlimPolicy::ALL.to_vec()), 0..6)
        .prop_map(|policies| policies.into_iter().collect())
}

/// Everything of a layer but folders and the record, whose path comes first.
fn leaves(built: &Built) -> BTreeMap<String, Entry> {
    let is_leaf = |(path, entry): &(String, Entry)| {
        entry.kind != EntryKind::Directory && !path.starts_with("opt/conda/conda-meta/")
    };
    flatten(&built.blobs).into_iter().filter(is_leaf).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_slim_layer_is_the_full_one_without_what_the_rules_name(
        name in prop::sample::select(vec!["python", "tool"]),
        paths in prop::collection::btree_set(path(), 1..12),
        links in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        on in policies(),
    ) {
        let paths: Vec<String> = paths.into_iter().collect();
        let mut package = match name {
            "python" => PackageBuilder::new("python", "3.13.5"),
            other => PackageBuilder::new(other, "1.0"),
        };
        for path in &paths {
            package = package.file(path, path);
        }
        for (number, link) in links.iter().enumerate() {
            package = package.hard_link(&format!("share/links/{number}"), link.get(&paths).as_str());
        }
        let package = package.build();
        let full = leaves(&build(std::slice::from_ref(&package), &options()).unwrap());
        let built = build(&[package], &LayerOptions { slim: on, ..options() }).unwrap();
        let expected = full.into_iter().filter(|(path, _)| {
            on.left_out(name, path.trim_start_matches("opt/conda/")).is_none()
        });
        let slim = leaves(&built);
        prop_assert_eq!(&slim, &expected.collect());
        let version = if name == "python" { "3.13.5" } else { "1.0" };
        let (files, listed) = recorded(&flatten(&built.blobs), &format!("{name}-{version}-0"));
        let held: BTreeSet<String> = slim.keys().map(|path| path.trim_start_matches("opt/conda/").to_owned()).collect();
        prop_assert_eq!(&files, &held);
        prop_assert_eq!(&listed, &held);
    }
}
