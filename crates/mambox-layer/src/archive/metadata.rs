//! What the `info` part of a package says about itself.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use rattler_conda_types::package::{
    EntryPoint, Files, HasPrefix, IndexJson, LinkJson, NoArchLinks, NoLink, NoSoftlink, PackageFile,
    PathType, PathsJson,
};

use super::source::{Archive, Part};
use super::tar_reader::{EntryKind, damaged};
use crate::error::Problem;

/// Of paths.json and its forerunners; with 300 000 files it has about 90 MB.
const MAX_LIST: u64 = 128 * 1024 * 1024;
/// Of any other metadata file.
const MAX_FILE: u64 = 8 * 1024 * 1024;
/// Of the info part, which also holds recipes and test files.
const MAX_INFO: u64 = 4 * 1024 * 1024 * 1024;
/// Of a payload whose metadata tells no sizes.
const MAX_UNDECLARED: u64 = 64 * 1024 * 1024 * 1024;
/// Entries beyond those that paths.json lists.
pub(crate) const MAX_ENTRIES: u64 = 4_000_000;

/// The part of a package's metadata that decides how it is linked.
#[derive(Debug, Clone)]
pub struct PackageMetadata {
    /// `info/index.json`.
    pub index: IndexJson,
    /// `info/paths.json`, or what the older `info/files` and `info/has_prefix` say.
    pub paths: PathsJson,
    /// Entry points of a noarch python package, from `info/link.json`.
    pub entry_points: Vec<EntryPoint>,
    /// Modification time of `info/about.json`, in seconds; it is the last file that conda-build writes.
    pub(crate) about_mtime: Option<u64>,
}

impl PackageMetadata {
    /// Whether the package is installed according to the environment's python.
    pub fn is_noarch_python(&self) -> bool {
        self.index.noarch.is_python()
    }

    /// Bytes that an honest payload takes at most as a tar stream; sizes are missing in old packages.
    pub(crate) fn payload_limit(&self) -> u64 {
        const UNLISTED: u64 = 256 * 1024 * 1024;
        /// Header, PAX records and padding of one entry.
        const OVERHEAD: u64 = 8 * 1024;
        let mut sizes = self.paths.paths.iter().map(|entry| match entry.path_type {
            PathType::HardLink => entry.size_in_bytes,
            PathType::SoftLink | PathType::Directory => Some(0),
        });
        let with = |sum: u64, size: Option<u64>| Some(sum.saturating_add(size?).saturating_add(OVERHEAD));
        sizes.try_fold(UNLISTED, with).unwrap_or(MAX_UNDECLARED)
    }
}

/// The files of `info/` as bytes, as far as they concern us.
#[derive(Default)]
struct Raw {
    files: HashMap<&'static str, Vec<u8>>,
    about_mtime: Option<u64>,
}

const INDEX: &str = "info/index.json";
const PATHS: &str = "info/paths.json";
const LINK: &str = "info/link.json";
const ABOUT: &str = "info/about.json";
const FILES: &str = "info/files";
const HAS_PREFIX: &str = "info/has_prefix";
const NO_LINK: &str = "info/no_link";
const NO_SOFTLINK: &str = "info/no_softlink";
const WANTED: [&str; 7] = [INDEX, PATHS, LINK, FILES, HAS_PREFIX, NO_LINK, NO_SOFTLINK];

pub(super) fn read(archive: &Archive) -> Result<PackageMetadata, Problem> {
    let raw = read_raw(archive)?;
    let index: IndexJson = raw.parse(INDEX)?.ok_or(Problem::Missing(INDEX))?;
    let paths = match raw.parse(PATHS)? {
        Some(paths) => paths,
        None => legacy_paths(archive, &raw)?,
    };
    let link: Option<LinkJson> = if index.noarch.is_python() { raw.parse(LINK)? } else { None };
    let entry_points = match link.map(|link| link.noarch) {
        Some(NoArchLinks::Python(python)) => python.entry_points,
        Some(NoArchLinks::Generic) => {
            let why = "a noarch python package has a generic link.json".to_owned();
            return Err(Problem::Metadata { file: LINK, why });
        }
        None => Vec::new(),
    };
    Ok(PackageMetadata { index, paths, entry_points, about_mtime: raw.about_mtime })
}

fn read_raw(archive: &Archive) -> Result<Raw, Problem> {
    let limit = if archive.is_one_stream() { MAX_UNDECLARED } else { MAX_INFO };
    let mut tar = archive.part(Part::Info, limit, MAX_ENTRIES)?;
    let mut raw = Raw::default();
    while let Some(entry) = tar.next_entry()? {
        let Some(path) = entry.path.as_deref() else { continue };
        // In a .tar.bz2 the info files come first, so the payload need not be decompressed for them.
        if archive.is_one_stream() && !path.starts_with("info/") && raw.is_complete() {
            return Ok(raw);
        }
        if path == ABOUT {
            raw.about_mtime = Some(entry.mtime);
        }
        let Some(wanted) = WANTED.iter().find(|wanted| **wanted == path) else { continue };
        if entry.kind != EntryKind::File {
            return Err(Problem::path(path, "should be a file"));
        }
        let most = if [INDEX, LINK].contains(wanted) { MAX_FILE } else { MAX_LIST };
        if entry.size > most {
            return Err(Problem::TooBig { what: format!("its {wanted}"), limit: format!("{most} bytes") });
        }
        let mut bytes = Vec::new();
        tar.read_to_end(&mut bytes).map_err(damaged)?;
        raw.files.insert(wanted, bytes);
    }
    if !archive.is_one_stream() {
        tar.finish()?;
    }
    Ok(raw)
}

impl Raw {
    /// Whether nothing that matters can follow, whatever the order of the files.
    fn is_complete(&self) -> bool {
        let has = |file| self.files.contains_key(file);
        let generic =
            || self.parse::<IndexJson>(INDEX).ok().flatten().is_some_and(|index| !index.noarch.is_python());
        has(INDEX) && has(PATHS) && self.about_mtime.is_some() && (has(LINK) || generic())
    }

    fn parse<T: PackageFile>(&self, file: &'static str) -> Result<Option<T>, Problem> {
        let Some(bytes) = self.files.get(file) else { return Ok(None) };
        let parsed =
            T::from_slice(bytes).map_err(|error| Problem::Metadata { file, why: error.to_string() })?;
        Ok(Some(parsed))
    }
}

/// What `info/files` and its companions say, as rattler understands them; types come from the payload.
fn legacy_paths(archive: &Archive, raw: &Raw) -> Result<PathsJson, Problem> {
    let files: Files =
        raw.parse(FILES)?.ok_or(Problem::Missing("info/paths.json (nor the older info/files)"))?;
    let has_prefix: Option<HasPrefix> = raw.parse(HAS_PREFIX)?;
    let no_link: Option<NoLink> = raw.parse(NO_LINK)?;
    let no_softlink: Option<NoSoftlink> = raw.parse(NO_SOFTLINK)?;
    let types = payload_types(archive)?;
    PathsJson::from_deprecated(files, has_prefix, no_link, no_softlink, |path: &Path| {
        let path = path.to_string_lossy();
        let held = types.get(path.trim_end_matches('/')).copied();
        held.ok_or_else(|| Problem::NotHeld(path.into_owned()))
    })
}

fn payload_types(archive: &Archive) -> Result<HashMap<String, PathType>, Problem> {
    let mut tar = archive.part(Part::Payload, MAX_UNDECLARED, MAX_ENTRIES)?;
    let mut types = HashMap::new();
    while let Some(entry) = tar.next_entry()? {
        let kind = match entry.kind {
            EntryKind::File | EntryKind::HardLink(_) => PathType::HardLink,
            EntryKind::Symlink(_) => PathType::SoftLink,
            EntryKind::Directory => PathType::Directory,
        };
        if let Some(path) = entry.path {
            types.insert(path, kind);
        }
    }
    tar.finish()?;
    Ok(types)
}
