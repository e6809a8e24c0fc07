use clap::Args;
use mambox_build::{BuildRequest, NamedEnvironment, ROOT_ENVIRONMENT};

use super::options::{ChannelArgs, EnvironmentArgs, ImageArgs, LayerArgs, NetworkArgs, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  mambox plan environment.yml
  mambox plan environment.yml --explain --max-layers 20
  mambox plan -p numpy --json | jq '.[0].layers[].packages'";

/// Show which layers a build would make
///
/// The environment is solved, but no package is fetched and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlanArgs {
    /// Say why each package is where it is, and what a change would move
    #[arg(long)]
    explain: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "explain")]
    json: bool,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    channels: ChannelArgs,
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    layers: LayerArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl PlanArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.environment.project_file(machine)?;
        let request = BuildRequest {
            environment: NamedEnvironment {
                name: ROOT_ENVIRONMENT.into(),
                request: self.environment.request(&file, machine)?,
            },
            others: Vec::new(),
            platforms: self.environment.platforms(&file),
            base: self.environment.base(&file)?,
            image: self.image.options(&file),
            layers: self.layers.request(&file),
            scripts: Default::default(),
            source_date_epoch: machine.source_date_epoch()?,
            tags: Vec::new(),
            outputs: Vec::new(),
        };
        let context = session.context(wishes(&self.channels, &self.network, &file))?;
        let reports = session.block_on(mambox_build::plan(&request, &context))?;
        match self.json {
            true => session.console.json(&reports)?,
            false => {
                session.console.result(&terminal::plan(&reports, self.explain, session.console.style()))?
            }
        }
        Ok(Outcome::Yes)
    }
}
