use clap::Args;
use mambox_conformance::{Engine, unique};
use mambox_images::{FamilyImage, FamilyRequest};
use mambox_transport::{EngineChoice, Output};

use super::family::{FamilyArgs, SelectionArgs, SourceArgs};
use crate::cli::test::TestOptions;
use crate::contexts::Wishes;
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::values;

const EXAMPLES: &str = "\
Examples:
  mambox images test
  mambox images test --base debian13-slim --engine docker --format junit >results.xml";

/// Build images of the family, and try them by everything that they promise
///
/// Each image is built for this machine's platform, loaded into the engines, tried as `mambox test` does it, and removed
/// from them. The exit code is 1 where a check failed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TestArgs {
    #[command(flatten)]
    family: FamilyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    options: TestOptions,
    #[command(flatten)]
    sources: SourceArgs,
}

impl TestArgs {
    pub(super) fn run(mut self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.family.file(machine)?;
        if self.selection.platforms.is_empty() {
            self.selection.platforms.push(values::platform_of_machine());
        }
        let context = session.context(Wishes::default())?;
        let request = FamilyRequest {
            state: self.family.state(machine)?,
            selection: self.selection.selection(),
            sources: self.sources.sources(&file, machine)?,
        };
        let engines = self.engines(session)?;
        let mut reports = Vec::new();
        for image in session.block_on(mambox_images::build(&request, &context))? {
            let name = format!("localhost/{}:{}", unique("family"), image.base);
            let mut loaded = Vec::new();
            for engine in &engines {
                load(&image, &name, *engine, session)?;
                // Removed when it goes out of scope.
                loaded.push(engine.adopt(&name)?);
            }
            reports.push(self.options.try_one(&name, &engines, reports.is_empty(), session)?);
        }
        self.options.conclude(&reports, session)
    }

    /// Those asked for; else all that answer.
    fn engines(&self, session: &Session) -> Result<Vec<Engine>, Failure> {
        let asked = self.options.asked();
        if !asked.is_empty() {
            return Ok(asked);
        }
        let answers = |engine: &Engine| match engine.answers() {
            Ok(()) => true,
            Err(error) => {
                session.console.note(&format!("not tried in {}: {error}", engine.program()));
                false
            }
        };
        let all: Vec<_> = Engine::ALL.into_iter().filter(answers).collect();
        match all.is_empty() {
            false => Ok(all),
            true => Err(Failure::Machine(
                "neither docker nor podman answers; images are tried in one of them".into(),
            )),
        }
    }
}

fn load(image: &FamilyImage, name: &str, engine: Engine, session: &Session) -> Result<(), Failure> {
    let mut context = session.context(Wishes::default())?;
    context.transport.engine.engine = match engine {
        Engine::Docker => EngineChoice::Docker,
        Engine::Podman => EngineChoice::Podman,
    };
    let names = [name.to_owned()];
    let output = Output::Daemon(name.to_owned());
    session.block_on(mambox_images::write(image, &output, &names, &context)).map(drop)
}
