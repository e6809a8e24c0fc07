//! A small family for tests: two bases on two platforms.

use mambox_oci::Digest;

use crate::family::Family;
use crate::lock::{FamilyLock, LockedBase, Programs};
use crate::plan::FamilyState;

pub(crate) const FAMILY: &str = r#"
repository = "ghcr.io/me/micromamba"
default = "debian13-slim"
platforms = ["linux/amd64", "linux/arm64"]
micromamba = { version = "2.8.1" }

[[base]]
name = "debian13-slim"
image = "debian:13-slim"
kind = "debian-slim"
newest = true

[[base]]
name = "alpine3.22"
image = "alpine:3.22"
kind = "alpine"
"#;

pub(crate) fn family() -> Family {
    Family::parse(FAMILY, "images.toml").expect("a good family")
}

/// The family with a lock that pins all of it.
pub(crate) fn state() -> FamilyState {
    let family = family();
    let mut lock = FamilyLock { furnishings: Some(Digest::of(b"furnishings")), ..FamilyLock::default() };
    for (base, platform) in family.images() {
        let digest = Digest::of(format!("{} {platform}", base.image).as_bytes());
        let locked = lock
            .bases
            .entry(base.name.clone())
            .or_insert_with(|| LockedBase { image: base.image.clone(), digests: Default::default() });
        locked.digests.insert(platform.clone(), digest);
        let program = |name: &str| Digest::of(format!("{name} {platform}").as_bytes());
        let programs =
            Programs { mambox_init: program("init"), micromamba: program("micromamba"), url: None };
        lock.programs.insert(platform.clone(), programs);
    }
    FamilyState { family, lock }
}
