//! Wheels and conda packages that bring the same.

use std::collections::{BTreeMap, BTreeSet};

use mambox_env::normalize_pip_name;
use mambox_layer::{Archive, Claims, Conflicts, Python, recorded_paths};

use super::PipProblem;
use crate::BuildError;
use crate::plans::Plans;

/// Of a RECORD; the largest have some MB.
const MAX_RECORD: u64 = 64 << 20;

/// Who wins where several claim a path. What a wheel and a conda package both bring is an error, unless wheels are to win;
/// then packages lose some of their claims. `archive` is a conda package's.
pub(crate) fn settle<'a>(
    claims: &mut [Claims],
    plans: &Plans,
    wheels_win: bool,
    archive: impl Fn(&str) -> Option<&'a Archive>,
) -> Result<Conflicts, BuildError> {
    if let Some(python) = plans.python().filter(|_| wheels_win) {
        let_wheels_win(claims, python, archive)?;
    }
    let conflicts = plans.conflicts(claims);
    if !wheels_win {
        judge(claims, &conflicts)?;
    }
    Ok(conflicts)
}

/// Refuses a distribution that a wheel and a conda package bring, and paths that both have.
fn judge(claims: &[Claims], conflicts: &Conflicts) -> Result<(), PipProblem> {
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

/// Where wheels are to win: a conda package of a distribution that a wheel brings loses what the distribution's RECORD
/// lists, as pip would remove it. And wherever a wheel has a module, no package's compiled form of another one stays.
fn let_wheels_win<'a>(
    claims: &mut [Claims],
    python: &Python,
    archive: impl Fn(&str) -> Option<&'a Archive>,
) -> Result<(), BuildError> {
    let mut losers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for common in in_common(claims) {
        losers.entry(common.package).or_default().push(common.name);
    }
    let compiled: BTreeSet<String> = claims
        .iter()
        .filter(|claim| claim.is_wheel())
        .flat_map(Claims::paths)
        .flat_map(|path| forms(python, path))
        .collect();
    for claim in claims.iter_mut().filter(|claim| !claim.is_wheel()) {
        let mut lost = BTreeSet::new();
        for name in losers.get(claim.package()).into_iter().flatten() {
            let text = match (archive(claim.package()), record_of(claim, name)) {
                (Some(archive), Some(path)) => read_installed(archive, &path, python)?,
                _ => None,
            };
            match text.map(|text| String::from_utf8_lossy(&text).into_owned()) {
                Some(text) => lost.extend(recorded_paths(&python.site_packages, &text)),
                // Without a list, whatever the package has in site-packages is its.
                None => lost.extend(claim.site_paths().map(str::to_owned)),
            }
        }
        let sources: Vec<String> = lost.iter().flat_map(|path| forms(python, path)).collect();
        lost.extend(sources);
        claim.leave_out(|path| lost.contains(path) || compiled.contains(path));
    }
    Ok(())
}

/// A file of a package by its path in the prefix: noarch packages have those of site-packages elsewhere.
fn read_installed(archive: &Archive, path: &str, python: &Python) -> Result<Option<Vec<u8>>, BuildError> {
    let below = path.strip_prefix(&format!("{}/", python.site_packages));
    let noarch = below.map(|rest| format!("site-packages/{rest}"));
    for candidate in noarch.as_deref().into_iter().chain([path]) {
        if let Some(bytes) = archive.file(candidate, MAX_RECORD)? {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// The compiled forms of a source, at every level of optimisation.
fn forms(python: &Python, path: &str) -> Vec<String> {
    let Some(plain) = python.pyc_path(path) else { return Vec::new() };
    let stem = plain.trim_end_matches(".pyc");
    vec![format!("{stem}.opt-1.pyc"), format!("{stem}.opt-2.pyc"), plain]
}

/// Where a distribution's RECORD is.
fn record_of(claim: &Claims, name: &str) -> Option<String> {
    let is_named = |folder: &str| {
        let distribution = folder.split_once('-').map_or(folder, |(name, _)| name);
        normalize_pip_name(distribution).is_ok_and(|found| found == name)
    };
    let records = claim.site_paths().filter(|path| {
        let folder = path.strip_suffix(".dist-info/RECORD").and_then(|path| path.rsplit('/').next());
        folder.is_some_and(is_named)
    });
    records.map(str::to_owned).next()
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
