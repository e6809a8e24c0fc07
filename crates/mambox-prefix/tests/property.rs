//! For any packages: what comes and goes again leaves nothing behind.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::{Builder, PLACEHOLDER, World};
use mambox_prefix::Package;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Kind {
    File,
    Patched,
    Link,
    Folder,
}

type Content = BTreeMap<String, Kind>;

fn content() -> impl Strategy<Value = Content> {
    let path = prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d.py"]), 1..4);
    let kind = prop_oneof![Just(Kind::File), Just(Kind::Patched), Just(Kind::Link), Just(Kind::Folder)];
    prop::collection::btree_map(path.prop_map(|parts| parts.join("/")), kind, 0..12)
}

/// Leaves out what lies above or below something else, unless that is a folder.
fn consistent(content: Content, taken: &Content) -> Content {
    let mut kept = taken.clone();
    for (path, kind) in content {
        let clash = kept.iter().any(|(other, what)| {
            let above = path.starts_with(&format!("{other}/")) && !matches!(what, Kind::Folder);
            let below = other.starts_with(&format!("{path}/")) && !matches!(kind, Kind::Folder);
            above || below || *other == path
        });
        if !clash {
            kept.insert(path, kind);
        }
    }
    kept.into_iter().filter(|(path, _)| !taken.contains_key(path)).collect()
}

fn package(name: &str, content: &Content, cache: &Path) -> Package {
    let add = |package: Builder, (path, kind): (&String, &Kind)| match kind {
        Kind::File => package.file(path, format!("{name} {path}")),
        Kind::Patched => package.patched(path, "text", format!("{PLACEHOLDER}/{path}")),
        Kind::Link => package.link(path, "somewhere"),
        Kind::Folder => package.folder(path),
    };
    content.iter().fold(Builder::new(name, "1.0"), add).build(cache)
}

fn tree(world: &World) -> BTreeMap<String, String> {
    let mut tree = world.tree();
    tree.remove("conda-meta/history");
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn installing_and_removing_leaves_the_prefix_as_it_was(a in content(), b in content()) {
        let a = consistent(a, &Content::new());
        let b = consistent(b, &a);
        let world = World::new();
        world.install(&[package("a", &a, &world.cache)]);
        let before = tree(&world);
        let told = world.install(&[package("b", &b, &world.cache)]);
        prop_assert_eq!(told.warnings(), "");
        for path in a.keys().chain(b.keys()) {
            prop_assert!(world.exists(path), "{} is missing", path);
        }
        world.change(&["b"], &[]);
        prop_assert_eq!(tree(&world), before);
        world.change(&["a"], &[]);
        let left: BTreeSet<String> = tree(&world).into_keys().collect();
        prop_assert_eq!(left, BTreeSet::from(["conda-meta".to_owned()]));
    }

    /// However two packages clash, an update from one to the other is as good as a fresh installation.
    #[test]
    fn an_update_is_as_good_as_a_fresh_installation(a in content(), b in content()) {
        let (a, b) = (consistent(a, &Content::new()), consistent(b, &Content::new()));
        let (world, fresh) = (World::new(), World::new());
        world.install(&[package("x", &a, &world.cache)]);
        // The same prefix is not to be had, so the names of the paths are compared.
        world.change(&["x"], &[package("y", &b, &world.cache)]);
        fresh.install(&[package("y", &b, &fresh.cache)]);
        prop_assert_eq!(world.listing(), fresh.listing());
    }
}
