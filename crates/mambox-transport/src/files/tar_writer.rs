//! Archives that are the same to the byte for the same members.

use std::io::{self, BufWriter, Read, Write};

use tar::{EntryType, Header};

use crate::job::Job;

/// Writes an image archive: plain files and folders of root, from 1970, in the order they are given.
/// No member for the root itself: Apptainer calls `./` an illegal extraction path.
pub(crate) struct ArchiveWriter<'a, W: Write> {
    out: BufWriter<W>,
    job: &'a Job,
}

impl<'a, W: Write> ArchiveWriter<'a, W> {
    /// Begins at the sink's position.
    pub(crate) fn new(sink: W, job: &'a Job) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, sink), job }
    }

    /// Adds a folder; `name` ends with a slash.
    pub(crate) fn folder(&mut self, name: &str) -> io::Result<()> {
        self.out.write_all(header(name, EntryType::Directory, 0o755, 0)?.as_bytes())
    }

    /// Adds a file of exactly `size` bytes.
    pub(crate) fn file(&mut self, name: &str, size: u64, content: &mut dyn Read) -> io::Result<()> {
        self.out.write_all(header(name, EntryType::Regular, 0o644, size)?.as_bytes())?;
        let written = super::copy(content, &mut self.out, self.job)?;
        if written != size {
            return Err(super::tar_stream::invalid(format!(
                "'{name}' has {written} bytes instead of {size}"
            )));
        }
        let padding = written.next_multiple_of(512) - written;
        self.out.write_all(&[0; 512][..padding as usize])
    }

    /// Closes the archive.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 1024])?;
        self.out.flush()
    }
}

fn header(name: &str, kind: EntryType, mode: u32, size: u64) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}
