//! `mambox.toml`, the settings of an image beside its environment file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use mambox_build::{CopySpec, SlimPolicies};
use mambox_oci::{Compression, Platform};
use mambox_transport::Reference;
use serde::Deserialize;
use toml::Spanned;

use crate::values::{self, Activation, LinkScripts, Priority, Switch, Words};

/// The file's name.
pub(crate) const FILE_NAME: &str = "mambox.toml";

/// What `--help` says of the file.
pub(crate) const HELP: &str = "\
mambox.toml
  A file of this name beside the environment file holds the same settings. A key is the name of the long
  option; an option that may be repeated takes an array, and env, label and annotation take tables:

    base = \"debian:13-slim\"
    platform = [\"linux/amd64\", \"linux/arm64\"]
    tag = [\"ghcr.io/me/app:1\"]
    cmd = \"python -m app\"
    copy = [\"src:/app/\"]
    [env]
    LOG_LEVEL = \"info\"
    [label]
    \"org.opencontainers.image.source\" = \"https://github.com/me/app\"

  Keys: activation, annotation, base, channel, channel-priority, cmd, compression, copy, cuda, entrypoint, env,
  environment, label, link-scripts, max-layers, no-build, override-channels, pip-override, platform, prefix, pyc, slim, tag, user, workdir.
  The command line wins: a value or list there replaces the file's, tables are merged key by key.
  Relative paths start from the file's folder.";

const KEYS: [&str; 25] = [
    "activation",
    "annotation",
    "base",
    "channel",
    "channel-priority",
    "cmd",
    "compression",
    "copy",
    "cuda",
    "entrypoint",
    "env",
    "environment",
    "label",
    "link-scripts",
    "max-layers",
    "no-build",
    "override-channels",
    "pip-override",
    "platform",
    "prefix",
    "pyc",
    "slim",
    "tag",
    "user",
    "workdir",
];

/// Options that belong to one run, so that a file has no say.
const COMMAND_LINE_ONLY: [&str; 17] = [
    "cacert",
    "cache-dir",
    "config",
    "file",
    "iidfile",
    "insecure-registry",
    "jobs",
    "load",
    "metadata-file",
    "no-config",
    "offline",
    "output",
    "package",
    "progress",
    "push",
    "quiet",
    "slim-check",
];

/// No environment needs more than this.
const MAX_SIZE: usize = 1 << 20;

/// The settings of a `mambox.toml`; what is not in the file is `None` or empty.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ProjectFile {
    pub(crate) activation: Option<Activation>,
    pub(crate) annotation: BTreeMap<String, String>,
    pub(crate) base: Option<Reference>,
    pub(crate) channel: Vec<String>,
    pub(crate) channel_priority: Option<Priority>,
    pub(crate) cmd: Option<Vec<String>>,
    pub(crate) compression: Option<Compression>,
    pub(crate) copy: Vec<CopySpec>,
    pub(crate) cuda: Option<String>,
    pub(crate) entrypoint: Option<Vec<String>>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) environment: Option<String>,
    pub(crate) label: BTreeMap<String, String>,
    pub(crate) link_scripts: Option<LinkScripts>,
    pub(crate) max_layers: Option<usize>,
    pub(crate) no_build: bool,
    pub(crate) override_channels: bool,
    pub(crate) pip_override: bool,
    pub(crate) platform: Vec<Platform>,
    pub(crate) prefix: Option<String>,
    pub(crate) pyc: Option<Switch>,
    pub(crate) slim: Option<SlimPolicies>,
    pub(crate) tag: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) workdir: Option<String>,
}

/// A `mambox.toml` that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {problem}", file.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub(crate) struct ProjectFileError {
    file: PathBuf,
    line: Option<usize>,
    problem: String,
    hint: Option<String>,
}

impl ProjectFileError {
    /// What to do next.
    pub(crate) fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    activation: Option<Spanned<String>>,
    #[serde(default)]
    annotation: BTreeMap<String, String>,
    base: Option<Spanned<String>>,
    channel: Option<OneOrMore>,
    channel_priority: Option<Spanned<String>>,
    cmd: Option<Spanned<WordsValue>>,
    compression: Option<Spanned<String>>,
    copy: Option<Spanned<OneOrMore>>,
    cuda: Option<String>,
    entrypoint: Option<Spanned<WordsValue>>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    environment: Option<String>,
    #[serde(default)]
    label: BTreeMap<String, String>,
    link_scripts: Option<Spanned<String>>,
    max_layers: Option<usize>,
    #[serde(default)]
    no_build: bool,
    #[serde(default)]
    override_channels: bool,
    #[serde(default)]
    pip_override: bool,
    platform: Option<Spanned<OneOrMore>>,
    prefix: Option<String>,
    pyc: Option<Spanned<String>>,
    slim: Option<Spanned<OneOrMore>>,
    tag: Option<OneOrMore>,
    user: Option<String>,
    workdir: Option<String>,
}

/// A string, or an array of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of strings")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::More(list) => list,
        }
    }
}

/// An array is taken word by word; a string is read as on the command line.
type WordsValue = OneOrMore;

impl ProjectFile {
    /// Parses the text of `file`, as messages call it; relative paths start from `folder`.
    pub(crate) fn parse(text: &str, file: &Path, folder: &Path) -> Result<Self, ProjectFileError> {
        Parser { text, file, folder }.parse()
    }
}

struct Parser<'a> {
    text: &'a str,
    file: &'a Path,
    folder: &'a Path,
}

impl Parser<'_> {
    fn parse(&self) -> Result<ProjectFile, ProjectFileError> {
        if self.text.len() > MAX_SIZE {
            return Err(self.error(None, format!("{} bytes are too many for settings", self.text.len())));
        }
        self.check_keys()?;
        let written: Written = toml::from_str(self.text).map_err(|error| self.syntax(&error))?;
        let mut copy = self.each("copy", written.copy, values::copy_spec)?;
        copy.iter_mut().for_each(|copy| copy.source = self.folder.join(&copy.source));
        let base = written.base.map(|base| {
            let start = base.span().start;
            self.value(start, base.get_ref(), |text| {
                text.parse::<Reference>().map_err(|e| format!("base: {e}"))
            })
        });
        let priority = self.one_of("channel-priority", written.channel_priority)?;
        let channel = written.channel.map(OneOrMore::into_vec).unwrap_or_default();
        Ok(ProjectFile {
            activation: self.one_of("activation", written.activation)?,
            annotation: written.annotation,
            base: base.transpose()?.map(|base| anchored(base, self.folder)),
            channel: channel.into_iter().map(|channel| self.channel(channel)).collect(),
            channel_priority: priority,
            cmd: self.words("cmd", written.cmd)?,
            compression: written
                .compression
                .map(|text| {
                    self.value(text.span().start, text.get_ref(), |t| t.parse().map_err(|e| format!("{e}")))
                })
                .transpose()?,
            copy,
            cuda: written.cuda,
            entrypoint: self.words("entrypoint", written.entrypoint)?,
            env: written.env,
            environment: written.environment,
            label: written.label,
            link_scripts: self.one_of("link-scripts", written.link_scripts)?,
            max_layers: written.max_layers,
            no_build: written.no_build,
            override_channels: written.override_channels,
            pip_override: written.pip_override,
            platform: self.each("platform", written.platform, values::platform)?,
            prefix: written.prefix,
            pyc: self.one_of("pyc", written.pyc)?,
            slim: self.slim(written.slim)?,
            tag: written.tag.map(OneOrMore::into_vec).unwrap_or_default(),
            user: written.user,
            workdir: written.workdir,
        })
    }

    /// Every key is known, or the nearest known one is named.
    fn check_keys(&self) -> Result<(), ProjectFileError> {
        let keys: BTreeMap<Spanned<String>, toml::Value> =
            toml::from_str(self.text).map_err(|error| self.syntax(&error))?;
        let Some(unknown) = keys
            .into_keys()
            .filter(|key| !KEYS.contains(&key.get_ref().as_str()))
            .min_by_key(|k| k.span().start)
        else {
            return Ok(());
        };
        let key = unknown.get_ref().to_lowercase().replace('_', "-");
        let mut error =
            self.error(Some(unknown.span().start), format!("unknown key '{}'", unknown.get_ref()));
        let by_likeness = KEYS.iter().map(|known| (strsim::jaro_winkler(known, &key), *known));
        let nearest = by_likeness.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.75);
        error.hint = Some(match nearest {
            _ if COMMAND_LINE_ONLY.contains(&key.as_str()) => {
                format!("--{key} is for the command line; it does not describe the image")
            }
            Some((_, known)) => format!("did you mean '{known}'?"),
            None => format!("known keys: {}", KEYS.join(", ")),
        });
        Err(error)
    }

    /// Channels that are paths start from the file's folder.
    fn channel(&self, channel: String) -> String {
        let is_path =
            ["./", "../"].iter().any(|start| channel.starts_with(start)) || channel == "." || channel == "..";
        if is_path { self.folder.join(channel).display().to_string() } else { channel }
    }

    fn words(
        &self,
        key: &str,
        value: Option<Spanned<WordsValue>>,
    ) -> Result<Option<Vec<String>>, ProjectFileError> {
        let Some(value) = value else { return Ok(None) };
        let start = value.span().start;
        match value.into_inner() {
            OneOrMore::More(words) => Ok(Some(words)),
            OneOrMore::One(text) => self.value(start, &text, |text| {
                text.parse::<Words>().map(|words| Some(words.0)).map_err(|why| format!("{key}: {why}"))
            }),
        }
    }

    /// An array holds the words that the option has between its commas.
    fn slim(&self, value: Option<Spanned<OneOrMore>>) -> Result<Option<SlimPolicies>, ProjectFileError> {
        let Some(value) = value else { return Ok(None) };
        let start = value.span().start;
        let words = value.into_inner().into_vec();
        let words = if words.is_empty() { vec!["none".to_owned()] } else { words };
        self.value(start, &words.join(","), |text| text.parse().map(Some).map_err(|e| format!("slim: {e}")))
    }

    /// One of the words that the option of that name takes.
    fn one_of<T: ValueEnum>(
        &self,
        key: &str,
        word: Option<Spanned<String>>,
    ) -> Result<Option<T>, ProjectFileError> {
        let Some(word) = word else { return Ok(None) };
        let names = || T::value_variants().iter().filter_map(T::to_possible_value);
        let wrong = |text: &str| {
            let known: Vec<String> = names().map(|name| name.get_name().to_owned()).collect();
            format!("{key}: '{text}' is none of {}", known.join(", "))
        };
        self.value(word.span().start, word.get_ref(), |text| {
            T::from_str(text, false).map(Some).map_err(|_| wrong(text))
        })
    }

    fn each<T>(
        &self,
        key: &str,
        list: Option<Spanned<OneOrMore>>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ProjectFileError> {
        let Some(list) = list else { return Ok(Vec::new()) };
        let start = list.span().start;
        let parsed = list.into_inner().into_vec().into_iter().map(|text| {
            self.value(start, &text, |text| parse(text).map_err(|why| format!("{key}: '{text}': {why}")))
        });
        parsed.collect()
    }

    fn value<T>(
        &self,
        start: usize,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ProjectFileError> {
        parse(text).map_err(|why| self.error(Some(start), why))
    }

    fn syntax(&self, error: &toml::de::Error) -> ProjectFileError {
        self.error(error.span().map(|span| span.start), error.message().to_owned())
    }

    fn error(&self, start: Option<usize>, problem: String) -> ProjectFileError {
        let line = start.map(|at| self.text.bytes().take(at).filter(|b| *b == b'\n').count() + 1);
        ProjectFileError { file: self.file.into(), line, problem, hint: None }
    }
}

/// A base whose relative path starts from `folder`.
fn anchored(base: Reference, folder: &Path) -> Reference {
    let join = |path: PathBuf| folder.join(path);
    match base {
        Reference::OciLayout { dir, tag } => Reference::OciLayout { dir: join(dir), tag },
        Reference::OciArchive { file, tag } => Reference::OciArchive { file: join(file), tag },
        Reference::DockerArchive { file, name } => Reference::DockerArchive { file: join(file), name },
        Reference::RootFs(path) => Reference::RootFs(join(path)),
        Reference::Path(path) => Reference::Path(join(path)),
        other @ (Reference::Registry(_) | Reference::Daemon(_) | Reference::Scratch) => other,
    }
}

#[cfg(test)]
mod tests;
