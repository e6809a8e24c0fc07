//! Tries one check.

use super::apptainer::Converted;
use super::check::{FamilyCheck, Look, Start};
use super::facts::Facts;
use super::judge;
use super::lab::{Lab, Made};
use super::report::FamilyOutcome;
use crate::check::{By, Check, Words};
use crate::engine::{Engine, unique};
use crate::error::EngineError;
use crate::image;
use crate::perform::{Subject, perform};

/// What engines say of a step that ended with the status 1.
const BY_STATUS_1: [&str; 3] = ["non-zero code: 1", "exit status 1", "exit code: 1"];

/// Where checks are made.
pub(super) struct Bench<'a, 'lab> {
    pub(super) lab: &'lab Lab<'a>,
    /// The image with the probe, for the ways in.
    pub(super) subject: Option<Subject<'lab>>,
    pub(super) apptainer: Converted<'a, 'lab>,
}

impl Bench<'_, '_> {
    pub(super) fn attempt(&self, row: &FamilyCheck) -> FamilyOutcome {
        if let Look::Foreign(instructions, start) = &row.look {
            return self.foreign(row, instructions, start);
        }
        if let Some(outcome) = lacking(&self.lab.facts, row, "the image") {
            return outcome;
        }
        let facts = &self.lab.facts;
        match &row.look {
            Look::Variable(name, ought) => FamilyOutcome::of(judge::variable(facts, name, *ought)),
            Look::Setting(field, value) => self.setting(field, value),
            Look::Inside { by, .. } | Look::Access { by, .. } => {
                self.lab.surveyed(*by, row.name).map_or_else(FamilyOutcome::failed, FamilyOutcome::of)
            }
            Look::Way(check) => self.way(check),
            Look::Itself(start) => self.start(row, facts, self.lab.image, start),
            Look::Run(start) => self.in_made(&self.lab.probe, row, facts, start),
            Look::Derived(instructions, start) => match &self.lab.probe {
                Err(why) => FamilyOutcome::failed(why),
                Ok(probe) => self.in_derived(probe.name(), row, facts, instructions, start),
            },
            Look::FailingBuild(instructions) => self.failing_build(instructions),
            Look::LikeWithoutEntrypoint(command) => self.like_without_entrypoint(command),
            Look::Foreign(instructions, start) => self.foreign(row, instructions, start),
            Look::Apptainer(check) => self.apptainer.enter(check),
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
    fn way(&self, check: &Check) -> FamilyOutcome {
        let subject = match (&self.subject, &self.lab.probe) {
            (Some(subject), _) => subject,
            (None, Err(why)) => return FamilyOutcome::failed(why),
            (None, Ok(_)) => return FamilyOutcome::failed("the probe was not asked for"),
        };
        let facts = &self.lab.facts;
        match (perform(check, subject), check.family) {
            (Err(error), _) => FamilyOutcome::failed(error),
            (Ok(reading), Some(By::Nothing)) => FamilyOutcome::of(judge::not_active(facts, &reading)),
            (Ok(reading), _) => FamilyOutcome::of(judge::active(facts, "base", &reading)),
        }
    }

    fn start(&self, row: &FamilyCheck, facts: &Facts, image: &str, start: &Start) -> FamilyOutcome {
        let (options, command) = (facts.fill(start.options), facts.fill(start.command));
        let ended = image::run(self.lab.engine, image, &strs(&options), &strs(&command), start.typed);
        match ended {
            Ok(ended) => FamilyOutcome::of(judge::faults(row.expects, facts, &ended)),
            Err(error) => FamilyOutcome::failed(error),
        }
    }

    fn in_made(&self, made: &Made, row: &FamilyCheck, facts: &Facts, start: &Start) -> FamilyOutcome {
        match made {
            Ok(image) => self.start(row, facts, image.name(), start),
            Err(why) => FamilyOutcome::failed(why),
        }
    }

    fn in_derived(
        &self,
        base: &str,
        row: &FamilyCheck,
        facts: &Facts,
        instructions: Words,
        start: &Start,
    ) -> FamilyOutcome {
        let place = self.lab.derived(base, &facts.fill(instructions));
        match place.get() {
            Some(made) => self.in_made(made, row, facts, start),
            None => FamilyOutcome::failed("no image was derived"),
        }
    }

    fn failing_build(&self, instructions: Words) -> FamilyOutcome {
        let probe = match &self.lab.probe {
            Ok(probe) => probe,
            Err(why) => return FamilyOutcome::failed(why),
        };
        let lines = self.lab.facts.fill(instructions).join("\n");
        let name = format!("localhost/{}:1", unique("failing"));
        let dockerfile = format!("FROM {}\n{lines}\n", probe.name());
        match self.lab.engine.build(&dockerfile, None, &name) {
            Ok(_) => FamilyOutcome::failed("the build went on after the failure"),
            Err(EngineError::Failed { output, .. }) if BY_STATUS_1.iter().any(|by| output.contains(by)) => {
                FamilyOutcome::Passed
            }
            Err(error) => FamilyOutcome::failed(error),
        }
    }

    fn like_without_entrypoint(&self, command: Words) -> FamilyOutcome {
        let probe = match &self.lab.probe {
            Ok(probe) => probe,
            Err(why) => return FamilyOutcome::failed(why),
        };
        let words = self.lab.facts.fill(command);
        let words = strs(&words);
        let Some((first, rest)) = words.split_first() else { return FamilyOutcome::failed("no command") };
        match (probe.run(&[], &words), probe.run(&["--entrypoint", first], rest)) {
            (Ok(with), Ok(without)) if with == without => FamilyOutcome::Passed,
            (Ok(with), Ok(without)) => {
                FamilyOutcome::failed(format!("with the entrypoint:\n{with}without it:\n{without}"))
            }
            (Err(error), _) | (_, Err(error)) => FamilyOutcome::failed(error),
        }
    }

    fn foreign(&self, row: &FamilyCheck, instructions: Words, start: &Start) -> FamilyOutcome {
        let foreign = match self.lab.foreign() {
            None => return FamilyOutcome::Skipped("no image to copy the programs into was named".to_owned()),
            Some(Err(why)) => return FamilyOutcome::failed(why),
            Some(Ok(foreign)) => foreign,
        };
        if let Some(outcome) = lacking(&foreign.facts, row, "the other image") {
            return outcome;
        }
        // Account and prefix are the family's there, too.
        let facts = &self.lab.facts;
        match instructions {
            [] => self.start(row, facts, foreign.image.name(), start),
            _ => self.in_derived(foreign.image.name(), row, facts, instructions, start),
        }
    }
}

/// The skip of what an image cannot do.
fn lacking(facts: &Facts, row: &FamilyCheck, whose: &str) -> Option<FamilyOutcome> {
    let need = facts.lacks(row.needs)?;
    Some(FamilyOutcome::Skipped(format!("{whose} has no {}", need.text())))
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
