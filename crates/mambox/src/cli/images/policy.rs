use clap::Args;
use mambox_images::{Change, Verdict};

use super::family::{FamilyArgs, lock_file};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::terminal::Table;

const EXAMPLES: &str = "\
Examples:
  mambox images policy --base main --head HEAD
  mambox images policy --base origin/main --head HEAD --json";

/// Say whether a change may go straight to main, or has to go through dev
///
/// Images behave the same within a minor version of micromamba. Straight to main may go: newer versions of bases, removal
/// of a base, documentation, tests, and changes whose commits all have a trailer `Security:`. All else waits in dev. The
/// exit code is 1 where the change has to go through dev.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PolicyArgs {
    #[command(flatten)]
    family: FamilyArgs,
    /// The branch that the change is for
    #[arg(long, value_name = "COMMIT", default_value = "main")]
    base: String,
    /// The change's last commit
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    head: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl PolicyArgs {
    pub(super) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let (file, repository) = (self.family.file(machine)?, self.family.repository(machine)?);
        let head = repository.commit(&self.head)?;
        // What came to the branch meanwhile is not this change's.
        let base = repository.merge_base(&repository.commit(&self.base)?, &head)?;
        let change = Change {
            paths: repository.changed(&base, &head)?,
            all_security: repository.all_have_trailer(&base, &head, "Security")?,
            before: self.family.state_at(&base, machine)?,
            after: self.family.state_at(&head, machine)?,
            family_file: repository.path(&file)?,
            lock_file: repository.path(&lock_file(&file))?,
        };
        let verdict = mambox_images::policy(&change);
        match self.json {
            true => session.console.json(&verdict)?,
            false => session.console.result(&table(&verdict))?,
        }
        Ok(if verdict.may_bypass_dev { Outcome::Yes } else { Outcome::No })
    }
}

fn table(verdict: &Verdict) -> String {
    let mut table = Table::indented(2);
    for (path, class) in &verdict.paths {
        table.row([path.clone(), class.as_str().to_owned()]);
    }
    let whole = match verdict.may_bypass_dev {
        true => "this change may go straight to main",
        false => "this change goes through dev: it may alter how images behave",
    };
    format!("{}{whole}\n", table.render())
}
