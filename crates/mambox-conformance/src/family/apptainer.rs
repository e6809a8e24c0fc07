//! The image with the probe as Apptainer has it.

use std::sync::OnceLock;

use super::judge;
use super::lab::Lab;
use super::report::FamilyOutcome;
use crate::apptainer::{Apptainer, ApptainerCheck};
use crate::error::EngineError;

/// A SIF file, made when the first check needs it.
pub(super) struct Converted<'a, 'lab> {
    lab: &'lab Lab<'a>,
    /// Or what becomes of every check without it.
    sif: OnceLock<Result<Sif, FamilyOutcome>>,
}

struct Sif {
    apptainer: Apptainer,
    path: String,
    /// Removed with the value.
    _folder: tempfile::TempDir,
}

impl<'a, 'lab> Converted<'a, 'lab> {
    pub(super) fn new(lab: &'lab Lab<'a>) -> Self {
        Self { lab, sif: OnceLock::new() }
    }

    /// Enters as a check says.
    pub(super) fn enter(&self, check: &ApptainerCheck) -> FamilyOutcome {
        let sif = match self.sif.get_or_init(|| self.convert()) {
            Ok(sif) => sif,
            Err(outcome) => return outcome.clone(),
        };
        let facts = &self.lab.facts;
        match sif.apptainer.perform(check, &sif.path, &facts.programs()) {
            Ok(reading) => FamilyOutcome::of(judge::entered(facts, check, &reading)),
            Err(error) => FamilyOutcome::failed(error),
        }
    }

    fn convert(&self) -> Result<Sif, FamilyOutcome> {
        let folder = tempfile::tempdir().map_err(FamilyOutcome::failed)?;
        let apptainer = Apptainer::new(folder.path());
        apptainer.call(&["version"], &[], "").map_err(|error| match error {
            EngineError::Missing { .. } => FamilyOutcome::Skipped(error.to_string()),
            _ => FamilyOutcome::failed(error),
        })?;
        let probe = self.lab.probed().map_err(FamilyOutcome::failed)?;
        let archive = folder.path().join("image.tar").display().to_string();
        let path = folder.path().join("image.sif").display().to_string();
        let save = ["save", "-o", &archive, probe.name()];
        self.lab.engine.call(&save).map_err(FamilyOutcome::failed)?;
        let build = ["build", &path, &format!("docker-archive:{archive}")];
        apptainer.call(&build, &[], "").map_err(FamilyOutcome::failed)?;
        Ok(Sif { apptainer, path, _folder: folder })
    }
}
