use clap::{Args, ValueEnum};
use mambox_conformance::{Engine, FamilyReport, FamilyTest, Through, test_family};
use mambox_progress::{Outcome as Ended, Reporter, Stage, Unit};

use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  mambox test me/micromamba:2-debian13
  mambox test me/micromamba:2 me/app:1 --engine podman --foreign debian:13-slim
  mambox test me/micromamba:2 --only 'bash -i' --format junit >results.xml";

/// Try images of the micromamba family by everything that they promise
///
/// The image may be anybody's: ours, micromamba-docker's, or one that a Dockerfile derived from either. It must be in the
/// engine already. Checks derive further images with the engine's own build, and remove them. The exit code is 1
/// where a check failed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TestArgs {
    /// Names of images, as the engines have them
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<String>,
    #[command(flatten)]
    options: TestOptions,
}

/// How images are tried.
#[derive(Debug, Args)]
pub(super) struct TestOptions {
    /// Where to try them; may be repeated [default: each that is there and has the image, and apptainer]
    #[arg(long = "engine", value_name = "ENGINE", value_delimiter = ',')]
    engines: Vec<TestEngine>,
    /// Only checks whose name holds this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// An image of another sort, to try the programs in that are copied from ours
    #[arg(long, value_name = "IMAGE")]
    pub(super) foreign: Option<String>,
    /// How the results are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Checks made at a time [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
}

/// An engine that runs images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestEngine {
    Docker,
    Podman,
    /// Needs an image in Docker or podman, and converts it
    Apptainer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For CI systems: JUnit's XML
    Junit,
}

impl TestArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let mut reports = Vec::new();
        for image in &self.images {
            let engines = self.options.engines(image, session)?;
            reports.push(self.options.try_one(image, &engines, reports.is_empty(), session)?);
        }
        self.options.conclude(&reports, session)
    }
}

impl TestOptions {
    /// Tries one image; a table is printed as soon as it is there.
    pub(super) fn try_one(
        &self,
        image: &str,
        engines: &[Engine],
        first: bool,
        session: &Session,
    ) -> Result<FamilyReport, Failure> {
        let test = FamilyTest {
            image,
            engines,
            through: self.through(),
            foreign: self.foreign.as_deref(),
            jobs: self.jobs.unwrap_or(session.machine.processors),
            only: self.only.as_deref(),
        };
        let reporter = session.console.reporter();
        let on: &dyn Reporter = &*reporter;
        let total = test.results() as u64;
        let task = on.begin(Stage::Run, format!("checks of {image}"), Some(total), Unit::Items);
        let report = test_family(&test, &|_| task.advance(1))?;
        task.finish(Ended::Done);
        if self.format == Format::Table {
            session.console.result(&format!("{}{}", if first { "" } else { "\n" }, report.table()))?;
        }
        Ok(report)
    }

    /// Prints what is for programs; the answer is whether no check failed.
    pub(super) fn conclude(&self, reports: &[FamilyReport], session: &Session) -> Result<Outcome, Failure> {
        match self.format {
            Format::Table => {}
            Format::Json => session.console.result(&FamilyReport::json(reports))?,
            Format::Junit => session.console.result(&FamilyReport::junit(reports))?,
        }
        Ok(if reports.iter().all(FamilyReport::is_good) { Outcome::Yes } else { Outcome::No })
    }

    fn through(&self) -> Through {
        let apptainer = self.engines.contains(&TestEngine::Apptainer);
        match self.engines.iter().any(|engine| *engine != TestEngine::Apptainer) {
            false if apptainer => Through::Apptainer,
            true if !apptainer => Through::Engines,
            _ => Through::Both,
        }
    }

    /// The engines asked for by name.
    pub(super) fn asked(&self) -> Vec<Engine> {
        let asked = self.engines.iter().filter_map(|engine| match engine {
            TestEngine::Docker => Some(Engine::Docker),
            TestEngine::Podman => Some(Engine::Podman),
            TestEngine::Apptainer => None,
        });
        asked.collect()
    }

    /// Those asked for; else those that have the image, since few people keep it in all.
    fn engines(&self, image: &str, session: &Session) -> Result<Vec<Engine>, Failure> {
        let asked = self.asked();
        if !asked.is_empty() {
            return Ok(asked);
        }
        let has = |engine: &Engine| match engine.has(image) {
            Ok(()) => true,
            Err(error) => {
                session.console.note(&format!("not tried in {}: {error}", engine.program()));
                false
            }
        };
        let having: Vec<_> = Engine::ALL.into_iter().filter(has).collect();
        match having.is_empty() {
            false => Ok(having),
            true => Err(Failure::usage(
                format!("no engine of this machine has the image '{image}'"),
                format!("pull or load it first, as with docker pull {image}, and look at docker image ls"),
            )),
        }
    }
}
