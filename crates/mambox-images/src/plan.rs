//! Which digests a change alters, and why: from two pairs of files alone.

use mambox_oci::Platform;
use serde::Serialize;

use crate::family::Family;
use crate::key::{Cause, ImageKey, Unpinned};
use crate::lock::FamilyLock;

/// `images.toml` and `images.lock` as they are together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyState {
    /// The one.
    pub family: Family,
    /// The other.
    pub lock: FamilyLock,
}

/// What becomes of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedImage {
    /// The base's name.
    pub base: String,
    /// The platform.
    pub platform: Platform,
    /// What happens.
    #[serde(flatten)]
    pub change: ImageChange,
}

/// What a change does to an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", content = "causes", rename_all = "kebab-case")]
pub enum ImageChange {
    /// It is new.
    Added,
    /// It is no longer built; what was published stays.
    Removed,
    /// Its digest changes, because of these.
    Changed(Vec<Cause>),
}

/// The images whose digests differ between two states, in the order of the new file, removed ones last.
///
/// Without an old state all are new. An image that the new lock does not pin is an error; what the old one does not pin
/// counts as never built.
pub fn plan(old: Option<&FamilyState>, new: &FamilyState) -> Result<Vec<PlannedImage>, Unpinned> {
    let old_key = |name: &str, platform: &Platform| {
        let state = old?;
        let base = state.family.base(name).filter(|base| base.platforms.contains(platform))?;
        ImageKey::new(&state.family, base, platform, &state.lock).ok()
    };
    let mut planned = Vec::new();
    let mut push = |base: &str, platform: &Platform, change: ImageChange| {
        planned.push(PlannedImage { base: base.into(), platform: platform.clone(), change });
    };
    for (base, platform) in new.family.images() {
        let key = ImageKey::new(&new.family, base, platform, &new.lock)?;
        match old_key(&base.name, platform).map(|old| old.causes(&key)) {
            None => push(&base.name, platform, ImageChange::Added),
            Some(causes) if !causes.is_empty() => push(&base.name, platform, ImageChange::Changed(causes)),
            Some(_) => {}
        }
    }
    let gone = old.into_iter().flat_map(|old| old.family.images()).filter(|(base, platform)| {
        !new.family.base(&base.name).is_some_and(|base| base.platforms.contains(platform))
    });
    gone.for_each(|(base, platform)| push(&base.name, platform, ImageChange::Removed));
    Ok(planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{family, state};
    use mambox_oci::Digest;

    fn told(old: &FamilyState, new: &FamilyState) -> String {
        let line = |image: &PlannedImage| {
            let change = match &image.change {
                ImageChange::Changed(causes) => {
                    causes.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", ")
                }
                other => format!("{other:?}"),
            };
            format!("{} {}: {change}", image.base, image.platform)
        };
        plan(Some(old), new).unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn nothing_changes_where_nothing_did() {
        assert_eq!(told(&state(), &state()), "");
        assert_eq!(plan(None, &state()).unwrap().len(), 4);
    }

    #[test]
    fn a_base_that_moved_on_changes_its_images_alone() {
        let mut new = state();
        let alpine = new.lock.bases.get_mut("alpine3.22").unwrap();
        alpine.digests.insert(Platform::linux("amd64"), Digest::of(b"newer"));
        insta::assert_snapshot!(told(&state(), &new), @"alpine3.22 linux/amd64: the base's digest");
    }

    #[test]
    fn a_setting_or_program_changes_all_images_that_have_it() {
        let mut new = state();
        new.family.user.uid = 1000;
        new.lock.programs.get_mut(&Platform::linux("arm64")).unwrap().micromamba = Digest::of(b"newer");
        insta::assert_snapshot!(told(&state(), &new), @"
        debian13-slim linux/amd64: the user
        debian13-slim linux/arm64: micromamba, the user
        alpine3.22 linux/amd64: the user
        alpine3.22 linux/arm64: micromamba, the user
        ");
    }

    #[test]
    fn what_comes_and_goes_is_named() {
        let mut new = state();
        new.family.bases[1].platforms.pop();
        insta::assert_snapshot!(told(&state(), &new), @"alpine3.22 linux/arm64: Removed");
        insta::assert_snapshot!(told(&new, &state()), @"alpine3.22 linux/arm64: Added");
    }

    #[test]
    fn what_the_lock_does_not_pin_is_no_plan() {
        let mut new = state();
        new.lock.bases.remove("alpine3.22");
        let error = |new: &FamilyState| plan(None, new).unwrap_err().to_string();
        insta::assert_snapshot!(error(&new), @"images.lock does not pin alpine3.22 for linux/amd64");
        new = state();
        new.family.bases[0].image = "debian:14-slim".into();
        insta::assert_snapshot!(error(&new), @"images.lock pins debian13-slim as debian:13-slim, and images.toml says debian:14-slim");
        new = FamilyState {
            family: family(),
            lock: FamilyLock { programs: Default::default(), ..state().lock },
        };
        insta::assert_snapshot!(error(&new), @"images.lock pins no programs for linux/amd64");
    }
}
