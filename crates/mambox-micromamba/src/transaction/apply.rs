//! Applies a transaction through `mambox-prefix`, and tells what happens in micromamba's words.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use mambox_prefix::{Event, History, LinkPolicy, Observer, Options, Package, Plan, Prefix, TransactionError};
use rattler_conda_types::package::{IndexJson, PackageFile};
use rattler_conda_types::{PackageRecord, PrefixRecord};

use super::Wish;
use crate::console::{Console, Level};
use crate::failure::{Failure, Outcome};
use crate::packages::{Obtained, Source};
use crate::runtime::Cancel;
use crate::session::Session;

/// How often a damaged package is extracted anew before that is an error.
const MAX_REPAIRS: usize = 3;

/// What applying needs besides the packages.
pub(crate) struct Applying<'a> {
    pub(crate) session: &'a Session<'a>,
    pub(crate) prefix: &'a Path,
    pub(crate) wish: &'a Wish,
    pub(crate) source: &'a Source<'a>,
    pub(crate) cancel: &'a Cancel,
}

/// Changes the prefix: as a whole, or not at all. A package that turns out to be damaged in the cache is fetched anew.
pub(crate) async fn apply(
    applying: &Applying<'_>,
    remove: Vec<PrefixRecord>,
    mut obtained: Vec<Obtained>,
) -> Outcome {
    let console = &applying.session.console;
    console.say("\nTransaction starting");
    let prefix = Prefix::new(applying.prefix).map_err(Failure::new)?;
    let options = options(applying);
    for _ in 0..MAX_REPAIRS {
        let plan = Plan { remove: remove.clone(), install: applying.packages(&obtained) };
        let teller = Teller { console, said: Mutex::default() };
        let applied = tokio::task::block_in_place(|| {
            mambox_prefix::apply(&prefix, &plan, &options, applying.cancel.flag(), &teller)
        });
        let damaged = match applied {
            Ok(_) => {
                console.say("\nTransaction finished\n");
                return Ok(());
            }
            Err(TransactionError::DamagedPackage { path, .. }) => path,
            Err(error @ TransactionError::AlreadyThere { .. }) => {
                return Err(Failure::Overtaken(error.to_string()));
            }
            Err(TransactionError::Cancelled) => return Err(Failure::Interrupted),
            Err(error) => return Err(Failure::new(error)),
        };
        let Some(package) = obtained.iter_mut().find(|package| package.folder == damaged) else { break };
        console.warn(format!("{} is damaged; fetching it again", damaged.display()));
        *package = applying.cancel.or(applying.source.obtain_again(package.record.clone())).await?;
    }
    Err(Failure::Message(
        "packages of the cache are damaged again and again: is the disk failing?".to_owned(),
    ))
}

fn options(applying: &Applying<'_>) -> Options {
    let session = applying.session;
    let settings = &session.settings;
    Options {
        root_prefix: session.root_prefix.clone(),
        links: LinkPolicy {
            allow_softlinks: settings.allow_softlinks,
            always_copy: settings.always_copy,
            always_softlink: settings.always_softlink,
        },
        compile_pyc: settings.compile_pyc,
        run_link_scripts: !settings.skip_run_link_scripts,
        threads: session.machine.processors,
        environment: session.machine.variables.clone(),
        history: History {
            time: now(),
            command: std::env::args().collect(),
            update_specs: applying.wish.update_specs.clone(),
            remove_specs: applying.wish.remove_specs.clone(),
        },
        variables: applying.wish.variables.clone(),
        lock: session.lock_options(),
    }
}

/// For the history. UTC, since images have no time zone of their own.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

impl Applying<'_> {
    fn packages(&self, obtained: &[Obtained]) -> Vec<Package> {
        let specs: BTreeMap<String, &String> =
            self.wish.update_specs.iter().filter_map(|spec| Some((name_of(spec)?, spec))).collect();
        let package = |package: &Obtained| Package {
            record: package.record.clone(),
            folder: package.folder.clone(),
            archive: package.archive.clone(),
            requested_spec: specs
                .get(package.record.package_record.name.as_normalized())
                .map(ToString::to_string),
        };
        obtained.iter().map(package).collect()
    }
}

fn name_of(spec: &str) -> Option<String> {
    let parsed = mambox_env::parse_match_spec(spec, "a spec").ok()?;
    parsed.name.as_exact().map(|name| name.as_normalized().to_owned())
}

/// The record that a package's own `info/index.json` makes, for one that was known by its address alone.
pub(crate) fn with_own_record(package: Obtained) -> Outcome<Obtained> {
    let Obtained { mut record, folder, archive } = package;
    let file = folder.join("info/index.json");
    let index = IndexJson::from_package_directory(&folder)
        .map_err(Failure::because(format!("cannot read {}", file.display())))?;
    let known = &record.package_record;
    let (size, sha256, md5) = (known.size, known.sha256, known.md5);
    let own = PackageRecord::from_index_json(index, size, sha256, md5)
        .map_err(Failure::because(format!("{} is of no known platform", file.display())))?;
    if own.name != known.name {
        return Err(Failure::Message(format!(
            "{} is the package '{}', not '{}'",
            folder.display(),
            own.name.as_normalized(),
            known.name.as_normalized()
        )));
    }
    record.package_record = own;
    Ok(Obtained { record, folder, archive })
}

/// Passes on what happens; the order of lines is that of the work.
struct Teller<'a> {
    console: &'a Console,
    said: Mutex<bool>,
}

impl Observer for Teller<'_> {
    fn event(&self, event: Event) {
        let _one_at_a_time = self.said.lock();
        match event {
            Event::Unlinking { dist } => self.console.say(format!("Unlinking {dist}")),
            Event::Linking { dist } => self.console.say(format!("Linking {dist}")),
            Event::Message { text, .. } => self.console.say(text.trim_end()),
            Event::Compiling { files } => {
                self.console.log(Level::Info, format!("Compiling {files} Python files"));
            }
            Event::Script { dist, kind } => {
                self.console.log(Level::Info, format!("Running {kind} of {dist}"))
            }
            Event::Recovered(recovered) => {
                self.console.warn(format!("an earlier transaction was interrupted: {recovered:?}"));
            }
            Event::Warning { text } => self.console.warn(text),
        }
    }
}
