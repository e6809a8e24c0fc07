//! The study holds the planner to its targets.

use std::collections::BTreeSet;

use super::catalog::Catalog;
use super::family::families;
use super::report::{DEFAULT, targets};
use super::strategy::Strategy;
use super::study::pairs;

#[test]
fn every_dependency_is_in_the_catalogue() {
    let catalog = Catalog::debian().unwrap();
    let all = catalog.closure(catalog.applications());
    assert_eq!(all.len(), 1119);
    for name in all {
        for depend in &catalog.get(name).unwrap().depends {
            assert!(catalog.get(depend).is_some(), "{name} needs {depend}");
        }
    }
}

#[test]
fn families_are_of_all_sizes() {
    let catalog = Catalog::debian().unwrap();
    let sizes = families(&catalog, 12).into_iter().map(|family| family.founder.names(&catalog).len());
    let sizes: Vec<String> = sizes.map(|size| size.to_string()).collect();
    insta::assert_snapshot!(sizes.join(" "), @"10 18 31 53 82 100 104 104 156 219 273 300");
}

#[test]
fn every_plan_has_each_package_once_and_keeps_to_the_budget() {
    let catalog = Catalog::debian().unwrap();
    for family in families(&catalog, 12) {
        let locked = family.founder.lock(&catalog).unwrap();
        let count = locked.lock.packages().len();
        for strategy in Strategy::ALL {
            for budget in [1, 2, 10, DEFAULT, 100] {
                let layers = strategy.layers(&locked.lock, budget);
                let all: BTreeSet<usize> = layers.iter().flatten().copied().collect();
                assert_eq!(all.len(), count, "{strategy}");
                assert_eq!(layers.iter().map(Vec::len).sum::<usize>(), count, "{strategy}");
                assert!(strategy == Strategy::Each || layers.len() <= budget, "{strategy}, {budget}");
            }
        }
    }
}

/// A tenth of the study, which takes a minute when it is optimised. What is missed and known to be has its figure here.
#[test]
fn the_plan_reaches_its_targets() {
    let catalog = Catalog::debian().unwrap();
    let targets = targets(&pairs(&catalog, 7).unwrap());
    let told: Vec<String> = targets.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    one of 100 packages bumped, by blob, bytes by those of the package: 1.000, at most 1.2 (holds; median of 204 pairs)
    one of 100 packages bumped, by chain, bytes by those of the image: 0.075, at most 0.15 (holds; median of 204 pairs)
    a sibling with 90 % of its bytes in common, by blob, share to fetch: 0.036, at most 0.15 (holds; median of 25 pairs)
    a sibling with 90 % of its bytes in common, by chain, share to fetch: 0.330, at most 0.15 (missed; median of 25 pairs)
    ");
}
