//! What the second pull costs, by the two rules that engines follow.

use std::collections::HashSet;

use super::environment::{Locked, number};

/// A layer: what it is, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SizedLayer {
    pub(super) identity: u64,
    pub(super) bytes: u64,
}

/// Bytes and layers that a pull transfers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) bytes: u64,
    pub(super) layers: usize,
}

/// The layers of a lock, bottom first, given the packages of each by index.
pub(super) fn sized(locked: &Locked, groups: &[Vec<usize>]) -> Vec<SizedLayer> {
    let packages = locked.lock.packages();
    let layer = |group: &Vec<usize>| {
        let identities: Vec<u64> = group.iter().map(|index| locked.identities[*index]).collect();
        let bytes = group.iter().filter_map(|index| packages[*index].record.size).sum();
        let identity = match identities[..] {
            [one] => one,
            _ => number(&format!("{identities:?}")),
        };
        SizedLayer { identity, bytes }
    };
    groups.iter().map(layer).collect()
}

/// Layers are known by their digest (containerd, podman): whatever is there is not fetched again.
pub(super) fn by_blob(old: &[SizedLayer], new: &[SizedLayer]) -> Cost {
    let there: HashSet<u64> = old.iter().map(|layer| layer.identity).collect();
    cost(new.iter().filter(|layer| !there.contains(&layer.identity)))
}

/// Layers are known by all that lies below them (classic Docker's chain IDs): above the first that differs everything is new.
pub(super) fn by_chain(old: &[SizedLayer], new: &[SizedLayer]) -> Cost {
    let same = old.iter().zip(new).take_while(|(old, new)| old.identity == new.identity).count();
    cost(new[same..].iter())
}

fn cost<'a>(layers: impl Iterator<Item = &'a SizedLayer>) -> Cost {
    layers.fold(Cost::default(), |cost, layer| Cost {
        bytes: cost.bytes + layer.bytes,
        layers: cost.layers + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_breaks_at_the_first_layer_that_differs() {
        let image =
            |identities: [u64; 4]| identities.map(|identity| SizedLayer { identity, bytes: identity });
        let (old, new) = (image([10, 20, 30, 40]), image([10, 21, 30, 40]));
        assert_eq!(by_blob(&old, &new), Cost { bytes: 21, layers: 1 });
        assert_eq!(by_chain(&old, &new), Cost { bytes: 91, layers: 3 });
        assert_eq!(by_chain(&old, &old), Cost::default());
    }
}
