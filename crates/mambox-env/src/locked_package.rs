//! One package of a lock.

use std::str::FromStr;

use rattler_conda_types::{
    PackageRecord, RepoDataRecord, Subdir,
    package::{CondaArchiveIdentifier, DistArchiveIdentifier, DistArchiveType},
    utils::TimestampMs,
};
use url::Url;

use crate::{
    lock_error::LockError,
    portable::{channel_url, portable_channel, portable_url, strip_credentials},
};

/// Longest file name that file systems take.
const MAX_FILE_NAME: usize = 255;

/// A package with all that is needed to fetch, check and link it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPackage {
    /// The repodata record; its `sha256`, or else its `md5`, is set.
    pub record: PackageRecord,
    /// Where the archive lies; without credentials.
    pub url: Url,
    /// URL of the channel, without credentials and without a slash at the end.
    pub channel: Option<String>,
    /// Name of the archive: no slash, no control character, ends in `.conda` or `.tar.bz2`.
    pub file_name: String,
}

impl LockedPackage {
    /// A package whose file name is the last segment of its URL.
    ///
    /// `channel` counts when it is a URL; a mere name is replaced by what stands before
    /// `<subdir>/<file>` in the package's URL, so that every way to a lock gives the same value.
    ///
    /// # Errors
    /// When the URL does not end in a file name of a conda package, when a name in the record could
    /// not be a file's name, or when the record holds no hash.
    pub fn new(record: PackageRecord, url: &Url, channel: Option<&str>) -> Result<Self, LockError> {
        let segment = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        Self::with_file_name(record, url, channel, &percent_decode(segment))
    }

    /// A package from a solved record.
    ///
    /// # Errors
    /// As [`LockedPackage::new`].
    pub fn from_repodata(record: RepoDataRecord) -> Result<Self, LockError> {
        let file_name = record.identifier.to_file_name();
        Self::with_file_name(record.package_record, &record.url, record.channel.as_deref(), &file_name)
    }

    /// As [`LockedPackage::new`], with a file name that need not be the URL's.
    ///
    /// # Errors
    /// As [`LockedPackage::new`].
    pub fn with_file_name(
        record: PackageRecord,
        url: &Url,
        channel: Option<&str>,
        file_name: &str,
    ) -> Result<Self, LockError> {
        let url = canonical_url(strip_credentials(url))?;
        check_file_name(file_name, &url)?;
        check_record_names(&record, &url)?;
        if record.sha256.is_none() && record.md5.is_none() {
            return Err(LockError::NoHash { package: label(&record), url: url.to_string() });
        }
        let channel = match channel.and_then(channel_url) {
            Some(channel) => Some(strip_credentials(&channel)),
            None => parent_channel(&url),
        };
        let channel = channel.map(|channel| channel.as_str().trim_end_matches('/').to_owned());
        Ok(Self { record: canonical_record(record), url, channel, file_name: file_name.to_owned() })
    }

    /// Normalised name.
    pub fn name(&self) -> &str {
        self.record.name.as_normalized()
    }

    /// The package as it may stand in an image: see [`portable_url`].
    pub fn portable(&self) -> Self {
        Self {
            url: portable_url(&self.url),
            channel: self.channel.as_deref().map(portable_channel),
            ..self.clone()
        }
    }

    /// The record as rattler's installer and solver take it.
    pub fn to_repodata(&self) -> Option<RepoDataRecord> {
        Some(RepoDataRecord {
            package_record: self.record.clone(),
            identifier: self.identifier()?,
            url: self.url.clone(),
            channel: self.channel.clone(),
        })
    }

    /// Name, version, build and archive type from the file name; some always, since the constructor
    /// checked it, unless the public field was changed.
    pub(crate) fn identifier(&self) -> Option<DistArchiveIdentifier> {
        CondaArchiveIdentifier::try_from_filename(&self.file_name).map(Into::into)
    }
}

/// `name-version-build`, for messages.
pub(crate) fn label(record: &PackageRecord) -> String {
    format!("{}-{}-{}", record.name.as_normalized(), record.version, record.build.as_str())
}

fn check_file_name(file_name: &str, url: &Url) -> Result<(), LockError> {
    let reject = |why: &str| {
        Err(LockError::FileName {
            file_name: printable(file_name),
            url: url.to_string(),
            why: why.to_owned(),
        })
    };
    if !is_safe_component(file_name) {
        return reject("it is no plain file name");
    }
    match DistArchiveIdentifier::try_from_filename(file_name).map(|id| id.archive_type) {
        Some(DistArchiveType::Conda(_)) => Ok(()),
        Some(DistArchiveType::Wheel(_)) => reject("wheels are not supported, only conda packages are"),
        None => reject("a conda package is named NAME-VERSION-BUILD.conda or .tar.bz2"),
    }
}

/// Name, version and build become a file name in `conda-meta`, so they must be fit for one.
fn check_record_names(record: &PackageRecord, url: &Url) -> Result<(), LockError> {
    let name = record.name.as_normalized();
    let version = record.version.to_string();
    let build = record.build.as_str();
    for (field, value) in [("name", name), ("version", &version), ("build", build)] {
        // An empty build is old but legal.
        if !(is_safe_component(value) || (field == "build" && value.is_empty())) {
            let value = printable(value);
            return Err(LockError::RecordField { field, value, url: url.to_string() });
        }
    }
    Ok(())
}

/// No folder, no parent, nothing a terminal or a file system would act upon.
fn is_safe_component(text: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\');
    !text.is_empty() && text.len() <= MAX_FILE_NAME && text != "." && text != ".." && !text.contains(bad)
}

fn printable(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

/// Brings a record into the one form that all sources agree upon and that survives the lock's text.
fn canonical_record(mut record: PackageRecord) -> PackageRecord {
    let subdir = Subdir::from_str(&record.subdir).ok();
    record.arch = subdir.and_then(|subdir| subdir.arch()).map(|arch| arch.to_string());
    record.platform = subdir.and_then(|subdir| subdir.only_platform().map(str::to_owned));
    // Some indexes carry them, some do not; an environment has no use for them.
    record.run_exports = None;
    record.indexed_timestamp = None;
    // The lock's text cannot tell milliseconds before 1978 from seconds. Such a time is none.
    const SECONDS_UNTIL_YEAR_9999: i64 = 253_402_300_799;
    record.timestamp = record
        .timestamp
        .filter(|time| time.timestamp_millis() > SECONDS_UNTIL_YEAR_9999)
        .map(|time| TimestampMs::from_timestamp_millis(time.jiff_timestamp()));
    record
}

/// A `file:` URL in the one spelling that its path gives. The lock's text holds the path.
pub(crate) fn canonical_url(url: Url) -> Result<Url, LockError> {
    if url.scheme() != "file" {
        return Ok(url);
    }
    file_path(&url)
        .and_then(|path| Url::from_file_path(path).ok())
        .ok_or_else(|| LockError::FileUrl { url: url.to_string() })
}

/// The path of a `file:` URL.
pub(crate) fn file_path(url: &Url) -> Option<String> {
    let path = if url.scheme() == "file" { url.to_file_path().ok() } else { None };
    path.and_then(|path| path.to_str().map(str::to_owned))
}

/// What stands before `<subdir>/<file>`.
fn parent_channel(url: &Url) -> Option<Url> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let channel = segments.get(..segments.len().checked_sub(2)?)?;
    let mut parent = url.clone();
    parent.set_path(&format!("/{}", channel.join("/")));
    (!channel.is_empty()).then_some(parent)
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
