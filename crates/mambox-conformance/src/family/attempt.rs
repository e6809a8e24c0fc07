//! Tries one check.

use super::apptainer::Converted;
use super::check::{FamilyCheck, Look, Start};
use super::facts::Facts;
use super::judge;
use super::lab::Lab;
use super::report::FamilyOutcome;
use crate::check::{By, Check, Words};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::image;
use crate::perform::{Subject, perform};
use crate::words::strs;

/// What engines say of a step that ended with the status 1.
const BY_STATUS_1: [&str; 3] = ["non-zero code: 1", "exit status 1", "exit code: 1"];

/// Where checks are made.
pub(super) struct Bench<'a, 'lab> {
    pub(super) lab: &'lab Lab<'a>,
    /// The image with the probe, for the ways in; or why there is none.
    pub(super) subject: Result<Subject<'lab>, String>,
    pub(super) apptainer: Converted<'a, 'lab>,
}

/// How it went, or why it could not even be tried, which is a failure.
type Tried = Result<FamilyOutcome, String>;

impl Bench<'_, '_> {
    pub(super) fn attempt(&self, row: &FamilyCheck) -> FamilyOutcome {
        self.tried(row).unwrap_or_else(FamilyOutcome::failed)
    }

    fn tried(&self, row: &FamilyCheck) -> Tried {
        let facts = &self.lab.facts;
        let lacks = match &row.look {
            // What counts is what the other image has.
            Look::Foreign(..) => None,
            _ => lacking(facts, row, "the image"),
        };
        if let Some(skipped) = lacks {
            return Ok(skipped);
        }
        match &row.look {
            Look::Variable(name, ought) => Ok(FamilyOutcome::of(judge::variable(facts, name, *ought))),
            Look::Setting(field, value) => Ok(self.setting(field, value)),
            Look::Inside { by, .. } | Look::Access { by, .. } => {
                self.lab.surveyed(*by, row.name).map(FamilyOutcome::of)
            }
            Look::Way(check) => self.way(check),
            Look::Itself(start) => self.start(row, self.lab.image, start),
            Look::Run(start) => self.start(row, self.lab.probed()?.name(), start),
            Look::Derived(instructions, start) => {
                self.start_derived(row, self.lab.probed()?.name(), instructions, start)
            }
            Look::FailingBuild(instructions) => self.failing_build(instructions),
            Look::LikeWithoutEntrypoint(command) => self.like_without_entrypoint(command),
            Look::Foreign(instructions, start) => self.foreign(row, instructions, start),
            Look::Apptainer(check) => Ok(self.apptainer.enter(check)),
        }
    }

    /// A field of the configuration.
    fn setting(&self, field: &str, value: &str) -> FamilyOutcome {
        let facts = &self.lab.facts;
        let (found, wanted) = (facts.setting(field), facts.text(value));
        if found.is_none() && field == "Shell" && self.lab.engine == Engine::Podman {
            let why = "podman does not show it; the checks of RUN see whether it is used";
            return FamilyOutcome::Skipped(why.to_owned());
        }
        let found = found.map_or("null".to_owned(), ToString::to_string);
        let same = found == wanted;
        FamilyOutcome::of(if same { vec![] } else { vec![format!("{field} is {found}, not {wanted}")] })
    }

    /// A way in of the table that images of `mambox build` share.
    fn way(&self, check: &Check) -> Tried {
        let subject = self.subject.as_ref().map_err(Clone::clone)?;
        let reading = perform(check, subject).map_err(told)?;
        let facts = &self.lab.facts;
        Ok(FamilyOutcome::of(match check.family {
            Some(By::Nothing) => judge::not_active(facts, &reading),
            _ => judge::active(facts, "base", &reading),
        }))
    }

    fn start(&self, row: &FamilyCheck, image: &str, start: &Start) -> Tried {
        let facts = &self.lab.facts;
        let (options, command) = (facts.fill(start.options), facts.fill(start.command));
        let ended = image::run(self.lab.engine, image, &strs(&options), &strs(&command), start.typed);
        Ok(FamilyOutcome::of(judge::faults(row.expects, facts, &ended.map_err(told)?)))
    }

    fn start_derived(&self, row: &FamilyCheck, base: &str, instructions: Words, start: &Start) -> Tried {
        let image = self.lab.derived(base, &self.lab.facts.fill(instructions))?;
        self.start(row, &image, start)
    }

    fn failing_build(&self, instructions: Words) -> Tried {
        let lines = self.lab.facts.fill(instructions);
        match self.lab.engine.derive(self.lab.probed()?.name(), &lines, None) {
            Ok(_) => Err("the build went on after the failure".to_owned()),
            Err(EngineError::Failed { output, .. }) if BY_STATUS_1.iter().any(|by| output.contains(by)) => {
                Ok(FamilyOutcome::Passed)
            }
            Err(error) => Err(told(error)),
        }
    }

    fn like_without_entrypoint(&self, command: Words) -> Tried {
        let probe = self.lab.probed()?;
        let words = self.lab.facts.fill(command);
        let words = strs(&words);
        let (first, rest) = words.split_first().ok_or("no command")?;
        let with = probe.run(&[], &words).map_err(told)?;
        let without = probe.run(&["--entrypoint", first], rest).map_err(told)?;
        match with == without {
            true => Ok(FamilyOutcome::Passed),
            false => Err(format!("with the entrypoint:\n{with}without it:\n{without}")),
        }
    }

    fn foreign(&self, row: &FamilyCheck, instructions: Words, start: &Start) -> Tried {
        let Some(foreign) = self.lab.foreign() else {
            return Ok(FamilyOutcome::Skipped("no image to copy the programs into was named".to_owned()));
        };
        let foreign = foreign.as_ref().map_err(Clone::clone)?;
        if let Some(skipped) = lacking(&foreign.facts, row, "the other image") {
            return Ok(skipped);
        }
        // Account and prefix are the family's there, too.
        match instructions {
            [] => self.start(row, foreign.image.name(), start),
            _ => self.start_derived(row, foreign.image.name(), instructions, start),
        }
    }
}

/// The skip of what an image cannot do.
fn lacking(facts: &Facts, row: &FamilyCheck, whose: &str) -> Option<FamilyOutcome> {
    let need = facts.lacks(row.needs)?;
    Some(FamilyOutcome::Skipped(format!("{whose} has no {}", need.text())))
}

fn told(error: EngineError) -> String {
    error.to_string()
}
