//! `micromamba env export`.

use clap::Args;
use mambox_config::Fallback;
use serde_json::{Map, Value, json};

use super::{Global, Overrides};
use crate::ending::Finish;
use crate::environment;
use crate::explicit_list::{self, Hash};
use crate::failure::{Failure, Outcome};
use crate::listing::{Listed, listed};
use crate::machine::Machine;
use crate::session::Session;
use crate::solve::Installed;

/// Write an environment as a file from which it can be made again
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Write an @EXPLICIT list of addresses
    #[arg(short = 'e', long)]
    explicit: bool,
    /// With --explicit: no md5 sums
    #[arg(long, overrides_with = "md5")]
    no_md5: bool,
    /// With --explicit: add md5 sums (the default)
    #[arg(long)]
    md5: bool,
    /// Leave out builds
    #[arg(long, visible_alias = "no-builds")]
    no_build: bool,
    /// Write only what was asked for
    #[arg(long)]
    from_history: bool,
    /// Write the channel and subdir of each package
    #[arg(long)]
    channel_subdir: bool,
    #[command(flatten)]
    global: Global,
}

impl Export {
    pub(crate) fn run(self, outer: Global, machine: &Machine) -> Outcome {
        let session =
            Session::open(self.global.clone().or(outer), Overrides::new(), machine, Fallback::Active)?;
        self.export(&session).finish(&session)
    }

    fn export(&self, session: &Session<'_>) -> Outcome {
        let prefix = session.existing_target(Fallback::Active, None)?;
        let installed = environment::installed(session, &prefix)?;
        if self.explicit {
            let hash = if self.no_md5 { Hash::None } else { Hash::Md5 };
            session.console.result(explicit_list::render(&installed, session.platform()?, hash));
            return Ok(());
        }
        let document = self.document(session, &prefix, &installed);
        session.console.set_bare(Value::Object(document.clone()));
        let text = serde_yaml::to_string(&document).map_err(Failure::because("cannot write YAML"))?;
        session.console.result(text.trim_end());
        Ok(())
    }

    fn document(
        &self,
        session: &Session<'_>,
        prefix: &std::path::Path,
        installed: &Installed,
    ) -> Map<String, Value> {
        let rows = listed(session, prefix, installed, !self.from_history);
        let (pip, conda): (Vec<Listed>, Vec<Listed>) =
            rows.into_iter().partition(|row| row.channel == "pypi");
        let mut channels: Vec<String> = Vec::new();
        for row in &conda {
            if !channels.contains(&row.channel) {
                channels.push(row.channel.clone());
            }
        }
        let mut dependencies: Vec<Value> = match self.from_history {
            true => installed.requested.values().map(|spec| json!(spec)).collect(),
            false => conda.iter().map(|row| json!(self.dependency(row))).collect(),
        };
        if !pip.is_empty() {
            let lines: Vec<String> = pip.iter().map(|row| format!("{}=={}", row.name, row.version)).collect();
            dependencies.push(json!({ "pip": lines }));
        }
        let mut document = Map::new();
        document.insert("name".to_owned(), json!(session.name_of(prefix)));
        document.insert("channels".to_owned(), json!(channels));
        document.insert("dependencies".to_owned(), Value::Array(dependencies));
        document.insert("prefix".to_owned(), json!(prefix.display().to_string()));
        document
    }

    fn dependency(&self, row: &Listed) -> String {
        let channel =
            if self.channel_subdir { format!("{}/{}::", row.channel, row.subdir) } else { String::new() };
        let build = if self.no_build { String::new() } else { format!("={}", row.build) };
        format!("{channel}{}={}{build}", row.name, row.version)
    }
}
