//! Ways to make layers of packages.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use mambox_env::{Lock, LockedPackage};

use super::environment::number;

/// A way to make layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Everything in one.
    One,
    /// Each package its own, dependencies below, whatever the budget.
    Each,
    /// The largest have their own, largest below; the rest shares one on top.
    Largest,
    /// As [`Self::Largest`], by size times the number of packages that need it.
    Popularity,
    /// Packages of one depth of dependencies share layers, the deepest below.
    Depth,
    /// Layers by a hash of the name.
    Hash,
    /// The largest have their own, the rest shares a quarter of the budget by a hash; dependencies below.
    DependenciesBelow,
    /// What mambox does.
    Ours,
}

impl Strategy {
    pub(super) const ALL: [Self; 8] = [
        Self::One,
        Self::Each,
        Self::Largest,
        Self::Popularity,
        Self::Depth,
        Self::Hash,
        Self::DependenciesBelow,
        Self::Ours,
    ];

    /// Indexes of the packages of each layer, bottom first.
    pub(super) fn layers(self, lock: &Lock, budget: usize) -> Vec<Vec<usize>> {
        let packages = lock.packages();
        let all = 0..packages.len();
        match self {
            Self::One => vec![all.collect()],
            Self::Each => all.map(|index| vec![index]).collect(),
            Self::Largest => top(packages, budget, |index| size(&packages[index])),
            Self::Popularity => {
                let dependents = dependents(packages);
                top(packages, budget, |index| size(&packages[index]).saturating_mul(dependents[index] + 1))
            }
            Self::Depth => by_depth(packages, budget),
            Self::Hash => by_hash(packages, budget),
            Self::DependenciesBelow => dependencies_below(packages, budget),
            Self::Ours => {
                let groups = mambox_layer::group(packages, budget);
                groups.into_iter().map(|group| group.into_iter().map(|(index, _)| index).collect()).collect()
            }
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "one layer",
            Self::Each => "one per package, no budget",
            Self::Largest => "largest first",
            Self::Popularity => "popularity × size",
            Self::Depth => "dependency depth",
            Self::Hash => "hash buckets",
            Self::DependenciesBelow => "largest and buckets, dependencies below",
            Self::Ours => "**mambox**",
        })
    }
}

fn size(package: &LockedPackage) -> u64 {
    package.record.size.unwrap_or(0)
}

fn top(packages: &[LockedPackage], budget: usize, score: impl Fn(usize) -> u64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..packages.len()).collect();
    order.sort_by_key(|index| (Reverse(score(*index)), packages[*index].name()));
    let own = if packages.len() <= budget { budget } else { budget - 1 };
    let rest = order.split_off(own.min(order.len()));
    let mut layers: Vec<Vec<usize>> = order.into_iter().map(|index| vec![index]).collect();
    if !rest.is_empty() {
        layers.push(rest);
    }
    layers
}

/// How many packages need each, directly or not.
fn dependents(packages: &[LockedPackage]) -> Vec<u64> {
    let edges = edges(packages);
    let mut dependents = vec![0; packages.len()];
    for from in 0..packages.len() {
        let mut seen = vec![false; packages.len()];
        let mut waiting = edges[from].clone();
        while let Some(to) = waiting.pop() {
            if !std::mem::replace(&mut seen[to], true) {
                dependents[to] += 1;
                waiting.extend(&edges[to]);
            }
        }
    }
    dependents
}

fn edges(packages: &[LockedPackage]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> =
        packages.iter().enumerate().map(|(index, package)| (package.name(), index)).collect();
    let of = |package: &LockedPackage| {
        package.record.depends.iter().filter_map(|name| index.get(name.as_str()).copied()).collect()
    };
    packages.iter().map(of).collect()
}

/// A lock's packages come by depth, so that equal shares of them are layers of one depth or of neighbours.
fn by_depth(packages: &[LockedPackage], budget: usize) -> Vec<Vec<usize>> {
    let edges = edges(packages);
    let mut depth = vec![0; packages.len()];
    for index in 0..packages.len() {
        depth[index] =
            edges[index].iter().filter(|to| **to < index).map(|to| depth[*to] + 1).max().unwrap_or(0);
    }
    let deepest = depth.iter().max().copied().unwrap_or(0) + 1;
    let mut layers = vec![Vec::new(); budget.min(deepest)];
    let count = layers.len();
    for index in 0..packages.len() {
        layers[depth[index] * count / deepest].push(index);
    }
    layers.retain(|layer| !layer.is_empty());
    layers
}

fn by_hash(packages: &[LockedPackage], budget: usize) -> Vec<Vec<usize>> {
    let mut layers = vec![Vec::new(); budget];
    for (index, package) in packages.iter().enumerate() {
        layers[(number(package.name()) % budget as u64) as usize].push(index);
    }
    layers.retain(|layer| !layer.is_empty());
    layers
}

fn dependencies_below(packages: &[LockedPackage], budget: usize) -> Vec<Vec<usize>> {
    if packages.len() <= budget {
        return (0..packages.len()).map(|index| vec![index]).collect();
    }
    let buckets = (budget / 4).max(1);
    let mut order: Vec<usize> = (0..packages.len()).collect();
    order.sort_by_key(|index| (Reverse(size(&packages[*index])), packages[*index].name()));
    let rest = order.split_off(budget - buckets);
    let mut layers: Vec<Vec<usize>> = order.into_iter().map(|index| vec![index]).collect();
    let mut shared = vec![Vec::new(); buckets];
    for index in rest {
        shared[(number(packages[index].name()) % buckets as u64) as usize].push(index);
    }
    layers.extend(shared.into_iter().filter(|layer| !layer.is_empty()));
    layers.iter_mut().for_each(|layer| layer.sort_unstable());
    layers.sort_by_key(|layer| layer[0]);
    layers
}
