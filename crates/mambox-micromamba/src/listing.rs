//! Installed packages as rows: conda's, and those that pip installed.

use std::path::Path;

use serde_json::{Value, json};

use crate::pip_packages;
use crate::session::Session;
use crate::solve::Installed;
use crate::transaction::channel_name;

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) build: String,
    pub(crate) build_number: u64,
    /// A channel's name or URL, or `pypi`.
    pub(crate) channel: String,
    /// URL of the channel.
    pub(crate) base_url: String,
    pub(crate) subdir: String,
}

/// All of them, by name.
pub(crate) fn listed(session: &Session<'_>, prefix: &Path, installed: &Installed, pip: bool) -> Vec<Listed> {
    let alias = &session.settings.channel_alias;
    let mut rows: Vec<Listed> = installed.repodata().map(|record| of_record(record, alias)).collect();
    if pip {
        rows.extend(pip_packages::find(prefix, installed).into_iter().map(|package| Listed {
            name: package.name,
            version: package.version,
            build: "pypi_0".to_owned(),
            build_number: 0,
            channel: "pypi".to_owned(),
            base_url: String::new(),
            subdir: "pypi".to_owned(),
        }));
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

fn of_record(record: &rattler_conda_types::RepoDataRecord, alias: &str) -> Listed {
    let package = &record.package_record;
    let url = mambox_env::strip_credentials(&record.url);
    let base = url.as_str().rsplitn(3, '/').nth(2).unwrap_or_default();
    Listed {
        name: package.name.as_normalized().to_owned(),
        version: package.version.to_string(),
        build: package.build.to_string(),
        build_number: package.build_number,
        channel: channel_name(record, alias),
        base_url: base.to_owned(),
        subdir: package.subdir.clone(),
    }
}

impl Listed {
    /// The row of the table.
    pub(crate) fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.version.clone(), self.build.clone(), self.channel.clone()]
    }

    /// `NAME-VERSION-BUILD`.
    pub(crate) fn dist(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.build)
    }

    /// `CHANNEL/SUBDIR::NAME-VERSION-BUILD`.
    pub(crate) fn canonical(&self) -> String {
        format!("{}/{}::{}", self.channel, self.subdir, self.dist())
    }

    /// `NAME=VERSION=BUILD`.
    pub(crate) fn pinned(&self) -> String {
        format!("{}={}={}", self.name, self.version, self.build)
    }

    /// With the keys that scripts know.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "base_url": self.base_url,
            "build_number": self.build_number,
            "build_string": self.build,
            "channel": self.channel,
            "dist_name": self.dist(),
            "name": self.name,
            "platform": self.subdir,
            "version": self.version,
        })
    }
}
