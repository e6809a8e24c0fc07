//! `.condarc` and `.mambarc`: the keys that matter for solving and fetching.
//!
//! As in micromamba a file that is wrong is no reason to stop: what cannot be read is left out with a warning, and
//! unknown keys (of which conda has a hundred) are passed over.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use crate::{
    env_yaml::MAX_WARNINGS,
    expand::{Lookup, expand_variables},
    redact::for_message,
    spec_error::Place,
    yaml,
};

/// How strictly channels go before one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelPriority {
    /// A package is taken from the first channel that has its name.
    Strict,
    /// The first channel that has a fitting version wins.
    Flexible,
    /// Versions count before channels.
    Disabled,
}

/// Whom to trust for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SslVerify {
    /// The usual authorities.
    Usual,
    /// Nobody is checked.
    Off,
    /// The operating system's store alone.
    System,
    /// The authorities of a file or folder.
    Bundle(String),
}

/// Configuration; a key that is absent is `None` or empty. Channels and proxies may hold credentials: never print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the keys, which conda documents")]
pub struct CondaRc {
    pub channels: Vec<String>,
    pub default_channels: Vec<String>,
    pub channel_alias: Option<String>,
    pub channel_priority: Option<ChannelPriority>,
    pub custom_channels: BTreeMap<String, String>,
    pub custom_multichannels: BTreeMap<String, Vec<String>>,
    pub mirrored_channels: BTreeMap<String, Vec<String>>,
    pub override_channels_enabled: Option<bool>,
    pub pinned_packages: Vec<String>,
    pub ssl_verify: Option<SslVerify>,
    pub cacert_path: Option<String>,
    pub proxy_servers: BTreeMap<String, String>,
    pub offline: Option<bool>,
    pub use_sharded_repodata: Option<bool>,
    pub repodata_use_zst: Option<bool>,
    pub local_repodata_ttl: Option<u64>,
    pub remote_connect_timeout_secs: Option<u64>,
    pub remote_max_retries: Option<u64>,
    pub remote_backoff_factor: Option<u64>,
    pub download_threads: Option<u64>,
}

/// A configuration file that was read, and what in it could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CondaRcFile {
    /// What could be read.
    pub rc: CondaRc,
    /// What could not, with file and line.
    pub warnings: Vec<String>,
}

/// Largest configuration file that is read, in bytes.
const MAX_SIZE: usize = 1 << 20;

impl CondaRc {
    /// Reads a file; never fails. `${NAME}` is replaced by what `variables` gives, and stays where that gives
    /// nothing.
    pub fn from_yaml(text: &str, file: &str, variables: Lookup<'_>) -> CondaRcFile {
        let mut reader = Reader { text, file, variables, read: CondaRcFile::default() };
        if text.len() > MAX_SIZE {
            reader.read.warnings.push(format!("{file}: more than {MAX_SIZE} bytes, not read"));
            return reader.read;
        }
        match yaml::parse(text) {
            Ok(Value::Mapping(document)) => reader.document(&document),
            Ok(Value::Null) => {}
            Ok(_) => reader.read.warnings.push(format!("{file}: expected keys and values, not read")),
            Err(why) => reader.read.warnings.push(format!("{file}: no valid YAML, not read: {why}")),
        }
        reader.read
    }

    /// Puts `self` over a file of lower rank: single values of `self` win, lists are joined (`self` first, nothing
    /// twice), maps are united.
    #[must_use]
    pub fn merge(self, lower: Self) -> Self {
        Self {
            channels: joined(self.channels, lower.channels),
            default_channels: joined(self.default_channels, lower.default_channels),
            channel_alias: self.channel_alias.or(lower.channel_alias),
            channel_priority: self.channel_priority.or(lower.channel_priority),
            custom_channels: united(self.custom_channels, lower.custom_channels),
            custom_multichannels: united(self.custom_multichannels, lower.custom_multichannels),
            mirrored_channels: united(self.mirrored_channels, lower.mirrored_channels),
            override_channels_enabled: self.override_channels_enabled.or(lower.override_channels_enabled),
            pinned_packages: joined(self.pinned_packages, lower.pinned_packages),
            ssl_verify: self.ssl_verify.or(lower.ssl_verify),
            cacert_path: self.cacert_path.or(lower.cacert_path),
            proxy_servers: united(self.proxy_servers, lower.proxy_servers),
            offline: self.offline.or(lower.offline),
            use_sharded_repodata: self.use_sharded_repodata.or(lower.use_sharded_repodata),
            repodata_use_zst: self.repodata_use_zst.or(lower.repodata_use_zst),
            local_repodata_ttl: self.local_repodata_ttl.or(lower.local_repodata_ttl),
            remote_connect_timeout_secs: self
                .remote_connect_timeout_secs
                .or(lower.remote_connect_timeout_secs),
            remote_max_retries: self.remote_max_retries.or(lower.remote_max_retries),
            remote_backoff_factor: self.remote_backoff_factor.or(lower.remote_backoff_factor),
            download_threads: self.download_threads.or(lower.download_threads),
        }
    }
}

fn joined(mut higher: Vec<String>, lower: Vec<String>) -> Vec<String> {
    for item in lower {
        if !higher.contains(&item) {
            higher.push(item);
        }
    }
    higher
}

fn united<V>(higher: BTreeMap<String, V>, mut lower: BTreeMap<String, V>) -> BTreeMap<String, V> {
    lower.extend(higher);
    lower
}

struct Reader<'a> {
    text: &'a str,
    file: &'a str,
    variables: Lookup<'a>,
    read: CondaRcFile,
}

impl Reader<'_> {
    fn document(&mut self, document: &Mapping) {
        for (key, value) in document {
            let Some(key) = key.as_str().filter(|_| !value.is_null()) else { continue };
            if let Err(expected) = self.key(key, value)
                && self.read.warnings.len() < MAX_WARNINGS
            {
                let place = Place::find(self.file, self.text, key);
                let warning = format!("{place}: {}: expected {expected}, ignored", for_message(key));
                self.read.warnings.push(warning);
            }
        }
    }

    /// Fails with what the key should have held.
    fn key(&mut self, key: &str, value: &Value) -> Result<(), &'static str> {
        let mut rc = std::mem::take(&mut self.read.rc);
        let done = self.set(&mut rc, key, value);
        self.read.rc = rc;
        done
    }

    fn set(&self, rc: &mut CondaRc, key: &str, value: &Value) -> Result<(), &'static str> {
        match key {
            "channels" => rc.channels = self.list(value)?,
            "default_channels" => rc.default_channels = self.list(value)?,
            "channel_alias" => rc.channel_alias = Some(self.text(value)?),
            "channel_priority" => rc.channel_priority = Some(self.priority(value)?),
            "custom_channels" => rc.custom_channels = self.map(value, |value| self.text(value))?,
            "custom_multichannels" => rc.custom_multichannels = self.map(value, |value| self.list(value))?,
            "mirrored_channels" => rc.mirrored_channels = self.map(value, |value| self.list(value))?,
            "override_channels_enabled" => rc.override_channels_enabled = Some(truth(value)?),
            "pinned_packages" => rc.pinned_packages = self.list(value)?,
            "ssl_verify" => rc.ssl_verify = Some(self.ssl_verify(value)?),
            "cacert_path" => rc.cacert_path = Some(self.text(value)?),
            "proxy_servers" => rc.proxy_servers = self.map(value, |value| self.text(value))?,
            "offline" => rc.offline = Some(truth(value)?),
            "use_sharded_repodata" => rc.use_sharded_repodata = Some(truth(value)?),
            "repodata_use_zst" => rc.repodata_use_zst = Some(truth(value)?),
            "local_repodata_ttl" => rc.local_repodata_ttl = Some(count(value)?),
            "remote_connect_timeout_secs" => rc.remote_connect_timeout_secs = Some(count(value)?),
            "remote_max_retries" => rc.remote_max_retries = Some(count(value)?),
            "remote_backoff_factor" => rc.remote_backoff_factor = Some(count(value)?),
            "download_threads" => rc.download_threads = Some(count(value)?),
            _ => {}
        }
        Ok(())
    }

    fn text(&self, value: &Value) -> Result<String, &'static str> {
        let text = value.as_str().ok_or("text")?;
        Ok(expand_variables(text, self.variables).unwrap_or_else(|_unset| text.to_owned()))
    }

    fn list(&self, value: &Value) -> Result<Vec<String>, &'static str> {
        match value {
            Value::Sequence(items) => {
                let texts: Result<Vec<String>, _> = items.iter().map(|item| self.text(item)).collect();
                texts.map(|texts| joined(Vec::new(), texts)).map_err(|_| "a list of text")
            }
            one => self.text(one).map(|text| vec![text]).map_err(|_| "a list of text"),
        }
    }

    fn map<V>(
        &self,
        value: &Value,
        read: impl Fn(&Value) -> Result<V, &'static str>,
    ) -> Result<BTreeMap<String, V>, &'static str> {
        let entries = value.as_mapping().ok_or("names and values")?;
        entries
            .iter()
            .map(|(name, value)| Ok((name.as_str().ok_or("names that are text")?.to_owned(), read(value)?)))
            .collect()
    }

    fn priority(&self, value: &Value) -> Result<ChannelPriority, &'static str> {
        // The old form is a truth value.
        if let Ok(flexible) = truth(value) {
            return Ok(if flexible { ChannelPriority::Flexible } else { ChannelPriority::Disabled });
        }
        match self.text(value).unwrap_or_default().as_str() {
            "strict" => Ok(ChannelPriority::Strict),
            "flexible" => Ok(ChannelPriority::Flexible),
            "disabled" => Ok(ChannelPriority::Disabled),
            _ => Err("strict, flexible or disabled"),
        }
    }

    fn ssl_verify(&self, value: &Value) -> Result<SslVerify, &'static str> {
        if let Ok(verify) = truth(value) {
            return Ok(if verify { SslVerify::Usual } else { SslVerify::Off });
        }
        match self.text(value).map_err(|_| "true, false or a path")?.as_str() {
            "" => Err("true, false or a path"),
            "<false>" => Ok(SslVerify::Off),
            "<system>" | "truststore" => Ok(SslVerify::System),
            path => Ok(SslVerify::Bundle(path.to_owned())),
        }
    }
}

/// The truth values of YAML 1.1, which conda reads, and 0 and 1.
fn truth(value: &Value) -> Result<bool, &'static str> {
    let text = match value {
        Value::Bool(truth) => return Ok(*truth),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_lowercase(),
        _ => return Err("true or false"),
    };
    match text.as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("true or false"),
    }
}

fn count(value: &Value) -> Result<u64, &'static str> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).ok_or("a whole number")
}
