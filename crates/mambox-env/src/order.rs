//! The canonical order of a lock: dependencies first, whatever the order of the request.

use std::collections::HashMap;

use rattler_conda_types::{PackageName, PackageRecord};

/// Depth of every record: the length of the longest chain of dependencies below it inside `records`.
///
/// Packages that depend on each other in a circle share one depth, so that the result is a property of the
/// graph and not of where a walk through it began. As in conda, python's dependency on pip is no edge: it
/// would make nearly every environment one such circle.
pub(crate) fn depths(records: &[&PackageRecord]) -> Vec<usize> {
    let edges = dependency_edges(records);
    let components = strong_components(&edges);
    let mut component_of = vec![0; records.len()];
    for (number, component) in components.iter().enumerate() {
        component.iter().for_each(|node| component_of[*node] = number);
    }
    let mut depth = vec![0; records.len()];
    // Dependencies come first, so that each depth is final before it is read.
    for (number, component) in components.iter().enumerate() {
        let targets = component.iter().flat_map(|node| &edges[*node]);
        let below = targets.filter(|to| component_of[**to] != number);
        let deepest = below.map(|to| depth[*to] + 1).max().unwrap_or(0);
        component.iter().for_each(|node| depth[*node] = deepest);
    }
    depth
}

fn dependency_edges(records: &[&PackageRecord]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> =
        records.iter().enumerate().map(|(index, record)| (record.name.as_normalized(), index)).collect();
    let edges = records.iter().enumerate().map(|(from, record)| {
        let mut to: Vec<usize> = record
            .depends
            .iter()
            .filter_map(|depend| {
                let spec = depend.rsplit_once("::").map_or(depend.as_str(), |(_channel, spec)| spec);
                let name = PackageName::normalized_name_from_matchspec_str(spec);
                let is_pip_of_python = record.name.as_normalized() == "python" && name == "pip";
                if is_pip_of_python { None } else { index.get(&*name).copied() }
            })
            .filter(|to| *to != from)
            .collect();
        to.sort_unstable();
        to.dedup();
        to
    });
    edges.collect()
}

/// Strongly connected components (Kosaraju), dependencies first. No recursion: a lock may be hostile.
fn strong_components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut finished = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for root in 0..edges.len() {
        walk(root, edges, &mut seen, &mut finished);
    }

    let mut reversed = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for to in targets {
            reversed[*to].push(from);
        }
    }

    let mut components = Vec::new();
    let mut seen = vec![false; edges.len()];
    for root in finished.into_iter().rev() {
        let mut component = Vec::new();
        walk(root, &reversed, &mut seen, &mut component);
        if !component.is_empty() {
            component.sort_unstable();
            components.push(component);
        }
    }
    // Found dependents first.
    components.reverse();
    components
}

/// Depth-first walk from `root` over what was not seen yet; appends each node when all below it is done.
fn walk(root: usize, edges: &[Vec<usize>], seen: &mut [bool], finished: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[root], true) {
        return;
    }
    let mut stack = vec![(root, 0)];
    while let Some((node, next)) = stack.last_mut() {
        match edges[*node].get(*next) {
            Some(&to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[to], true) {
                    stack.push((to, 0));
                }
            }
            None => {
                finished.push(*node);
                stack.pop();
            }
        }
    }
}

/// Sorts into canonical order: by depth, then by name.
pub(crate) fn sort_canonically<T>(items: Vec<T>, record: impl Fn(&T) -> &PackageRecord) -> Vec<T> {
    let depths = depths(&items.iter().map(&record).collect::<Vec<_>>());
    let mut keyed: Vec<(usize, T)> = depths.into_iter().zip(items).collect();
    keyed.sort_by(|(a_depth, a), (b_depth, b)| {
        (a_depth, record(a).name.as_normalized()).cmp(&(b_depth, record(b).name.as_normalized()))
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}
