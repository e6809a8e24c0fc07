//! How much policies left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SlimPolicy;

/// What one policy left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Files and links.
    pub files: u64,
    /// Bytes of their content, as the packages hold it.
    pub bytes: u64,
}

/// What each policy left out; none that found nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Savings(BTreeMap<SlimPolicy, LeftOut>);

impl Savings {
    /// Nothing.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By the policies' names.
    pub fn iter(&self) -> impl Iterator<Item = (SlimPolicy, LeftOut)> {
        self.0.iter().map(|(policy, left_out)| (*policy, *left_out))
    }

    /// Of one policy.
    pub fn get(&self, policy: SlimPolicy) -> LeftOut {
        self.0.get(&policy).copied().unwrap_or_default()
    }

    /// One file more.
    pub fn count(&mut self, policy: SlimPolicy, bytes: u64) {
        let left_out = self.0.entry(policy).or_default();
        left_out.files += 1;
        left_out.bytes = left_out.bytes.saturating_add(bytes);
    }

    /// The content of a file that was left out is in the layer all the same, under another name.
    pub(crate) fn kept(&mut self, policy: SlimPolicy, bytes: u64) {
        let left_out = self.0.entry(policy).or_default();
        left_out.bytes = left_out.bytes.saturating_sub(bytes);
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        for (policy, more) in other.iter() {
            let left_out = self.0.entry(policy).or_default();
            left_out.files = left_out.files.saturating_add(more.files);
            left_out.bytes = left_out.bytes.saturating_add(more.bytes);
        }
    }
}
