//! Wheels and conda packages that bring the same.

use std::collections::{BTreeMap, BTreeSet};

use mambox_layer::{Claims, Conflicts};

use super::PipProblem;

/// Refuses a distribution that a wheel and a conda package bring, and paths that both have.
pub(crate) fn judge(claims: &[Claims], conflicts: &Conflicts) -> Result<(), PipProblem> {
    if let Some(common) = in_common(claims).into_iter().next() {
        return Err(PipProblem::SameDistribution {
            wheel: format!("{}=={}", common.name, common.of_wheel),
            package: common.package,
            name: common.name,
            version: common.of_package,
        });
    }
    let wheels: BTreeSet<&str> =
        claims.iter().filter(|claim| claim.is_wheel()).map(Claims::package).collect();
    let mut paths: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for conflict in &conflicts.conflicts {
        let Some(wheel) = wheels.get(conflict.winner.as_str()) else { continue };
        for package in conflict.losers.iter().filter(|loser| !wheels.contains(loser.as_str())) {
            paths.entry((wheel, package)).or_default().push(conflict.path.clone());
        }
    }
    match paths.pop_first() {
        Some(((wheel, package), paths)) => {
            let wheel = wheel.split_once(':').map_or(wheel, |(_, name)| name);
            Err(PipProblem::SamePaths { wheel: wheel.to_owned(), package: package.to_owned(), paths })
        }
        None => Ok(()),
    }
}

/// Where wheels are to win: a conda package of a distribution that a wheel brings loses its modules, as pip would remove
/// them.
pub(crate) fn let_wheels_win(claims: &mut [Claims]) {
    let losers: BTreeSet<String> = in_common(claims).into_iter().map(|common| common.package).collect();
    for claim in claims.iter_mut().filter(|claim| losers.contains(claim.package())) {
        let modules: BTreeSet<String> = claim.site_paths().map(str::to_owned).collect();
        claim.leave_out(|path| modules.contains(path));
    }
}

/// A distribution that a conda package and a wheel have.
struct Common {
    name: String,
    package: String,
    of_package: String,
    of_wheel: String,
}

fn in_common(claims: &[Claims]) -> Vec<Common> {
    let wheels = claims.iter().filter(|claim| claim.is_wheel());
    let of_wheels: BTreeMap<String, String> = wheels.flat_map(Claims::distributions).collect();
    if of_wheels.is_empty() {
        return Vec::new();
    }
    let packages = claims.iter().filter(|claim| !claim.is_wheel());
    let common = packages.flat_map(|claim| {
        claim.distributions().filter_map(|(name, version)| {
            let of_wheel = of_wheels.get(&name)?.clone();
            Some(Common { name, package: claim.package().to_owned(), of_package: version, of_wheel })
        })
    });
    common.collect()
}
