//! Writing a layout into a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use mambox_oci::{Digest, IndexManifest, canonical_json};
use mambox_progress::{Outcome, Reporter, Stage, Task, Unit};

use super::pieces::{Piece, annotations, index_json, pieces};
use super::{MAX_MANIFEST, blob_name};
use crate::files::atomic::{self, NewFile, NewFolder};
use crate::files::{copy_layer, read_limited};
use crate::job::Job;
use crate::{Contents, TransportError};

/// The marker file of a layout (image-layout.md).
pub(crate) const MARKER: (&str, &str) = ("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);

/// Writes a layout, or adds to the one that is there.
///
/// A new one is made beside its place and renamed. In an old one the blobs come first and `index.json` last,
/// so that a reader sees all of the image or nothing; a blob that is there in its size is not touched.
pub(crate) fn write(
    contents: &Contents,
    dir: &Path,
    tag: Option<&str>,
    names: &[String],
    concurrency: usize,
    job: &Job,
) -> Result<(), TransportError> {
    let names = annotations(tag, names)?;
    let pieces = pieces(contents);
    let needed = pieces.values().map(Piece::size).sum();
    let reporter: &dyn Reporter = job;
    let task = reporter.begin(Stage::Write, format!("oci:{}", dir.display()), Some(needed), Unit::Bytes);
    let failed = || TransportError::writing(dir, needed);
    let outcome = if is_new(dir)? {
        let folder = atomic::parent(dir).map_err(failed())?;
        fs::create_dir_all(&folder).map_err(failed())?;
        atomic::clean(&folder);
        let new = NewFolder::beside(dir).map_err(failed())?;
        fill(new.temp_path(), &pieces, concurrency, job, &task).map_err(failed())?;
        let json = canonical_json(&index_json(contents, &names, None)).unwrap_or_default();
        put(new.temp_path(), "index.json", &json).map_err(failed())?;
        job.check().and_then(|()| new.commit()).map_err(failed())?;
        Outcome::Done
    } else {
        atomic::clean(dir);
        let copied = fill(dir, &pieces, concurrency, job, &task).map_err(failed())?;
        let changed = add_entries(contents, dir, &names, job)?;
        if copied || changed { Outcome::Done } else { Outcome::Reused }
    };
    task.finish(outcome);
    Ok(())
}

/// Whether there is no layout yet; an error if there is something else.
fn is_new(dir: &Path) -> Result<bool, TransportError> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(TransportError::io("write", dir)(error)),
        Ok(true) => Ok(true),
        Ok(false) if dir.join(MARKER.0).is_file() => Ok(false),
        Ok(false) => Err(TransportError::NotAnImage {
            path: dir.into(),
            found: "a folder with other content than an OCI layout".into(),
            hint: "name a new or empty folder, or a layout to add to",
        }),
    }
}

/// Puts the marker and the blobs that are missing into a folder; tells whether there were any.
fn fill(
    dir: &Path,
    pieces: &BTreeMap<Digest, Piece>,
    concurrency: usize,
    job: &Job,
    task: &Task<'_>,
) -> io::Result<bool> {
    fs::create_dir_all(dir.join("blobs/sha256"))?;
    if !dir.join(MARKER.0).exists() {
        put(dir, MARKER.0, MARKER.1.as_bytes())?;
    }
    let (old, new): (Vec<_>, Vec<_>) =
        pieces.iter().partition(|(digest, piece)| there(dir, digest, piece.size()));
    task.advance(old.iter().map(|(_, piece)| piece.size()).sum());
    if new.is_empty() {
        return Ok(false);
    }
    let queue = Mutex::new(new.into_iter());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let work = || -> io::Result<()> {
        while let Some((digest, piece)) = next() {
            if let Err(error) = put_blob(dir, digest, piece, job) {
                // The others need not go on.
                while next().is_some() {}
                return Err(error);
            }
            task.advance(piece.size());
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..concurrency.clamp(1, 16)).map(|_| scope.spawn(work)).collect();
        // The scope waits for those that are not joined after a failure.
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread that wrote blobs died")))
        })
    })?;
    atomic::sync_folder(&dir.join("blobs/sha256"))?;
    Ok(true)
}

fn there(dir: &Path, digest: &Digest, size: u64) -> bool {
    fs::symlink_metadata(dir.join(blob_name(digest))).is_ok_and(|meta| meta.is_file() && meta.len() == size)
}

/// Whether a layout has all layers already, so that none needs to be fetched.
pub(crate) fn holds(contents: &Contents, dir: &Path) -> bool {
    let layers = contents.images().iter().flat_map(mambox_oci::Image::layers);
    layers.map(mambox_oci::Layer::descriptor).all(|layer| there(dir, &layer.digest, layer.size))
}

fn put_blob(dir: &Path, digest: &Digest, piece: &Piece, job: &Job) -> io::Result<()> {
    // Temporary files lie beside `blobs`: umoci and others take every file in there for a blob.
    let mut new = NewFile::within(dir, &dir.join(blob_name(digest)))?;
    match piece {
        Piece::Bytes(bytes) => new.file().write_all(bytes)?,
        Piece::Layer(layer) => copy_layer(layer, &mut new, job)?,
    }
    new.commit()
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut new = NewFile::beside(&dir.join(name))?;
    new.file().write_all(bytes)?;
    new.commit()
}

/// Adds to `index.json`; locked, so that two builds may add to one layout. Tells whether it changed.
fn add_entries(
    contents: &Contents,
    dir: &Path,
    names: &[BTreeMap<String, String>],
    job: &Job,
) -> Result<bool, TransportError> {
    let path = dir.join("index.json");
    let failed = || TransportError::io("write", &path);
    let lock = File::open(dir.join(MARKER.0)).map_err(failed())?;
    // A file system without locks is written to without one.
    let _ = lock.lock();
    let old_bytes = match File::open(&path) {
        Ok(file) => Some(read_limited(file, MAX_MANIFEST).map_err(TransportError::io("read", &path))?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(TransportError::io("read", &path)(error)),
    };
    let old = old_bytes.as_deref().map(IndexManifest::parse).transpose();
    let old =
        old.map_err(|source| TransportError::Image { reference: path.display().to_string(), source })?;
    let json = canonical_json(&index_json(contents, names, old.as_ref())).unwrap_or_default();
    if old_bytes.as_ref() == Some(&json) {
        return Ok(false);
    }
    job.check().and_then(|()| put(dir, "index.json", &json)).map_err(failed())?;
    Ok(true)
}
