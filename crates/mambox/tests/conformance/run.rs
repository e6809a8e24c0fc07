//! Enters images, and judges what is seen.

use std::sync::Mutex;

use mambox_conformance::{
    By, CHECKS, Check, Engine, EngineError, Family, Image, Reading, Subject, perform, unique,
};

use crate::bases::Base;
use crate::environments::{Environment, Kind, PROGRAMS};
use crate::family::FamilyBase;
use crate::results::{Cell, Outcome, Results};
use crate::workshop::Workshop;

/// A base, and what the engines keep of it while its environments are tried.
pub(crate) struct Trial<'a> {
    base: &'a Base,
    workshop: &'a Workshop,
    /// Images that share their lowest layers with those to come, which therefore load faster.
    kept: Mutex<Vec<Image>>,
    family: Option<FamilyBase<'a>>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(base: &'a Base, workshop: &'a Workshop) -> Self {
        Self { base, workshop, kept: Mutex::default(), family: FamilyBase::new(base) }
    }

    /// Builds an environment, and enters it in all ways in all engines, side by side.
    pub(crate) fn enter(&self, environment: &Environment, engines: &[Engine], results: &mut Results) {
        let name = format!("localhost/{}:1", unique(environment.name));
        let archive = match self.workshop.build(self.base, environment, &name) {
            Ok(archive) => archive,
            Err(why) => return results.cannot(&format!("{} on {}", environment.name, self.base.name), &why),
        };
        let one = |engine: Engine| -> Result<Vec<Cell>, EngineError> {
            let image = engine.load(&archive, &name)?;
            let mut cells = self.checks(&image, environment, Family::Built);
            if let Some(family) = self.family.as_ref().filter(|_| environment.for_family(self.base)) {
                cells.extend(self.checks(&family.image(&image)?, environment, Family::Micromamba));
            }
            self.kept.lock().expect("no thread panicked").push(image);
            Ok(cells)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = engines.iter().map(|engine| scope.spawn(move || one(*engine))).collect();
            for (engine, thread) in engines.iter().zip(threads) {
                match thread.join().expect("a thread that does not panic") {
                    Ok(cells) => results.extend(cells),
                    Err(error) => {
                        let what =
                            format!("{} on {} in {}", environment.name, self.base.name, engine.program());
                        results.cannot(&what, &error.to_string());
                    }
                }
            }
        });
        // Its work is done, and there are many.
        let _ = std::fs::remove_file(&archive);
    }

    fn checks(&self, image: &Image, environment: &Environment, family: Family) -> Vec<Cell> {
        let subject = Subject::new(image, PROGRAMS);
        let checks = CHECKS.iter().filter_map(|check| Some((check, check.by(family)?)));
        checks
            .flat_map(|(check, by)| {
                let reading = self.base.offers.contains(&check.needs).then(|| perform(check, &subject));
                environment.kinds.iter().map(move |kind| Cell {
                    check: check.name,
                    family,
                    base: self.base.name.clone(),
                    engine: image.engine(),
                    kind: kind.name,
                    outcome: match &reading {
                        None => Outcome::Skipped,
                        Some(Err(error)) => Outcome::Bad(vec![error.to_string()]),
                        Some(Ok(reading)) => Outcome::of(judge(check, by, family, kind, reading)),
                    },
                })
            })
            .collect()
    }
}

/// What is wrong with an environment that was seen.
fn judge(check: &Check, by: By, family: Family, kind: &Kind, reading: &Reading) -> Vec<String> {
    let mut expectation = kind.always.clone();
    let scripts_ran = match (family, check.passes_entrypoint()) {
        // Whatever activates sources the scripts, too.
        (Family::Micromamba, Some(_)) => Some(true),
        (_, passes) => passes,
    };
    let names = kind.at_start.keys().map(|name| (*name).to_owned());
    match scripts_ran {
        Some(true) => {
            expectation
                .set
                .extend(kind.at_start.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        Some(false) => expectation.unset.extend(names),
        None => {}
    }
    if by == By::Nothing { expectation.left_in(reading) } else { expectation.missing_in(reading) }
}
