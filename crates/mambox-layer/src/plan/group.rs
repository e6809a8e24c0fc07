//! Groups of packages under a budget of layers.
//!
//! Within the budget every package has a layer of its own. Beyond it the largest keep theirs, and the others share
//! a quarter of the budget by a hash of their name. A group thus depends on the packages alone: not on the
//! order of a request, and (as long as the set of the largest stays) not on the other packages. A new version
//! of a small package changes one shared layer; a new large package moves at most one other into a shared one.
//!
//! A shared layer lies where its first package would, so a dependency may lie above its dependent. That changes
//! nothing in the file system: where two packages own one path, the loser's is masked (see `conflict`).

use mambox_env::LockedPackage;
use mambox_oci::Digest;

use super::Reason;

/// Indexes of packages in canonical order, with the reason of each.
pub(super) type Group = Vec<(usize, Reason)>;

/// Groups packages, which come in canonical order; groups are ordered by their first package.
pub(super) fn group(packages: &[LockedPackage], max_layers: usize) -> Vec<Group> {
    if packages.len() <= max_layers {
        let reason = Reason::Fits { packages: packages.len(), max_layers };
        return (0..packages.len()).map(|index| vec![(index, reason.clone())]).collect();
    }
    let buckets = (max_layers / 4).max(1);
    let kept = max_layers - buckets;
    let mut by_size: Vec<usize> = (0..packages.len()).collect();
    by_size.sort_by_key(|index| (std::cmp::Reverse(size(&packages[*index])), packages[*index].name()));
    let mut groups: Vec<Group> = by_size[..kept]
        .iter()
        .map(|index| vec![(*index, Reason::Large { size: size(&packages[*index]), kept })])
        .collect();
    let mut shared: Vec<Group> = vec![Vec::new(); buckets];
    for index in &by_size[kept..] {
        let bucket = bucket(packages[*index].name(), buckets);
        shared[bucket].push((*index, Reason::Shared { bucket: bucket + 1, buckets }));
    }
    groups.extend(shared.into_iter().filter(|group| !group.is_empty()));
    groups.iter_mut().for_each(|group| group.sort_by_key(|(index, _)| *index));
    groups.sort_by_key(|group| group[0].0);
    groups
}

fn size(package: &LockedPackage) -> u64 {
    package.record.size.unwrap_or(0)
}

fn bucket(name: &str, buckets: usize) -> usize {
    let digest = Digest::of(name.as_bytes());
    let number = digest.as_bytes()[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    (number % buckets as u64) as usize
}
