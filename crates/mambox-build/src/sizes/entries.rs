//! One pass over the layers: every file with size and digest, and what conda's records say of their packages.

use std::collections::HashMap;
use std::io::{self, Read};

use mambox_layer::recorded_paths;
use mambox_oci::{Digest, HashingWriter, Image, Layer};
use serde::Deserialize;

/// More than any image has; a hostile one could fill the memory.
const MAX_ENTRIES: usize = 5_000_000;
/// A record of a package with all of boost's headers has some MB.
const MAX_RECORD: u64 = 64 << 20;
/// Smaller files are no reason for a big image.
const HASHED: u64 = 4096;

/// A file of a layer.
pub(super) struct File {
    /// Relative to the root.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Of files that are worth a comparison.
    pub(super) digest: Option<Digest>,
    /// The layer's number, from the bottom.
    pub(super) layer: usize,
}

/// A package according to its record.
pub(super) struct Package {
    /// Relative to the root.
    pub(super) prefix: String,
    pub(super) name: String,
    pub(super) version: String,
}

/// All of an image.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) files: Vec<File>,
    pub(super) packages: Vec<Package>,
    /// Indexes of `packages` by their files' paths, relative to the root.
    pub(super) owners: HashMap<String, usize>,
    /// What distributions of Python say of their files, by the path of their RECORD.
    records: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Record {
    name: String,
    version: String,
    #[serde(default)]
    files: Vec<String>,
}

impl Entries {
    /// Reads all layers; `base` is the number of those whose records are nobody's business here.
    pub(super) fn read(image: &Image, base: usize) -> io::Result<Self> {
        let mut entries = Self::default();
        for (index, layer) in image.layers().iter().enumerate() {
            entries.layer(index, layer, index >= base)?;
        }
        entries.take_wheels();
        Ok(entries)
    }

    /// The distributions that are no conda package's.
    fn take_wheels(&mut self) {
        for (path, text) in std::mem::take(&mut self.records) {
            if self.owners.contains_key(&path) {
                continue;
            }
            let prefixes = self.packages.iter().map(|package| &package.prefix);
            let within = prefixes
                .filter(|prefix| path.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with('/')));
            let (Some(prefix), Some((site, name, version))) =
                (within.max_by_key(|p| p.len()), distribution(&path))
            else {
                continue;
            };
            let package =
                Package { prefix: prefix.clone(), name: name.to_owned(), version: version.to_owned() };
            let index = self.packages.len();
            let files = recorded_paths(site, &text).into_iter();
            self.owners.extend(files.map(|file| (file, index)));
            self.packages.push(package);
        }
    }

    fn layer(&mut self, index: usize, layer: &Layer, ours: bool) -> io::Result<()> {
        let mut tar = tar::Archive::new(layer.open_tar()?);
        for entry in tar.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            if self.files.len() == MAX_ENTRIES {
                let why = format!("the image has more than {MAX_ENTRIES} files");
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
            let bytes = entry.size();
            let prefix = record_of(&path).filter(|_| ours && bytes <= MAX_RECORD).map(str::to_owned);
            let is_wheel = ours && bytes <= MAX_RECORD && distribution(&path).is_some();
            let digest = match prefix {
                Some(prefix) => self.record(prefix, &path, &mut entry)?,
                None if is_wheel => {
                    let mut text = Vec::new();
                    entry.read_to_end(&mut text)?;
                    self.records.push((path.clone(), String::from_utf8_lossy(&text).into_owned()));
                    None
                }
                None if bytes >= HASHED => Some(digest(&mut entry)?),
                None => None,
            };
            self.files.push(File { path, bytes, digest, layer: index });
        }
        Ok(())
    }

    /// Takes a record's packages; what is no record is none of conda's.
    fn record(&mut self, prefix: String, path: &str, entry: &mut impl Read) -> io::Result<Option<Digest>> {
        let mut text = Vec::new();
        entry.read_to_end(&mut text)?;
        let Ok(record) = serde_json::from_slice::<Record>(&text) else { return Ok(None) };
        let package = self.packages.len();
        let own = [path.to_owned()].into_iter();
        let files = record.files.iter().map(|file| format!("{prefix}/{file}"));
        self.owners.extend(own.chain(files).map(|path| (path, package)));
        self.packages.push(Package { prefix, name: record.name, version: record.version });
        Ok(None)
    }
}

/// Site-packages, name and version of the distribution whose RECORD this is.
fn distribution(path: &str) -> Option<(&str, &str, &str)> {
    let (site, folder) = path.strip_suffix(".dist-info/RECORD")?.rsplit_once('/')?;
    let (name, version) = folder.split_once('-')?;
    Some((site, name, version))
}

/// The prefix of which a path is a package's record.
fn record_of(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    folder.strip_suffix("/conda-meta").filter(|_| name.ends_with(".json"))
}

fn digest(content: &mut impl Read) -> io::Result<Digest> {
    let mut hash = HashingWriter::new(io::sink());
    io::copy(content, &mut hash)?;
    let (_, digest, _) = hash.finish();
    Ok(digest)
}
