use clap::Args;
use mambox_images::{FamilyLock, FamilyState};

use super::family::{FamilyArgs, SelectionArgs, SourceArgs, lock_file};
use crate::cli::options::{NetworkArgs, network_wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::write_file::write_atomically;

const EXAMPLES: &str = "\
Examples:
  mambox images update
  mambox images update --base debian13-slim --check";

/// Look up the digests of bases and programs, and pin them in images.lock
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    family: FamilyArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Write nothing; the exit code is 1 where images.lock is out of date
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl UpdateArgs {
    pub(super) fn run(self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.family.file(machine)?;
        let FamilyState { family, lock: old } = self.family.state(machine)?;
        let context = session.context(network_wishes(&self.network))?;
        let sources = self.sources.sources(&file, machine)?;
        let selection = self.selection.selection();
        let new = session.block_on(mambox_images::update(&family, &old, &selection, &sources, &context))?;
        session.console.result(&differences(&old, &new))?;
        if old == new {
            return Ok(Outcome::Yes);
        }
        if self.check {
            return Ok(Outcome::No);
        }
        write_atomically(&lock_file(&file), new.to_text().as_bytes())?;
        Ok(Outcome::Yes)
    }
}

/// Lines of the two texts that are not in both, as `diff` marks them; they are sorted and short.
fn differences(old: &FamilyLock, new: &FamilyLock) -> String {
    if old == new {
        return "images.lock is up to date\n".into();
    }
    let mut lines = String::new();
    for (name, locked) in &new.bases {
        let before = old.bases.get(name);
        for (platform, digest) in &locked.digests {
            match before.and_then(|before| before.digests.get(platform)) {
                Some(before) if before == digest => {}
                Some(before) => {
                    lines += &format!("{name} {platform}: {} -> {}\n", before.short(), digest.short())
                }
                None => lines += &format!("{name} {platform}: {}\n", digest.short()),
            }
        }
    }
    let gone = old.bases.keys().filter(|name| !new.bases.contains_key(*name));
    gone.for_each(|name| lines += &format!("{name}: no longer in the family\n"));
    for (platform, programs) in &new.programs {
        let before = old.programs.get(platform);
        let parts = [
            ("mambox-init", before.map(|before| before.mambox_init), programs.mambox_init),
            ("micromamba", before.map(|before| before.micromamba), programs.micromamba),
        ];
        for (name, before, now) in parts.into_iter().filter(|(_, before, now)| *before != Some(*now)) {
            let before = before.map_or_else(String::new, |before| format!("{} -> ", before.short()));
            lines += &format!("{name} {platform}: {before}{}\n", now.short());
        }
    }
    if old.furnishings != new.furnishings {
        lines += "scripts and certificates of mambox: changed\n";
    }
    lines
}
