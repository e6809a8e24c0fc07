//! The paths of a wheel, to be compared with those of packages and other wheels.

use std::collections::BTreeSet;

use mambox_link::Python;

use super::archive::WheelArchive;
use super::metadata;
use super::plan::Wheel;
use super::targets::{Rules, Target, targets};
use crate::conflict::Claims;
use crate::error::{LayerError, Problem};
use crate::slim::SlimPolicies;

/// Under which name a wheel claims its paths: no conda package's name holds a colon.
pub(super) fn claim_name(wheel: &str) -> String {
    format!("{}{wheel}", Claims::WHEEL)
}

impl Claims {
    /// Reads what a wheel would install, from its central directory and metadata. [`Self::package`] is `pypi:NAME`.
    ///
    /// # Errors
    /// When the wheel is damaged or hostile.
    pub fn of_wheel(wheel: &Wheel, archive: &WheelArchive, python: &Python) -> Result<Self, LayerError> {
        read(wheel, archive, python).map_err(|problem| problem.of(archive.file_name()))
    }
}

fn read(wheel: &Wheel, archive: &WheelArchive, python: &Python) -> Result<Claims, Problem> {
    let mut members = archive.open()?;
    let metadata = metadata::read(&mut members, archive.file_name())?;
    let rules = Rules { python, masked: &BTreeSet::new(), slim: (&wheel.name, SlimPolicies::NONE) };
    let targets = targets(&members.files, &metadata, rules)?;
    let scripts = targets.scripts.into_iter().map(|(path, _)| path);
    let mut paths: Vec<String> = scripts.chain(targets.installer).chain(targets.record).collect();
    let mut compiled = Vec::new();
    for target in targets.files {
        let Target::Installed(place) = target else { continue };
        paths.push(place.destination);
        compiled.extend(place.pyc);
    }
    Ok(Claims::new(claim_name(&wheel.name), paths, compiled, Some(python)))
}
