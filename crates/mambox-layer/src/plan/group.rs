//! Groups of packages under a budget of layers, and their order.
//!
//! Within the budget every package has a layer of its own. Beyond it the largest keep theirs, and the others share
//! an eighth of the budget by a hash of their name. A group thus depends on the packages alone: not on the
//! order of a request, and (as long as the set of the largest stays) not on the other packages. A new version
//! of a small package changes one shared layer; a new large package moves at most one other into a shared one.
//!
//! Engines that know a layer by the chain below it fetch everything above a layer that changed. Of two layers, the one
//! that changes less often for each of its bytes belongs below: the expected transfer is then the smallest, as in
//! Smith's rule for jobs on one machine. So the largest lie at the bottom; above them those that are
//! released all the time; then the shared layers, each of which changes with any of its packages. The book's page on the
//! layer study has the figures. Sizes count as powers of two, so that a new version does not change places.
//!
//! A dependency may thus lie above its dependent. That changes nothing in the file system: where two packages own one path,
//! the loser's is masked (see `conflict`).

use std::cmp::Reverse;

use mambox_env::LockedPackage;
use mambox_oci::Digest;

use super::Reason;
use super::often::is_released_often;
use super::reason::Share;

/// One layer: indexes of packages in canonical order, with the reason of each.
pub type Group = Vec<(usize, Reason)>;

/// What decides in which layer a package lies: a conda package's, or a wheel's.
pub trait Grouped {
    /// The name, by which small packages are spread.
    fn name(&self) -> &str;
    /// Bytes of the archive.
    fn size(&self) -> u64;
}

impl Grouped for LockedPackage {
    fn name(&self) -> &str {
        self.name()
    }

    fn size(&self) -> u64 {
        self.record.size.unwrap_or(0)
    }
}

/// Groups packages, which come in canonical order; layers come from the bottom to the top.
pub fn group<P: Grouped>(packages: &[P], max_layers: usize) -> Vec<Group> {
    let shared = if packages.len() <= max_layers { 0 } else { shared_layers(max_layers) };
    let kept = packages.len().min(max_layers) - shared;
    let mut own: Vec<usize> = (0..packages.len()).collect();
    own.sort_by_key(|index| (Reverse(packages[*index].size()), packages[*index].name()));
    let rest = own.split_off(kept);
    own.sort_by_key(|index| place(&packages[*index]));
    let alone = |index: usize| {
        let package = &packages[index];
        let share = match shared {
            0 => Share::Fits { packages: packages.len(), max_layers },
            _ => Share::Large { size: package.size(), kept },
        };
        vec![(index, Reason { share, is_often: is_released_often(package.name()) })]
    };
    own.into_iter().map(alone).chain(share(packages, rest, shared)).collect()
}

/// How many layers packages share where there are more than layers.
fn shared_layers(max_layers: usize) -> usize {
    (max_layers / 8).max(1)
}

/// Where a package's own layer lies: what is released often above the others, the larger below the smaller.
fn place<P: Grouped>(package: &P) -> (bool, Reverse<u32>, &str) {
    let power = package.size().max(1).ilog2();
    (is_released_often(package.name()), Reverse(power), package.name())
}

/// Shared layers, the one of packages that are released often on top, if there are several.
fn share<P: Grouped>(
    packages: &[P],
    mut rest: Vec<usize>,
    layers: usize,
) -> impl Iterator<Item = Group> + use<P> {
    rest.sort_unstable();
    let mut groups: Vec<Group> = vec![Vec::new(); layers];
    for index in rest {
        let name = packages[index].name();
        let is_often = is_released_often(name);
        let layer = match layers {
            1 => 0,
            _ if is_often => layers - 1,
            _ => bucket(name, layers - 1),
        };
        let share = Share::Shared { layer: layer + 1, layers };
        groups[layer].push((index, Reason { share, is_often }));
    }
    groups.into_iter().filter(|group| !group.is_empty())
}

fn bucket(name: &str, buckets: usize) -> usize {
    let digest = Digest::of(name.as_bytes());
    let number = digest.as_bytes()[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    (number % buckets as u64) as usize
}
