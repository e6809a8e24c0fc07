//! Copying that can be interrupted and that verifies.

use std::fs;
use std::io::{self, Read, Seek, Write};

use mambox_oci::{Layer, VerifyingReader};

use super::atomic::NewFile;
use super::tar_stream::invalid;
use crate::job::Job;

/// Copies to the end; fails soon after the work was cancelled. Returns the number of bytes.
pub(crate) fn copy(
    from: &mut (impl Read + ?Sized),
    to: &mut (impl Write + ?Sized),
    job: &Job,
) -> io::Result<u64> {
    // Large enough for hashing to run at full speed, small enough to stay in the processor's cache.
    let mut buffer = vec![0; 1 << 18];
    let mut copied = 0;
    loop {
        job.check()?;
        match from.read(&mut buffer) {
            Ok(0) => return Ok(copied),
            Ok(read) => {
                to.write_all(&buffer[..read])?;
                copied += read as u64;
            }
            // A signal is no cancellation.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes a layer's stored bytes into a new file, always verified: a cache may be shared, and a disk may rot.
///
/// Where the file system can share extents (btrfs, xfs, APFS) nothing is copied; the clone is then what
/// is verified, since the original may change under our hands.
pub(crate) fn copy_layer(layer: &Layer, new: &mut NewFile, job: &Job) -> io::Result<()> {
    if let Some(source) = layer.blob().path()
        && clone(source, new)?
    {
        let descriptor = layer.descriptor();
        let file = new.file();
        file.rewind()?;
        copy(&mut VerifyingReader::new(file, descriptor.digest, descriptor.size), &mut io::sink(), job)?;
        return Ok(());
    }
    copy(&mut layer.open()?, new.file(), job)?;
    Ok(())
}

/// Makes the new file a clone of `source`, where that is possible.
fn clone(source: &std::path::Path, new: &mut NewFile) -> io::Result<bool> {
    let clone = new.temp_path().with_extension("clone.tmp");
    match reflink_copy::reflink(source, &clone) {
        Ok(()) => {
            fs::rename(&clone, new.temp_path())?;
            new.reopen()?;
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// Reads all of something small.
pub(crate) fn read_limited(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= limit {
        true => Ok(bytes),
        false => Err(invalid(format!("it is larger than {limit} bytes, which nothing of its kind is"))),
    }
}
