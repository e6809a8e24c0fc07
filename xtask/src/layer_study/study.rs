//! All pairs of images under all plans.

use super::catalog::Catalog;
use super::change::{Change, relatives};
use super::environment::Locked;
use super::family::families;
use super::statistics::Sample;
use super::strategy::Strategy;
use super::transfer::{Cost, by_blob, by_chain, sized};

/// Two images, of which the first is there when the second is pulled.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) change: Change,
    old: Locked,
    new: Locked,
    /// Bytes of the second's packages.
    pub(super) total: u64,
    /// Bytes of those packages that the first does not have.
    pub(super) own: u64,
}

impl Pair {
    fn new(change: Change, old: Locked, new: Locked) -> Self {
        let sizes = new.lock.packages().iter().map(|package| package.record.size.unwrap_or(0));
        let with = sizes.zip(&new.identities);
        let total = with.clone().map(|(size, _)| size).sum();
        let own = with.filter(|(_, identity)| !old.identities.contains(identity)).map(|(size, _)| size).sum();
        Self { change, old, new, total, own }
    }

    /// The share of the second's bytes that are in packages of the first.
    pub(super) fn shared(&self) -> f64 {
        1.0 - self.own as f64 / self.total.max(1) as f64
    }

    pub(super) fn packages(&self) -> usize {
        self.new.lock.packages().len()
    }
}

/// Every second image of the first families.
pub(super) fn pairs(catalog: &Catalog, count: usize) -> Result<Vec<Pair>, String> {
    let mut pairs = Vec::new();
    for family in families(catalog, count) {
        for (change, old, new) in relatives(&family, catalog) {
            let pair = Pair::new(change, old.lock(catalog)?, new.lock(catalog)?);
            // A sibling has nine tenths in common, and something of its own.
            let counts = match change {
                Change::Sibling => pair.shared() >= 0.9 && pair.own > 0,
                Change::Removed => pair.packages() < pair.old.lock.packages().len(),
                _ => pair.own > 0,
            };
            if counts {
                pairs.push(pair);
            }
        }
    }
    Ok(pairs)
}

/// What pulls cost under one plan.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// Transferred bytes by those of new packages.
    pub(super) blob_ratio: Sample,
    /// Transferred bytes by those of the image.
    pub(super) blob_share: Sample,
    pub(super) chain_share: Sample,
    pub(super) blob_layers: Sample,
    pub(super) chain_layers: Sample,
}

/// Tries a plan on pairs.
pub(super) fn measure<'a>(
    pairs: impl IntoIterator<Item = &'a Pair>,
    strategy: Strategy,
    budget: usize,
) -> Measured {
    let costs: Vec<(&Pair, Cost, Cost)> = pairs
        .into_iter()
        .map(|pair| {
            let layers = |locked: &Locked| sized(locked, &strategy.layers(&locked.lock, budget));
            let (old, new) = (layers(&pair.old), layers(&pair.new));
            (pair, by_blob(&old, &new), by_chain(&old, &new))
        })
        .collect();
    let of = |value: fn(&(&Pair, Cost, Cost)) -> f64| costs.iter().map(value).collect::<Sample>();
    Measured {
        blob_ratio: costs
            .iter()
            .filter(|(pair, ..)| pair.own > 0)
            .map(|(pair, blob, _)| blob.bytes as f64 / pair.own as f64)
            .collect(),
        blob_share: of(|(pair, blob, _)| blob.bytes as f64 / pair.total as f64),
        chain_share: of(|(pair, _, chain)| chain.bytes as f64 / pair.total as f64),
        blob_layers: of(|(_, blob, _)| blob.layers as f64),
        chain_layers: of(|(_, _, chain)| chain.layers as f64),
    }
}
