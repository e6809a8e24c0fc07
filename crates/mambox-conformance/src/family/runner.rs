//! Tries all checks in all engines, side by side.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::apptainer::Converted;
use super::attempt::Bench;
use super::check::{FamilyCheck, Group};
use super::checks::family_checks;
use super::lab::Lab;
use super::report::{CheckResult, FamilyOutcome, FamilyReport};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::perform::Subject;

/// With what an image is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The engines.
    Engines,
    /// Apptainer, for which it is converted from the first engine that answers.
    Apptainer,
    /// Both.
    Both,
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct FamilyTest<'a> {
    /// The image's name, as all the engines have it. It is neither changed nor removed.
    pub image: &'a str,
    /// Where it is tried. Those that do not answer are skipped, check by check.
    pub engines: &'a [Engine],
    /// With what it is entered.
    pub through: Through,
    /// An image of another sort, as all the engines have it, into which the programs are copied; without, the checks
    /// of that are skipped.
    pub foreign: Option<&'a str>,
    /// How many checks are made at once; at least one.
    pub jobs: usize,
    /// A part of the names of the checks that are made; all without.
    pub only: Option<&'a str>,
}

impl FamilyTest<'_> {
    fn rows(&self) -> Vec<FamilyCheck> {
        let wanted = |row: &FamilyCheck| {
            let through = match row.group {
                Group::Apptainer => self.through != Through::Engines,
                _ => self.through != Through::Apptainer,
            };
            through && self.only.is_none_or(|part| row.name.contains(part))
        };
        family_checks().into_iter().filter(wanted).collect()
    }

    /// How many results there will be.
    pub fn results(&self) -> usize {
        let rows = self.rows();
        let apptainer = rows.iter().filter(|row| row.group == Group::Apptainer).count();
        (rows.len() - apptainer) * self.engines.len() + apptainer
    }
}

/// Tries an image that claims to be of the micromamba family, by everything that it promises.
///
/// `on` is told each result when it is there, from several threads, in no order. An error is what keeps all checks from
/// being made: an engine that answers and does not have the image, or cannot start a container.
pub fn test_family(
    test: &FamilyTest<'_>,
    on: &(dyn Fn(&CheckResult) + Sync),
) -> Result<FamilyReport, EngineError> {
    let rows = test.rows();
    let labs = prepare(test, &rows)?;
    let benches: Vec<_> = labs.iter().map(|lab| lab.as_ref().map(bench)).collect();
    let cells = cells(&rows, &benches);
    let results = work_off(&cells, test.jobs, on);
    Ok(FamilyReport { image: test.image.to_owned(), results })
}

/// Makes all checks, so many at once; the results are in the order of the cells.
fn work_off(cells: &[Cell<'_>], jobs: usize, on: &(dyn Fn(&CheckResult) + Sync)) -> Vec<CheckResult> {
    let results: Vec<OnceLock<CheckResult>> = cells.iter().map(|_| OnceLock::new()).collect();
    let (order, next) = (order(cells), AtomicUsize::new(0));
    let work = || {
        while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = cells[*index].made();
            on(&result);
            // Each index is taken once.
            let _ = results[*index].set(result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, cells.len().max(1)) {
            scope.spawn(work);
        }
    });
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// The groups whose checks share one image that takes long to make.
const SLOW: [Group; 2] = [Group::Apptainer, Group::Foreign];

/// The first of each engine's checks that share a slow image comes first, and makes it; those that would wait for it
/// come last.
fn order(cells: &[Cell<'_>]) -> Vec<usize> {
    let (mut begun, mut order, mut others, mut last) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (index, cell) in cells.iter().enumerate() {
        let shared = (cell.engine, cell.row.group);
        if !SLOW.contains(&cell.row.group) {
            others.push(index);
        } else if begun.contains(&shared) {
            last.push(index);
        } else {
            begun.push(shared);
            order.push(index);
        }
    }
    order.extend(others.into_iter().chain(last));
    order
}

/// An engine that answers, with the image; or why it does not.
type Prepared<'a> = Result<Lab<'a>, (Engine, String)>;

/// Looks at the image in all engines, side by side.
fn prepare<'a>(test: &FamilyTest<'a>, rows: &'a [FamilyCheck]) -> Result<Vec<Prepared<'a>>, EngineError> {
    let one = |engine: Engine| match engine.answers() {
        Err(error) => Ok(Err((engine, error.to_string()))),
        Ok(()) => Lab::new(engine, test.image, test.foreign, rows).map(Ok),
    };
    std::thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = test.engines.iter().map(|engine| scope.spawn(move || one(*engine))).collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect()
    })
}

fn bench<'a, 'lab>(lab: &'lab Lab<'a>) -> Bench<'a, 'lab> {
    let subject = lab.probed().map(|probe| Subject::new(probe, lab.facts.programs()));
    Bench { lab, subject, apptainer: Converted::new(lab) }
}

/// All rows for each engine; those of Apptainer last and once, with the image of the first engine that answers.
fn cells<'a>(
    rows: &'a [FamilyCheck],
    benches: &'a [Result<Bench<'a, 'a>, &'a (Engine, String)>],
) -> Vec<Cell<'a>> {
    let (apptainer, usual): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.group == Group::Apptainer);
    let mut cells = Vec::new();
    for bench in benches {
        let (engine, bench) = match bench {
            Ok(bench) => (bench.lab.engine, Ok(bench)),
            Err((engine, why)) => (*engine, Err(why.as_str())),
        };
        cells.extend(usual.iter().copied().map(|row| Cell { row, engine: engine.program(), bench }));
    }
    let first = benches.iter().find_map(|bench| bench.as_ref().ok());
    let bench = first.ok_or("no engine has the image to convert");
    cells.extend(apptainer.into_iter().map(|row| Cell { row, engine: "apptainer", bench }));
    cells
}

/// A check in an engine.
struct Cell<'a> {
    row: &'a FamilyCheck,
    engine: &'static str,
    bench: Result<&'a Bench<'a, 'a>, &'a str>,
}

impl Cell<'_> {
    fn made(&self) -> CheckResult {
        let start = Instant::now();
        let outcome = match self.bench {
            Ok(bench) => bench.attempt(self.row),
            Err(why) => FamilyOutcome::Skipped(why.to_owned()),
        };
        let elapsed = if self.bench.is_ok() { start.elapsed() } else { Duration::ZERO };
        let (check, group) = (self.row.name.to_owned(), self.row.group);
        CheckResult { check, group, engine: self.engine.to_owned(), outcome, elapsed }
    }
}
