//! `mambox images`: a family of base images. One file for each of its subcommands.

mod build;
mod check_version;
mod family;
mod plan;
mod policy;
mod tags;
mod test;
mod update;

use clap::{Args, Subcommand};

use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  mambox images update
  mambox images build --base debian13-slim --load
  mambox images plan --since origin/main
  mambox images build --push";

/// Build, test, plan and tag a family of base images for Dockerfiles
///
/// The family is described by images.toml, one entry for each base, and pinned by images.lock beside it. Its images have
/// micromamba and the entry programs of micromamba-docker; nothing is run in a base, and no engine is needed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ImagesArgs {
    #[command(subcommand)]
    command: ImagesCommand,
}

#[derive(Debug, Subcommand)]
enum ImagesCommand {
    Update(update::UpdateArgs),
    Build(build::BuildArgs),
    Test(test::TestArgs),
    Plan(plan::PlanArgs),
    Tags(tags::TagsArgs),
    Policy(policy::PolicyArgs),
    CheckVersion(check_version::CheckVersionArgs),
}

impl ImagesArgs {
    pub(crate) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        match self.command {
            ImagesCommand::Update(args) => args.run(session),
            ImagesCommand::Build(args) => args.run(session),
            ImagesCommand::Test(args) => args.run(session),
            ImagesCommand::Plan(args) => args.run(session),
            ImagesCommand::Tags(args) => args.run(session),
            ImagesCommand::CheckVersion(args) => args.run(session),
            ImagesCommand::Policy(args) => args.run(session),
        }
    }
}
