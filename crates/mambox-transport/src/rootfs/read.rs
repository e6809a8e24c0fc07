//! A root file system as an image of one layer.
//!
//! The layer is the canonical tar of the tree, so that neither the order of a tar's members nor its format
//! shows, nor whether it came packed or as a folder. Times to the second, modes and owners are kept; see
//! `tree::from_folder` and `tree::apply` for what is not. It is made once and then found again by the
//! state of the file (see `files::remember`) or, for a tar that was moved or touched, by its sha256.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use mambox_oci::{Digest, HashingWriter, History, Image, Platform};

use crate::files::archive::plain_tar;
use crate::files::copy;
use crate::files::remember::State;
use crate::job::Job;
use crate::made::{Record, Workshop};
use crate::tree::{Names, Tree, encode, from_folder, from_tar};
use crate::{Transport, TransportError};
use mambox_progress::Reporter;

/// The version of the canonical tar; a change of a byte of it makes it another.
const KIND: &str = "rootfs-1";

/// Reads a folder or a tar.
pub(crate) fn read(
    path: &Path,
    platform: &Platform,
    transport: &Transport,
    job: &Job,
) -> Result<Image, TransportError> {
    let workshop = Workshop::new(transport, transport.compression)?;
    let meta = fs::metadata(path).map_err(TransportError::io("read", path))?;
    let record = match meta.is_dir() {
        true => folder(path, &workshop, job)?,
        false => tar(path, State::of(path, &meta), &workshop, transport, job)?,
    };
    // Nothing of the path: it would make the same tree another image elsewhere.
    let history = History {
        // `umoci stat` crashes on a step without a time.
        created: Some("1970-01-01T00:00:00Z".into()),
        created_by: Some("root file system".into()),
        ..History::default()
    };
    let layer = workshop.layer(&record, history).ok_or_else(|| {
        TransportError::malformed(path, "its layer vanished from the cache while it was read")
    })?;
    Image::scratch(platform)
        .with_layers(&[layer])
        .map_err(|source| TransportError::Image { reference: path.display().to_string(), source })
}

fn usable(workshop: &Workshop, record: Option<Record>) -> Option<Record> {
    record.filter(|record| workshop.layer(record, History::default()).is_some())
}

fn folder(path: &Path, workshop: &Workshop, job: &Job) -> Result<Record, TransportError> {
    let path = &fs::canonicalize(path).map_err(TransportError::io("read", path))?;
    let memory = workshop.memory(KIND);
    let (tree, state) = from_folder(path)?;
    if let Some(record) = usable(workshop, memory.recall(&state)) {
        return Ok(record);
    }
    let record = workshop.make(|out| encode(&tree, out, job)).map_err(TransportError::io("read", path))?;
    // Only what did not change meanwhile is known.
    if from_folder(path)?.1 == state {
        memory.keep(&state, &record);
    }
    Ok(record)
}

fn tar(
    path: &Path,
    state: State,
    workshop: &Workshop,
    transport: &Transport,
    job: &Job,
) -> Result<Record, TransportError> {
    let memory = workshop.memory(KIND);
    if let Some(record) = usable(workshop, memory.recall(&state)) {
        return Ok(record);
    }
    let read_error = || TransportError::io("read", path);
    let key = format!("tar {}", sha256(path, job).map_err(read_error())?);
    let record = match usable(workshop, memory.recall_text(&key)) {
        Some(record) => record,
        None => {
            let record = encode_tar(path, workshop, transport, job)?;
            memory.keep_text(&key, &record);
            record
        }
    };
    if State::of(path, &fs::metadata(path).map_err(read_error())?) == state {
        memory.keep(&state, &record);
    }
    Ok(record)
}

fn encode_tar(
    path: &Path,
    workshop: &Workshop,
    transport: &Transport,
    job: &Job,
) -> Result<Record, TransportError> {
    let read_error = || TransportError::io("read", path);
    let file = plain_tar(path, transport.cache_dir.as_deref(), job)?;
    let mut tree = Tree::default();
    let devices = from_tar(&file, Names::RootFs, &mut tree).map_err(read_error())?;
    if tree.iter().next().is_none() {
        return Err(TransportError::malformed(path, "it is an empty tar"));
    }
    if let Some(device) = devices.first() {
        let reporter: &dyn Reporter = job;
        reporter.warn(format!(
            "{}: left out {} device nodes, such as {device}",
            path.display(),
            devices.len()
        ));
    }
    workshop.make(|out| encode(&tree, out, job)).map_err(read_error())
}

fn sha256(path: &Path, job: &Job) -> io::Result<Digest> {
    let mut hash = HashingWriter::new(io::sink());
    let mut file = File::open(path)?;
    copy(&mut file as &mut dyn Read, &mut hash, job)?;
    Ok(hash.finish().1)
}
