//! The image with the probe as Apptainer has it.

use std::sync::OnceLock;

use super::facts::Facts;
use super::judge;
use super::lab::Lab;
use super::report::FamilyOutcome;
use crate::apptainer::{Apptainer, ApptainerCheck};
use crate::error::EngineError;

/// A SIF file, made when the first check needs it.
pub(super) struct Converted<'a, 'lab> {
    lab: &'lab Lab<'a>,
    sif: OnceLock<Result<Sif, Problem>>,
}

struct Sif {
    apptainer: Apptainer,
    path: String,
    /// Removed with the value.
    _folder: tempfile::TempDir,
}

/// Why there is none.
#[derive(Clone)]
enum Problem {
    Missing(String),
    Failed(String),
}

impl<'a, 'lab> Converted<'a, 'lab> {
    pub(super) fn new(lab: &'lab Lab<'a>) -> Self {
        Self { lab, sif: OnceLock::new() }
    }

    /// Enters as a check says.
    pub(super) fn enter(&self, check: &ApptainerCheck) -> FamilyOutcome {
        let sif = match self.sif.get_or_init(|| self.convert()) {
            Ok(sif) => sif,
            Err(Problem::Missing(why)) => return FamilyOutcome::Skipped(why.clone()),
            Err(Problem::Failed(why)) => return FamilyOutcome::failed(why),
        };
        let facts: &Facts = &self.lab.facts;
        match sif.apptainer.perform(check, &sif.path, &facts.programs()) {
            Ok(reading) => FamilyOutcome::of(judge::active(facts, "base", &reading)),
            Err(error) => FamilyOutcome::failed(error),
        }
    }

    fn convert(&self) -> Result<Sif, Problem> {
        let failed = |error: &dyn std::fmt::Display| Problem::Failed(error.to_string());
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        let apptainer = Apptainer::new(folder.path());
        match apptainer.call(&["version"], &[], "") {
            Err(error @ EngineError::Missing { .. }) => return Err(Problem::Missing(error.to_string())),
            other => other.map_err(|error| failed(&error))?,
        };
        let probe = self.lab.probe.as_ref().map_err(|why| failed(why))?;
        let archive = folder.path().join("image.tar").display().to_string();
        let path = folder.path().join("image.sif").display().to_string();
        let save = ["save", "-o", &archive, probe.name()];
        self.lab.engine.call(&save).map_err(|error| failed(&error))?;
        let build = ["build", &path, &format!("docker-archive:{archive}")];
        apptainer.call(&build, &[], "").map_err(|error| failed(&error))?;
        Ok(Sif { apptainer, path, _folder: folder })
    }
}
