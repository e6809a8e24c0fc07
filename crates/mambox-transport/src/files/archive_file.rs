//! An image archive as a file that appears whole.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use mambox_progress::{Outcome, Reporter, Stage, Unit};

use super::atomic::{self, NewFile};
use super::tar_writer::ArchiveWriter;
use crate::TransportError;
use crate::job::Job;
use crate::layout::Piece;

/// Writes folders and members, sorted by name, into a tar. Layers are verified on their way.
pub(crate) fn write_archive(
    path: &Path,
    folders: &[&str],
    members: &BTreeMap<String, Piece>,
    job: &Job,
) -> Result<(), TransportError> {
    let needed = members.values().map(Piece::size).sum();
    let failed = || TransportError::writing(path, needed);
    let reporter: &dyn Reporter = job;
    let task = reporter.begin(Stage::Write, path.display().to_string(), Some(needed), Unit::Bytes);
    let folder = atomic::parent(path).map_err(failed())?;
    // As for a layout, a folder that is missing is made.
    std::fs::create_dir_all(&folder).map_err(failed())?;
    atomic::clean(&folder);
    let mut new = NewFile::beside(path).map_err(failed())?;
    let write = |new: &mut NewFile| {
        write_members(new.file(), folders, members, &|bytes| task.advance(bytes), job)?;
        job.check()
    };
    write(&mut new).map_err(failed())?;
    new.commit().map_err(failed())?;
    task.finish(Outcome::Done);
    Ok(())
}

/// Writes folders and members into a tar; `advance` is told the size of each member written.
pub(crate) fn write_members(
    sink: impl Write,
    folders: &[&str],
    members: &BTreeMap<String, Piece>,
    advance: &dyn Fn(u64),
    job: &Job,
) -> io::Result<()> {
    let mut archive = ArchiveWriter::new(sink, job);
    for folder in folders {
        archive.folder(folder)?;
    }
    for (name, piece) in members {
        match piece {
            Piece::Bytes(bytes) => archive.file(name, piece.size(), &mut bytes.as_slice())?,
            Piece::Layer(layer) => archive.file(name, piece.size(), &mut layer.open()?)?,
        }
        advance(piece.size());
    }
    archive.finish()
}
