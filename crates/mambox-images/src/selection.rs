//! Which images of a family an operation is about.

use mambox_oci::Platform;

use crate::error::ImagesError;
use crate::family::{Base, Family};

/// Bases by name and platforms; all where none is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of bases.
    pub bases: Vec<String>,
    /// Platforms.
    pub platforms: Vec<Platform>,
}

impl Selection {
    /// The bases with those of their platforms that are wanted, in the order of the family.
    pub fn of<'a>(&self, family: &'a Family) -> Result<Vec<(&'a Base, Vec<&'a Platform>)>, ImagesError> {
        if let Some(name) = self.bases.iter().find(|name| family.base(name).is_none()) {
            let known: Vec<_> = family.bases.iter().map(|base| base.name.as_str()).collect();
            return Err(ImagesError::UnknownBase { name: name.clone(), known: known.join(", ") });
        }
        let wanted = |base: &&Base| self.bases.is_empty() || self.bases.contains(&base.name);
        let fits = |platform: &&Platform| {
            self.platforms.is_empty() || self.platforms.iter().any(|wanted| platform.serves(wanted))
        };
        let chosen = family.bases.iter().filter(wanted);
        let chosen: Vec<(&Base, Vec<&Platform>)> = chosen
            .map(|base| (base, base.platforms.iter().filter(fits).collect::<Vec<_>>()))
            .filter(|(_, platforms)| !platforms.is_empty())
            .collect();
        match (chosen.is_empty(), self.platforms.first()) {
            (true, Some(platform)) => Err(ImagesError::UnknownPlatform(platform.clone())),
            _ => Ok(chosen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::family;

    #[test]
    fn names_and_platforms_choose_and_what_is_unknown_is_named() {
        let family = family();
        let chosen = |bases: &[&str], platforms: &[&str]| {
            let selection = Selection {
                bases: bases.iter().map(|name| (*name).to_owned()).collect(),
                platforms: platforms.iter().map(|p| Platform::linux(p)).collect(),
            };
            let chosen = selection.of(&family).map_err(|e| e.to_string())?;
            Ok::<_, String>(chosen.iter().map(|(b, p)| format!("{} {}", b.name, p.len())).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&[], &[]).unwrap(), ["debian13-slim 2", "alpine3.22 2"]);
        assert_eq!(chosen(&["alpine3.22"], &["arm64"]).unwrap(), ["alpine3.22 1"]);
        assert_eq!(
            chosen(&["alpine"], &[]).unwrap_err(),
            "the family has no base 'alpine'; it has debian13-slim, alpine3.22"
        );
        assert_eq!(chosen(&[], &["s390x"]).unwrap_err(), "no base that was asked for is for linux/s390x");
    }
}
