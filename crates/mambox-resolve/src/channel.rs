//! Channels as a person writes them become base URLs.

use std::path::{Component, Path, PathBuf};

use rattler_conda_types::{Channel, ChannelUrl};
use thiserror::Error;
use url::Url;

use crate::{
    mask::{mask_text, mask_url},
    settings::Settings,
};

/// The channel used when nobody names one.
const FALLBACK: &str = "conda-forge";

/// Why a channel cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// A path leads nowhere.
    #[error(
        "the channel '{channel}' is no folder: {path} does not exist. \
         A channel folder holds `noarch` and platform folders, each with a repodata.json"
    )]
    MissingFolder {
        /// As it was written.
        channel: String,
        /// The absolute path.
        path: PathBuf,
    },
    /// The text is neither a name nor a URL nor a path.
    #[error(
        "the channel '{channel}' cannot be understood: {reason}. Write a name, a URL, or a path that begins with ./ or /"
    )]
    Invalid {
        /// As it was written, credentials masked.
        channel: String,
        /// What is wrong.
        reason: String,
    },
    /// A multichannel contains itself.
    #[error("the multichannel '{name}' contains itself; look at custom_multichannels in the rc files")]
    Circle {
        /// The multichannel.
        name: String,
    },
}

/// One rank of priority: a single channel, or the members of a multichannel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelGroup {
    /// Name of the multichannel that the channels were asked for by.
    pub multi: Option<String>,
    /// The channels; more than one only in a multichannel. Their URLs hold no credentials.
    pub channels: Vec<Channel>,
}

/// The channels of one request, highest priority first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channels {
    /// The ranks.
    pub groups: Vec<ChannelGroup>,
    /// Original URLs of those channels whose URLs held credentials.
    pub(crate) with_credentials: Vec<Url>,
}

impl Channels {
    /// Every channel, highest priority first.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.groups.iter().flat_map(|group| &group.channels)
    }

    /// Adds a rank unless all its channels are there already.
    fn push(&mut self, mut group: ChannelGroup, originals: Vec<Url>) {
        let mut seen: Vec<ChannelUrl> = self.iter().map(|known| known.base_url.clone()).collect();
        group.channels.retain(|channel| {
            let new = !seen.contains(&channel.base_url);
            seen.push(channel.base_url.clone());
            new
        });
        if !group.channels.is_empty() {
            self.groups.push(group);
        }
        for original in originals {
            if !self.with_credentials.contains(&original) {
                self.with_credentials.push(original);
            }
        }
    }
}

/// The channels of a request: the command line's, then the environment's own, then the configured ones, which
/// `nodefaults` leaves out; conda-forge when that leaves none.
pub fn channels(
    settings: &Settings,
    of_environment: &[String],
    nodefaults: bool,
) -> Result<Channels, ChannelError> {
    let named = settings.channels.requested.iter().chain(of_environment);
    let mut nodefaults = nodefaults || settings.channels.override_configured;
    let mut result = Channels::default();
    for channel in named {
        if channel.trim() == "nodefaults" {
            nodefaults = true;
        } else {
            add(settings, channel, &mut result)?;
        }
    }
    if !nodefaults {
        for channel in settings.channels.configured.iter().filter(|channel| channel.trim() != "nodefaults") {
            add(settings, channel, &mut result)?;
        }
    }
    if result.groups.is_empty() {
        add(settings, FALLBACK, &mut result)?;
    }
    Ok(result)
}

/// Adds what one written channel stands for.
pub(crate) fn add<'a>(
    settings: &'a Settings,
    written: &'a str,
    to: &mut Channels,
) -> Result<(), ChannelError> {
    let written = written.trim();
    let mut originals = Vec::new();
    let group = match members(settings, written) {
        None => ChannelGroup { multi: None, channels: vec![single(settings, written, &mut originals)?] },
        Some(members) => {
            let mut channels = Vec::new();
            expand(settings, members, &mut vec![written], &mut channels, &mut originals)?;
            ChannelGroup { multi: Some(written.to_owned()), channels }
        }
    };
    to.push(group, originals);
    Ok(())
}

/// What a name stands for, if it stands for several.
fn members<'a>(settings: &'a Settings, written: &str) -> Option<&'a Vec<String>> {
    let known = &settings.channels;
    let is_defaults = written == "defaults" && !known.custom.contains_key(written);
    known.multi.get(written).or(if is_defaults { Some(&known.defaults) } else { None })
}

/// The channels of a multichannel; its members may be multichannels themselves. `within` are those around it.
fn expand<'a>(
    settings: &'a Settings,
    listed: &'a [String],
    within: &mut Vec<&'a str>,
    channels: &mut Vec<Channel>,
    originals: &mut Vec<Url>,
) -> Result<(), ChannelError> {
    for member in listed.iter().map(|member| member.trim()) {
        if within.contains(&member) {
            return Err(ChannelError::Circle { name: member.to_owned() });
        }
        match members(settings, member) {
            Some(inner) => {
                within.push(member);
                expand(settings, inner, within, channels, originals)?;
                within.pop();
            }
            None => channels.push(single(settings, member, originals)?),
        }
    }
    Ok(())
}

/// One channel, by itself.
pub(crate) fn lone(settings: &Settings, written: &str) -> Result<Channel, ChannelError> {
    single(settings, written, &mut Vec::new())
}

/// One channel; its URL goes to `originals` if it holds credentials.
fn single(settings: &Settings, written: &str, originals: &mut Vec<Url>) -> Result<Channel, ChannelError> {
    let written = written.trim();
    let original = base_url(settings, written)?;
    let clean = with_slash(mambox_env::strip_credentials(&original));
    if clean != original {
        originals.push(original);
    }
    let name = if is_name(written) { Some(written.trim_matches('/').to_owned()) } else { None };
    let channel = Channel::from_url(ChannelUrl::from(clean));
    Ok(Channel { name: name.or(channel.name), ..channel })
}

/// The base URL of a written channel, with a slash at its end and whatever credentials it holds.
pub(crate) fn base_url(settings: &Settings, written: &str) -> Result<Url, ChannelError> {
    let url = if is_path(written) {
        folder_url(settings, written)?
    } else if written.contains("://") {
        let url = Url::parse(written).map_err(|error| invalid(written, error))?;
        if url.scheme() == "file" { existing_folder(written, url)? } else { url }
    } else {
        name_url(settings, written)?
    };
    if !matches!(url.scheme(), "http" | "https" | "file" | "oci") {
        return Err(invalid(written, format!("{}:// is not supported", url.scheme())));
    }
    Ok(with_slash(url))
}

/// conda's rule: what begins with a dot-folder, a slash or `~/` is a path; everything else is a name, even if a
/// folder of that name exists.
fn is_path(written: &str) -> bool {
    written == "."
        || written == ".."
        || ["./", "../", "/", "~/"].iter().any(|start| written.starts_with(start))
}

fn is_name(written: &str) -> bool {
    !is_path(written) && !written.contains("://")
}

fn folder_url(settings: &Settings, written: &str) -> Result<Url, ChannelError> {
    let path = match (written.strip_prefix("~/"), &settings.home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_), None) => return Err(invalid(written, "there is no home folder")),
        (None, _) => settings.base_dir.join(written),
    };
    let path = without_dots(&path);
    let url = Url::from_directory_path(&path).map_err(|()| invalid(written, "the path is not absolute"))?;
    existing_folder(written, url)
}

fn existing_folder(written: &str, url: Url) -> Result<Url, ChannelError> {
    let path = url.to_file_path().map_err(|()| invalid(written, "the URL holds no path"))?;
    if path.is_dir() {
        Ok(url)
    } else {
        // Without the slash at its end.
        Err(ChannelError::MissingFolder { channel: written.to_owned(), path: path.components().collect() })
    }
}

/// Resolves `.` and `..` by name alone, so that one folder has one URL.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

/// A plain name below the alias, or below what `custom_channels` says for it or for its first part.
fn name_url(settings: &Settings, name: &str) -> Result<Url, ChannelError> {
    let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+' | '~');
    if name.trim_matches('/').is_empty()
        || !name.chars().all(valid)
        || name.split('/').any(|part| part == "..")
    {
        return Err(invalid(name, "it is no channel name"));
    }
    let first = name.split('/').next().unwrap_or(name);
    let custom = &settings.channels.custom;
    let base = custom.get(name).or_else(|| custom.get(first)).unwrap_or(&settings.channels.alias);
    // As in micromamba, an alias may be written without its scheme.
    let base = match base.as_str() {
        path if path.starts_with('/') => format!("file://{path}"),
        url if url.contains("://") => url.to_owned(),
        host => format!("https://{host}"),
    };
    let base = with_slash(Url::parse(&base).map_err(|error| invalid(&base, error))?);
    base.join(&format!("{}/", name.trim_matches('/'))).map_err(|error| invalid(name, error))
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

fn invalid(written: &str, reason: impl ToString) -> ChannelError {
    ChannelError::Invalid { channel: mask_text(written), reason: reason.to_string() }
}

/// A channel for a person's eyes: its name below the alias, its path, or its URL without credentials.
pub(crate) fn display(channel: &Channel) -> String {
    let url = channel.base_url.url();
    match url.to_file_path() {
        Ok(path) if url.scheme() == "file" => path.display().to_string().trim_end_matches('/').to_owned(),
        _ => mask_url(url).trim_end_matches('/').to_owned(),
    }
}
