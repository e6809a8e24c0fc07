use clap::Args;
use mambox_build::{BuildReport, BuildRequest, LayerRequest};

use super::options::{
    ChannelArgs, EnvironmentArgs, ImageArgs, LayerArgs, MultiArgs, NetworkArgs, OutputArgs, ScriptArgs,
    wishes,
};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::project_file;
use crate::session::Session;
use crate::terminal::build_summary;
use crate::values::Switch;

const EXAMPLES: &str = "\
Examples:
  mambox build environment.yml -t myapp:1 -o myapp.tar
  mambox build -p python=3.13 -p numpy -c conda-forge -t ghcr.io/me/np:1 --push
  mambox build pixi.lock --platform linux/amd64 --platform linux/arm64 -o oci:out
  mambox build environment.yml -o myapp.sif
  mambox build environment.yml --slim all,-headers -o myapp.tar
  mambox build --multi web=web.yml --multi batch=batch.yml -t app:1 -o app.tar
  mambox build environment.yml --copy src:/app/ --cmd 'python -m app' -t app --load=podman";

/// Build an image from an environment
///
/// The same inputs give the same image, to the byte, on any machine. Without -o, --push and --load the image's
/// digest is computed and printed, and nothing is kept but the cache.
#[derive(Debug, Args)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", project_file::HELP), after_help = EXAMPLES)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    multi: MultiArgs,
    #[command(flatten)]
    channels: ChannelArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    layers: LayerArgs,
    /// With --slim: whether every Python module is imported once in a sandbox, which must not fail [default: on]
    #[arg(long, value_name = "WHETHER", value_enum, help_heading = "Layers")]
    slim_check: Option<Switch>,
    #[command(flatten)]
    scripts: ScriptArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl BuildArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.environment.project_file(machine)?;
        let tags = self.output.tags(&file)?;
        let (environment, others) = self.multi.environments(&self.environment, &file, machine)?;
        let request = BuildRequest {
            environment,
            others,
            platforms: self.environment.platforms(&file),
            base: self.environment.base(&file)?,
            image: self.image.options(&file),
            layers: LayerRequest {
                slim_check: self.slim_check != Some(Switch::Off),
                ..self.layers.request(&file)
            },
            scripts: self.scripts.request(&file),
            source_date_epoch: machine.source_date_epoch()?,
            outputs: self.output.outputs(&tags)?,
            tags,
        };
        let mut context = session.context(wishes(&self.channels, &self.network, &file))?;
        context.transport.compression = request.layers.compression;
        context.transport.engine.engine = self.output.engine();
        context.transport.sif = self.output.sif(context.threads);
        let report = session.block_on(mambox_build::build(&request, &context))?;
        self.output.record(&report, &request.tags)?;
        session.console.result(&match session.console.quiet() {
            true => format!("{}\n", name_of(&report)),
            false => build_summary(&report),
        })?;
        Ok(Outcome::Yes)
    }
}

/// The digest, or, where the image went to engines alone, the ID by which they know it.
fn name_of(report: &BuildReport) -> String {
    let id = || report.images.first().map(|image| image.config_digest);
    report.digest.or_else(id).map(|digest| digest.to_string()).unwrap_or_default()
}
