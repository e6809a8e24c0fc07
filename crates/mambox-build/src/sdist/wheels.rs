//! Wheels that were built, by the digest of their key: `<cache>/wheels/<2 hex>/<64 hex>/{NAME.whl,wheel.json}`.
//!
//! A wheel is checked against its digest whenever it is taken from here: a shared cache is no more trusted than a network.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mambox_env::WheelName;
use mambox_oci::Digest;
use serde::{Deserialize, Serialize};

use super::error::SdistProblem;
use crate::cache_entry;
use crate::package_file::hash_file;

/// Below the cache folder.
pub(crate) const FOLDER: &str = "wheels";
const ABOUT: &str = "wheel.json";
/// A larger description is not ours.
const MOST_ABOUT: u64 = 64 << 10;

/// A wheel in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltWheel {
    /// `NAME-VERSION-PYTHON-ABI-PLATFORM.whl`.
    pub(crate) file_name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Of its bytes.
    pub(crate) sha256: Digest,
    /// In bytes.
    pub(crate) size: u64,
}

/// `wheel.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    file_name: String,
    sha256: Digest,
    size: u64,
}

/// The folder of built wheels.
#[derive(Debug, Clone)]
pub(super) struct Wheels(PathBuf);

impl Wheels {
    /// Below `cache_dir`; nothing is made before something is stored.
    pub(super) fn new(cache_dir: &Path) -> Self {
        Self(cache_dir.join(FOLDER))
    }

    /// Looks a wheel up and marks it as used. One that is damaged counts as absent.
    pub(super) fn get(&self, key: Digest) -> Option<BuiltWheel> {
        let folder = cache_entry::folder(&self.0, key);
        let wheel = whole(&folder)?;
        cache_entry::mark_used(&folder.join(ABOUT));
        Some(wheel)
    }

    /// Stores a wheel: `write` gets its file and where that is.
    pub(super) fn insert(
        &self,
        key: Digest,
        file_name: &str,
        write: impl FnOnce(&mut File, &Path) -> Result<(), SdistProblem>,
    ) -> Result<BuiltWheel, SdistProblem> {
        let folder = cache_entry::folder(&self.0, key);
        let failed = || SdistProblem::io("cannot write to the cache", &folder);
        let temporary = cache_entry::beside(&folder).map_err(failed())?;
        let path = temporary.path().join(file_name);
        let mut file = File::create_new(&path).map_err(failed())?;
        write(&mut file, &path)?;
        let describe = || {
            file.sync_all()?;
            let (sha256, size) = hash_file(&path)?;
            let mut about = File::create_new(temporary.path().join(ABOUT))?;
            about.write_all(&serde_json::to_vec(&About {
                file_name: file_name.to_owned(),
                sha256,
                size,
            })?)?;
            about.sync_all()
        };
        describe().map_err(failed())?;
        cache_entry::publish(temporary, &folder, |folder| whole(folder).is_some()).map_err(failed())?;
        whole(&folder).ok_or_else(|| failed()(io::Error::other("another process removed it")))
    }
}

fn whole(folder: &Path) -> Option<BuiltWheel> {
    let path = folder.join(ABOUT);
    let small = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MOST_ABOUT);
    let about: About = serde_json::from_slice(&fs::read(small.then_some(path)?).ok()?).ok()?;
    // A name of a wheel is no path.
    WheelName::parse(&about.file_name).ok()?;
    let path = folder.join(&about.file_name);
    let fits =
        fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == about.size);
    let same = fits && hash_file(&path).is_ok_and(|found| found == (about.sha256, about.size));
    same.then_some(BuiltWheel { file_name: about.file_name, path, sha256: about.sha256, size: about.size })
}
