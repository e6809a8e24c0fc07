//! Families of related environments.

use std::collections::BTreeSet;

use super::catalog::Catalog;
use super::environment::{Environment, number};

/// Packages that the families shall have, in turn.
const SIZES: [usize; 12] = [10, 20, 30, 50, 75, 100, 100, 100, 150, 200, 250, 300];
/// Who shares images shares a platform: most environments have it.
const COMMON: [&str; 3] = ["ca-certificates", "tzdata", "openssl-program"];

/// A family's founder; the others are made by [`super::change`].
#[derive(Debug)]
pub(super) struct Family {
    pub(super) number: usize,
    pub(super) founder: Environment,
}

/// `count` families, the same ones each time.
pub(super) fn families(catalog: &Catalog, count: usize) -> Vec<Family> {
    let family = |number| Family { number, founder: founder(catalog, number) };
    (0..count).map(family).collect()
}

/// Adds applications, in an order of chance, until there are enough packages.
fn founder(catalog: &Catalog, family: usize) -> Environment {
    let wanted = SIZES[family % SIZES.len()];
    let mut roots: BTreeSet<String> = COMMON.iter().map(|name| (*name).to_owned()).collect();
    for application in shuffled(catalog, &format!("family {family}")) {
        let mut more = roots.clone();
        more.insert(application.to_owned());
        let packages = catalog.closure(more.iter().map(String::as_str)).len();
        if packages <= wanted + wanted / 10 {
            roots = more;
        }
        if packages >= wanted && packages <= wanted + wanted / 10 {
            break;
        }
    }
    Environment::new(roots)
}

/// The applications in an order that depends on `seed`.
pub(super) fn shuffled<'a>(catalog: &'a Catalog, seed: &str) -> Vec<&'a str> {
    let mut applications: Vec<&str> = catalog.applications().collect();
    applications.sort_by_key(|name| number(&format!("{seed} {name}")));
    applications
}
