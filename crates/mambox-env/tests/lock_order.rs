//! The canonical order of a lock.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::HashMap;

use common::package;
use mambox_env::{Lock, LockedPackage};
use proptest::prelude::*;
use rattler_conda_types::Subdir;

fn lock(packages: Vec<LockedPackage>) -> Lock {
    Lock::new(Subdir::Linux64, ["https://host/chan"], packages).unwrap()
}

fn names(lock: &Lock) -> Vec<&str> {
    lock.packages().iter().map(LockedPackage::name).collect()
}

#[test]
fn dependencies_come_first_then_names() {
    let lock = lock(vec![
        package("app", &["numpy >=2", "b", "__glibc >=2.17"]),
        package("numpy", &["python 3.13.*", "libblas"]),
        package("python", &["openssl >=3,<4", "zlib"]),
        package("zlib", &[]),
        package("b", &["not-in-the-lock"]),
        package("openssl", &["ca-certificates"]),
        package("ca-certificates", &[]),
        package("libblas", &[]),
    ]);
    assert_eq!(
        names(&lock),
        ["b", "ca-certificates", "libblas", "zlib", "openssl", "python", "numpy", "app"]
    );
}

#[test]
fn python_comes_before_the_pip_it_asks_for() {
    let lock = lock(vec![
        package("pip", &["python", "setuptools"]),
        package("setuptools", &["python"]),
        package("python", &["pip"]),
    ]);
    assert_eq!(names(&lock), ["python", "setuptools", "pip"]);
}

#[test]
fn packages_in_a_circle_share_a_depth() {
    let lock = lock(vec![
        package("above", &["c"]),
        package("c", &["a", "c"]),
        package("a", &["b", "below"]),
        package("b", &["c"]),
        package("below", &[]),
    ]);
    assert_eq!(names(&lock), ["below", "a", "b", "c", "above"]);
}

#[test]
fn specs_of_every_form_are_edges() {
    let lock = lock(vec![
        package("a", &["Z"]),
        package("b", &["z[version='>=1']"]),
        package("c", &["z>=1"]),
        package("d", &["conda-forge::z"]),
        package("z", &[]),
    ]);
    assert_eq!(names(&lock), ["z", "a", "b", "c", "d"]);
}

#[test]
fn a_chain_as_long_as_a_lock_may_be_needs_no_stack() {
    let count = 20_000;
    let packages = (0..count).map(|n| package(&format!("p{n}"), &[&format!("p{}", n + 1)])).collect();
    let lock = lock(packages);
    assert_eq!(lock.packages()[0].name(), format!("p{}", count - 1));
}

/// Edges between up to twelve packages, circles included.
fn graphs() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1..12_usize).prop_flat_map(|count| prop::collection::vec(prop::collection::vec(0..count, 0..4), count))
}

fn packages(graph: &[Vec<usize>]) -> Vec<LockedPackage> {
    let named = |index: usize| format!("p{index}");
    let depends = |edges: &Vec<usize>| edges.iter().map(|to| named(*to)).collect::<Vec<_>>();
    let one = |(index, edges)| {
        let depends = depends(edges);
        package(&named(index), &depends.iter().map(String::as_str).collect::<Vec<_>>())
    };
    graph.iter().enumerate().map(one).collect()
}

/// Whether `to` can be reached from `from`, by at least one edge.
fn reaches(graph: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; graph.len()];
    let mut next = graph[from].clone();
    while let Some(node) = next.pop() {
        if node == to {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            next.extend(&graph[node]);
        }
    }
    false
}

proptest! {
    #[test]
    fn the_order_of_the_request_does_not_matter(
        (graph, shuffled) in graphs().prop_flat_map(|graph| {
            let shuffled = Just(packages(&graph)).prop_shuffle();
            (Just(graph), shuffled)
        })
    ) {
        let canonical = lock(packages(&graph));
        let other = lock(shuffled);
        prop_assert_eq!(&canonical, &other);
        // Once more from its own order.
        let again = lock(canonical.packages().to_vec());
        prop_assert_eq!(canonical, again);
    }

    #[test]
    fn a_dependency_outside_a_circle_stands_before_its_dependent(graph in graphs()) {
        let lock = lock(packages(&graph));
        let place: HashMap<&str, usize> = names(&lock).into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        for (from, edges) in graph.iter().enumerate() {
            for to in edges.iter().filter(|to| !reaches(&graph, **to, from)) {
                let (from, to) = (format!("p{from}"), format!("p{to}"));
                prop_assert!(place[to.as_str()] < place[from.as_str()], "{to} after {from}");
            }
        }
    }
}
