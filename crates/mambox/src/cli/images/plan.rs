use clap::Args;
use mambox_images::{ImageChange, PlannedImage};

use super::family::FamilyArgs;
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::Table;

const EXAMPLES: &str = "\
Examples:
  mambox images plan --since origin/main
  mambox images plan --since v1.2.0 --json";

/// Show which images' digests a change alters, and why
///
/// Compares images.toml and images.lock as they are now with those of a commit. Nothing is built and nothing is fetched:
/// the two files decide every digest. A change of documentation or tests alters none.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    family: FamilyArgs,
    /// Compare with this commit: its name, or a branch or tag of git [default: with nothing, so that all are new]
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl PlanArgs {
    pub(super) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let old = match &self.since {
            Some(since) => {
                let commit = self.family.repository(machine)?.commit(since)?;
                self.family.state_at(&commit, machine)?
            }
            None => None,
        };
        let plan = mambox_images::plan(old.as_ref(), &self.family.state(machine)?);
        let plan = plan.map_err(mambox_images::ImagesError::from)?;
        match self.json {
            true => session.console.json(&plan)?,
            false => session.console.result(&table(&plan))?,
        }
        Ok(Outcome::Yes)
    }
}

fn table(plan: &[PlannedImage]) -> String {
    if plan.is_empty() {
        return "no image changes\n".into();
    }
    let mut table = Table::default();
    for image in plan {
        let change = match &image.change {
            ImageChange::Added => "new".to_owned(),
            ImageChange::Removed => "no longer built".to_owned(),
            ImageChange::Changed(causes) => {
                causes.iter().map(|cause| cause.as_str()).collect::<Vec<_>>().join(", ")
            }
        };
        table.row([image.base.clone(), image.platform.to_string(), change]);
    }
    table.render()
}
