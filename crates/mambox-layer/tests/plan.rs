//! The plan depends on packages alone.

mod common;

use std::collections::BTreeSet;

use mambox_layer::{Archive, Claims, Conflicts, LayerKey, LayerOptions, build_layer, plan};
use mambox_testkit::{BuiltPackage, PackageBuilder};
use proptest::prelude::*;

use common::{CHANNEL, build, lock, lock_of, options};

/// `count` packages in a graph without circles, of all sizes.
fn graph(count: usize, edges: &[(usize, usize)], sizes: &[u64]) -> Vec<rattler_conda_types::RepoDataRecord> {
    let packages = (0..count).map(|index| {
        let mut package = PackageBuilder::new(&format!("package-{index}"), "1.0");
        for (from, to) in edges {
            // Dependencies lead to lower numbers.
            if from % count == index && to % count < index {
                package = package.depends(&format!("package-{}", to % count));
            }
        }
        let mut record = package.finish(Vec::new()).repo_data_record(CHANNEL);
        record.package_record.size = Some(sizes[index % sizes.len()]);
        record
    });
    packages.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn every_package_is_in_one_layer_whatever_the_order(
        count in 1..60usize,
        edges in prop::collection::vec((0..60usize, 0..60usize), 0..80),
        sizes in prop::collection::vec(0..1000u64, 1..60),
        max_layers in 1..70usize,
        seed in any::<prop::sample::Index>(),
    ) {
        let records = graph(count, &edges, &sizes);
        let options = LayerOptions { max_layers, ..options() };
        let planned = plan(&lock_of(records.clone()), &options).unwrap();

        prop_assert!(planned.layers().len() <= max_layers);
        let names: BTreeSet<&str> = planned.packages().map(|package| package.name()).collect();
        prop_assert_eq!(names.len(), count);
        prop_assert_eq!(planned.packages().count(), count);

        let mut shuffled = records;
        let by = seed.index(count);
        shuffled.rotate_left(by);
        shuffled.reverse();
        prop_assert_eq!(&plan(&lock_of(shuffled), &options).unwrap(), &planned);
    }

    #[test]
    fn an_added_package_changes_no_other_place(
        count in 2..60usize,
        sizes in prop::collection::vec(1..1_000_000u64, 1..60),
        added in any::<prop::sample::Index>(),
    ) {
        let records = graph(count, &[], &sizes);
        let names = |records: Vec<_>| -> Vec<String> {
            let planned = plan(&lock_of(records), &options()).unwrap();
            planned.packages().map(|package| package.name().to_owned()).collect()
        };
        let with = names(records.clone());
        let added = added.index(count);
        let name = format!("package-{added}");
        let without = names(records.into_iter().enumerate().filter(|(i, _)| *i != added).map(|(_, r)| r).collect());
        prop_assert_eq!(with.into_iter().filter(|other| *other != name).collect::<Vec<_>>(), without);
    }

    #[test]
    fn a_new_small_package_changes_one_shared_layer(count in 20..60usize, max_layers in 4..16usize) {
        let sizes: Vec<u64> = (0..60).map(|n| 1000 + n).collect();
        let mut records = graph(count, &[], &sizes);
        let options = LayerOptions { max_layers, ..options() };
        let before: BTreeSet<_> = keys(&plan(&lock_of(records.clone()), &options).unwrap());
        let mut new = PackageBuilder::new("new", "1.0").finish(Vec::new()).repo_data_record(CHANNEL);
        new.package_record.size = Some(1);
        records.push(new);
        let after: BTreeSet<_> = keys(&plan(&lock_of(records), &options).unwrap());
        prop_assert_eq!(after.difference(&before).count(), 1);
    }
}

fn keys(plan: &mambox_layer::LayerPlan) -> BTreeSet<mambox_oci::Digest> {
    plan.layers().iter().map(|layer| layer.key().digest()).collect()
}

fn small(name: &str) -> BuiltPackage {
    PackageBuilder::new(name, "1.0").file(&format!("share/{name}"), name).build()
}

#[test]
fn a_shared_layer_holds_its_packages_one_after_the_other() {
    let packages = [small("a"), small("b"), small("c")];
    let built = build(&packages, &LayerOptions { max_layers: 1, ..options() }).unwrap();
    insta::assert_snapshot!(mambox_testkit::listing(&built.blobs[0]), @r"
    drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 opt/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/share/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 opt/conda/share/a
    drwxrwxr-x 0:0 1980-01-01T00:00:00Z 0 opt/conda/conda-meta/
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 775 opt/conda/conda-meta/a-1.0-0.json
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 opt/conda/share/b
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 775 opt/conda/conda-meta/b-1.0-0.json
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 1 opt/conda/share/c
    -rw-r--r-- 0:0 2023-11-14T22:13:20Z 775 opt/conda/conda-meta/c-1.0-0.json
    ");
}

/// A package whose archive has this many bytes.
fn sized(name: &str, size: u64) -> rattler_conda_types::RepoDataRecord {
    let mut record = PackageBuilder::new(name, "1.0").finish(Vec::new()).repo_data_record(CHANNEL);
    record.package_record.size = Some(size);
    record
}

/// The packages of each layer, bottom first, with the reason of the layer's first.
fn explained(records: &[rattler_conda_types::RepoDataRecord], max_layers: usize) -> String {
    let planned =
        plan(&lock_of(records.to_vec()), &LayerOptions { max_layers, ..options() }).expect("a plan");
    let line = |layer: &mambox_layer::PlannedLayer| {
        let names: Vec<&str> = layer.packages().iter().map(|planned| planned.package.name()).collect();
        format!("{}: {}\n", names.join(" "), layer.packages()[0].reason)
    };
    planned.layers().iter().map(line).collect()
}

#[test]
fn large_layers_lie_below_and_those_released_often_above() {
    let records = [
        sized("tzdata", 120_000),
        sized("openssl", 3_000_000),
        sized("python", 30_000_000),
        sized("numpy", 8_000_000),
        sized("six", 15_000),
    ];
    insta::assert_snapshot!(explained(&records, 64), @r"
    python: a layer of its own, as 5 packages fit into 64 layers; larger ones lie below
    numpy: a layer of its own, as 5 packages fit into 64 layers; larger ones lie below
    six: a layer of its own, as 5 packages fit into 64 layers; larger ones lie below
    openssl: a layer of its own, as 5 packages fit into 64 layers; above others, as it is released often
    tzdata: a layer of its own, as 5 packages fit into 64 layers; above others, as it is released often
    ");
}

#[test]
fn a_new_version_of_about_the_same_size_keeps_its_place() {
    let order = |bytes| explained(&[sized("a", 700_000), sized("b", bytes), sized("c", 600_000)], 64);
    assert_eq!(order(650_000), order(710_000));
}

#[test]
fn beyond_the_budget_the_small_ones_share_layers() {
    let mut records: Vec<_> = (0..12).map(|n| sized(&format!("large-{n:02}"), 1_000_000 + n)).collect();
    records.extend((0..6).map(|n| sized(&format!("small-{n}"), 1_000 + n)));
    records.extend([sized("openssl", 3_000_000), sized("certifi", 150)]);
    insta::assert_snapshot!(explained(&records, 16), @r"
    large-00: a layer of its own, as its 1000000 bytes are among the 14 largest packages; larger ones lie below
    large-01: a layer of its own, as its 1000001 bytes are among the 14 largest packages; larger ones lie below
    large-02: a layer of its own, as its 1000002 bytes are among the 14 largest packages; larger ones lie below
    large-03: a layer of its own, as its 1000003 bytes are among the 14 largest packages; larger ones lie below
    large-04: a layer of its own, as its 1000004 bytes are among the 14 largest packages; larger ones lie below
    large-05: a layer of its own, as its 1000005 bytes are among the 14 largest packages; larger ones lie below
    large-06: a layer of its own, as its 1000006 bytes are among the 14 largest packages; larger ones lie below
    large-07: a layer of its own, as its 1000007 bytes are among the 14 largest packages; larger ones lie below
    large-08: a layer of its own, as its 1000008 bytes are among the 14 largest packages; larger ones lie below
    large-09: a layer of its own, as its 1000009 bytes are among the 14 largest packages; larger ones lie below
    large-10: a layer of its own, as its 1000010 bytes are among the 14 largest packages; larger ones lie below
    large-11: a layer of its own, as its 1000011 bytes are among the 14 largest packages; larger ones lie below
    small-5: a layer of its own, as its 1005 bytes are among the 14 largest packages; larger ones lie below
    openssl: a layer of its own, as its 3000000 bytes are among the 14 largest packages; above others, as it is released often
    small-0 small-1 small-2 small-3 small-4: shared layer 1 of 2, chosen by the hash of its name; a change moves no other package
    certifi: shared layer 2 of 2, for small packages that are released often
    ");
}

#[test]
fn the_key_is_canonical_json() {
    let plan = plan(&lock(&[small("a")]), &options()).unwrap();
    let key = plan.layers()[0].key();
    insta::assert_snapshot!(String::from_utf8(key.to_json()).unwrap(), @r#"{"format":2,"packages":[{"file_name":"a-1.0-0.conda","archive":"sha256:0707070707070707070707070707070707070707070707070707070707070707","record":"sha256:43b2d777fb09ee601b3bd19b2ea02acad8c3a22103c0b5d814fa9ad68d2c38ef","masked":[]}],"prefix":"/opt/conda","python":null,"pyc":"off","slim":[],"codec":"none"}"#);
    assert_eq!(serde_json::from_slice::<LayerKey>(&key.to_json()).unwrap(), *key);
}

#[test]
fn python_is_in_the_keys_of_noarch_packages_only() {
    let python = PackageBuilder::python_interpreter("3.13.5", "").build();
    let tool = PackageBuilder::new("tool", "1.0").noarch_python().depends("python").build();
    let plan = plan(&lock(&[python, tool, small("native")]), &options()).unwrap();
    let with_python: Vec<&str> = plan
        .layers()
        .iter()
        .filter(|layer| layer.key().python.is_some())
        .map(|layer| layer.packages()[0].package.name())
        .collect();
    assert_eq!(with_python, ["tool"]);
}

#[test]
fn a_conflict_is_told_and_masked_in_the_losers_key() {
    let base = PackageBuilder::new("z-base", "1.0").file("share/both", "base").file("share/base", "").build();
    let top = PackageBuilder::new("a-top", "1.0").depends("z-base").file("share/both", "top").build();
    let built = build(&[base, top], &options()).unwrap();
    let told: Vec<String> = built.conflicts.conflicts.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @"share/both: the file of a-top is taken, that of z-base left out");
    let masked: Vec<_> = built.plan.layers().iter().map(|layer| &layer.key().packages[0].masked).collect();
    insta::assert_debug_snapshot!(masked, @r#"
    [
        {},
        {
            "share/both",
        },
    ]
    "#);
    let layers: String = built.blobs.iter().map(|blob| mambox_testkit::listing(blob)).collect();
    assert_eq!(layers.matches("share/both").count(), 1, "{layers}");
    let json = serde_json::to_string(&built.conflicts).unwrap();
    assert_eq!(serde_json::from_str::<Conflicts>(&json).unwrap(), built.conflicts);
}

#[test]
fn whoever_comes_last_decides_whether_a_path_is_a_file_or_a_directory() {
    // rattler means the same, but leaves the emptied directory in the file's way.
    let base =
        PackageBuilder::new("base", "1.0").file("share/thing/inside", "").file("share/other", "").build();
    let top = PackageBuilder::new("top", "1.0").depends("base").file("share/thing", "a file").build();
    let built = build(&[base, top], &options()).unwrap();
    let tree = mambox_testkit::flatten(&built.blobs);
    assert_eq!(tree["opt/conda/share/thing"].text(), "a file");
    assert!(tree.contains_key("opt/conda/share/other"));
    let told: Vec<String> = built.conflicts.conflicts.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @"share/thing: the file of top is taken, that of base left out");
}

#[test]
fn a_prefix_need_not_hold_everything() {
    let package = PackageBuilder::new("tool", "1.0").file("bin/tool", "").file("share/doc/tool", "").build();
    let lock = lock(std::slice::from_ref(&package));
    let archive = Archive::from_bytes(&package.file_name, package.bytes.clone()).unwrap();
    let plan = plan(&lock, &options()).unwrap();
    let claims = [Claims::read(&lock.packages()[0], &archive, None).unwrap()];
    let conflicts =
        Conflicts::find(plan.packages(), &claims).without(&claims, |path| path.starts_with("share/"));
    let plan = plan.with_conflicts(&conflicts);
    let (layer, _) = build_layer(&plan.layers()[0], &[archive], None, Vec::new()).unwrap();
    let tree = mambox_testkit::extract_map(&layer);
    let paths: Vec<&str> = tree.keys().map(String::as_str).filter(|path| !path.ends_with(".json")).collect();
    assert_eq!(
        paths,
        ["opt", "opt/conda", "opt/conda/bin", "opt/conda/bin/tool", "opt/conda/conda-meta"],
        "neither the file nor its folders"
    );
}
