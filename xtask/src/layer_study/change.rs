//! What becomes of an environment: the second image that somebody pulls.

use std::collections::BTreeSet;
use std::fmt;

use super::catalog::Catalog;
use super::environment::{Environment, number};
use super::family::{Family, shuffled};

/// How two environments are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// One package in a new release, each in turn.
    Bumped,
    /// One of the packages in a new release that are released all the time.
    BumpedOften,
    /// One more application, with what it needs.
    Added,
    /// One application less, with what only it needed.
    Removed,
    /// The same a month later.
    Month,
    /// The same with the next Python.
    Python,
    /// One application instead of another; some nine tenths of the bytes or more are in both.
    Sibling,
}

impl Change {
    pub(super) const ALL: [Self; 7] = [
        Self::Bumped,
        Self::BumpedOften,
        Self::Added,
        Self::Removed,
        Self::Month,
        Self::Python,
        Self::Sibling,
    ];
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bumped => "one package bumped",
            Self::BumpedOften => "one often released package bumped",
            Self::Added => "an application added",
            Self::Removed => "an application removed",
            Self::Month => "a month later",
            Self::Python => "another Python",
            Self::Sibling => "a sibling",
        })
    }
}

/// Packages that are released far more often than others, or for reasons of security at once.
const OFTEN: [&str; 6] = ["ca-certificates", "certifi", "openssl", "pip", "setuptools", "tzdata"];
/// Of a hundred packages, how many have a new release after a month; of those of [`OFTEN`], nine in ten have.
const MONTHLY: u64 = 15;
/// Siblings and additions of a family.
const RELATIVES: usize = 12;
/// Months that pass for a family, one after the other.
const MONTHS: u32 = 6;

/// All second images of a family, each with the image that was there before.
pub(super) fn relatives(family: &Family, catalog: &Catalog) -> Vec<(Change, Environment, Environment)> {
    let founder = &family.founder;
    let names = founder.names(catalog);
    let mut all = Vec::new();
    for name in &names {
        let changed = bumped(founder, name);
        if OFTEN.contains(name) {
            all.push((Change::BumpedOften, founder.clone(), changed.clone()));
        }
        all.push((Change::Bumped, founder.clone(), changed));
    }
    let with = |change, environment| (change, founder.clone(), environment);
    all.extend(removed(founder).into_iter().map(|environment| with(Change::Removed, environment)));
    all.extend(
        added(family, catalog, &names).into_iter().map(|environment| with(Change::Added, environment)),
    );
    all.extend(
        siblings(family, catalog, &names).into_iter().map(|environment| with(Change::Sibling, environment)),
    );
    if names.contains("python") {
        all.push(with(Change::Python, Environment { python: founder.python + 1, ..founder.clone() }));
    }
    let mut before = founder.clone();
    for month in 0..MONTHS {
        let after = later(&before, &names, family.number, month);
        all.push((Change::Month, before, after.clone()));
        before = after;
    }
    all
}

fn bumped(environment: &Environment, name: &str) -> Environment {
    let mut environment = environment.clone();
    *environment.releases.entry(name.to_owned()).or_insert(0) += 1;
    environment
}

fn removed(founder: &Environment) -> Vec<Environment> {
    let without = |root: &String| {
        let mut environment = founder.clone();
        environment.roots.remove(root);
        environment
    };
    founder.roots.iter().map(without).collect()
}

fn added(family: &Family, catalog: &Catalog, names: &BTreeSet<&str>) -> Vec<Environment> {
    let with = |application: &str| {
        let mut environment = family.founder.clone();
        environment.roots.insert(application.to_owned());
        environment
    };
    let new = shuffled(catalog, &format!("added {}", family.number))
        .into_iter()
        .filter(|name| !names.contains(name));
    new.take(RELATIVES).map(with).collect()
}

/// Each with an application less and another more.
fn siblings(family: &Family, catalog: &Catalog, names: &BTreeSet<&str>) -> Vec<Environment> {
    let roots: Vec<&String> = family.founder.roots.iter().collect();
    let new = shuffled(catalog, &format!("sibling {}", family.number))
        .into_iter()
        .filter(|name| !names.contains(name));
    let sibling = |(number, application): (usize, &str)| {
        let mut environment = family.founder.clone();
        environment.roots.remove(roots[number % roots.len()]);
        environment.roots.insert(application.to_owned());
        environment
    };
    new.take(RELATIVES).enumerate().map(sibling).collect()
}

fn later(before: &Environment, names: &BTreeSet<&str>, family: usize, month: u32) -> Environment {
    let is_released = |name: &&&str| {
        let chance = if OFTEN.contains(name) { 90 } else { MONTHLY };
        number(&format!("month {month} of {family}: {name}")) % 100 < chance
    };
    let mut after = before.clone();
    for name in names.iter().filter(is_released) {
        *after.releases.entry((*name).to_owned()).or_insert(0) += 1;
    }
    after
}
