//! `micromamba info`.

use clap::Args;
use mambox_config::Fallback;
use serde_json::{Map, Value, json};

use super::{Channels, Global, Overrides};
use crate::ending::Finish;
use crate::failure::Outcome;
use crate::machine::Machine;
use crate::session::Session;
use crate::virtual_packages;

/// Show what the program is, what it found and how it is set up
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// List environments
    #[arg(short = 'e', long)]
    envs: bool,
    /// Show the root prefix alone
    #[arg(long)]
    base: bool,
    #[arg(long, hide = true)]
    licenses: bool,
    #[command(flatten)]
    channels: Channels,
    #[command(flatten)]
    global: Global,
}

impl Info {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let mut overrides = Overrides::new();
        self.channels.settings(&mut overrides);
        let session = Session::open(self.global.clone().or(outer), overrides, machine, Fallback::Active)?;
        self.info(&session).finish(&session)
    }

    fn info(&self, session: &Session<'_>) -> Outcome {
        let console = &session.console;
        if self.base {
            let root = session.root_prefix.display().to_string();
            console.set_bare(json!({ "base environment": root }));
            console.result(root);
            return Ok(());
        }
        if self.envs {
            let known = crate::environment::known(session);
            let paths: Vec<String> = known.iter().map(|path| path.display().to_string()).collect();
            paths.iter().for_each(|path| console.result(path));
            console.set_bare(json!({ "envs": paths }));
            return Ok(());
        }
        let facts = facts(session)?;
        let width = facts.keys().map(String::len).max().unwrap_or(0);
        for (key, value) in &facts {
            let lines: Vec<String> = match value {
                Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                other => vec![other.as_str().unwrap_or_default().to_owned()],
            };
            let mut lines = lines.into_iter();
            console.result(format!("  {key:>width$} : {}", lines.next().unwrap_or_default()).trim_end());
            lines.for_each(|line| console.result(format!("  {:>width$}   {line}", "")));
        }
        console.set_bare(Value::Object(facts));
        Ok(())
    }
}

/// The keys are micromamba's, spaces and all; the first two name this program.
fn facts(session: &Session<'_>) -> Outcome<Map<String, Value>> {
    let platform = session.platform()?;
    let machine = session.machine;
    let packages = virtual_packages::facts(platform, machine).virtual_packages()?;
    let packages: Vec<String> = packages
        .iter()
        .map(|p| format!("{}={}={}", p.name.as_normalized(), p.version, p.build_string))
        .collect();
    let environment = session.target(Fallback::Active, None).ok();
    let active = machine
        .var("CONDA_PREFIX")
        .is_some_and(|prefix| environment.as_ref().is_some_and(|e| e.as_os_str() == prefix));
    let name = environment.as_ref().map_or_else(|| "None".to_owned(), |path| session.name_of(path));
    let paths = |paths: &[std::path::PathBuf]| {
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    let files: Vec<String> =
        session.config.files().iter().map(|file| file.path.display().to_string()).collect();
    let channels: Vec<String> =
        session.channels(&[]).iter().map(|channel| mambox_config::redact(channel)).collect();
    let mut facts = Map::new();
    let mut add = |key: &str, value: Value| drop(facts.insert(key.to_owned(), value));
    add("program", json!(format!("mambox-micromamba {}", env!("CARGO_PKG_VERSION"))));
    add("rattler version", json!(crate::version::RATTLER));
    add("libmamba version", json!(crate::version::COMPATIBLE));
    add("micromamba version", json!(crate::version::COMPATIBLE));
    add("envs directories", json!(paths(&session.settings.envs_dirs)));
    add("package cache", json!(paths(&session.settings.pkgs_dirs)));
    add("environment", json!(if active { format!("{name} (active)") } else { name }));
    add("env location", json!(environment.map_or_else(|| "-".to_owned(), |path| path.display().to_string())));
    add(
        "user config files",
        json!(machine.home.as_ref().map(|home| home.join(".mambarc").display().to_string())),
    );
    add("populated config files", json!(files));
    add("virtual packages", json!(packages));
    add("channels", json!(channels));
    add("base environment", json!(session.root_prefix.display().to_string()));
    add("platform", json!(platform.to_string()));
    Ok(facts)
}
