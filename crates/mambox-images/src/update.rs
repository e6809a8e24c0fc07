//! `mambox images update`: looks up what `images.lock` pins.

use mambox_build::Context;
use mambox_oci::Digest;

use crate::bases;
use crate::channel_package;
use crate::error::ImagesError;
use crate::family::Family;
use crate::furnishings;
use crate::lock::{FamilyLock, LockedBase, Programs};
use crate::selection::Selection;
use crate::sources::Sources;

/// The lock as it should be now: bases of the selection as they are, the programs that are here, what this mambox
/// brings. Bases that the family no longer has are dropped; those that are not selected stay as they were.
pub async fn update(
    family: &Family,
    old: &FamilyLock,
    selection: &Selection,
    sources: &Sources,
    context: &Context,
) -> Result<FamilyLock, ImagesError> {
    let mut lock = FamilyLock { furnishings: Some(furnishings::digest()), ..old.clone() };
    lock.bases.retain(|name, _| family.base(name).is_some());
    let chosen = selection.of(family)?;
    for (base, platforms) in &chosen {
        let locked = lock
            .bases
            .entry(base.name.clone())
            .or_insert_with(|| LockedBase { image: base.image.clone(), digests: Default::default() });
        if locked.image != base.image {
            locked.image.clone_from(&base.image);
            locked.digests.clear();
        }
        locked.digests.retain(|platform, _| base.platforms.contains(platform));
        for platform in platforms {
            let image = bases::look_up(base, platform, context).await?;
            locked.digests.insert((*platform).clone(), image.digest());
        }
    }
    let mut platforms: Vec<_> = chosen.into_iter().flat_map(|(_, platforms)| platforms).collect();
    platforms.sort();
    platforms.dedup();
    for platform in platforms {
        let (url, micromamba) = match &family.micromamba.channel {
            Some(channel) => {
                let found = channel_package::look_up(&family.micromamba, channel, platform, context).await?;
                (Some(found.0.to_string()), found.1)
            }
            None => (None, Digest::of(&sources.micromamba(platform)?)),
        };
        let mambox_init = Digest::of(&sources.entry_program(platform)?);
        let programs = Programs { mambox_init, micromamba, url };
        lock.programs.insert(platform.clone(), programs);
    }
    Ok(lock)
}
