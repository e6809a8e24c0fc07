//! The ways in of [`CHECKS`] that are promised in images of the family.

use super::rows::with_sh;
use crate::check::{Check, Entry, Need};
use crate::checks::CHECKS;
use crate::family::check::{FamilyCheck, Group, Look};

pub(super) fn rows() -> impl Iterator<Item = FamilyCheck> {
    CHECKS.iter().filter(|check| check.family.is_some()).map(|check| FamilyCheck {
        name: check.name,
        group: Group::WaysIn,
        needs: needs(check),
        look: Look::Way(check),
        expects: &[],
    })
}

/// What goes through `su` and bash says only one of them.
fn needs(check: &Check) -> &'static [Need] {
    let through_su = matches!(&check.entry, Entry::Run { options, .. } if options.contains(&"su"));
    match check.needs {
        Need::Bash if through_su => &[Need::Sh, Need::Bash, Need::Su],
        need => with_sh(need),
    }
}
