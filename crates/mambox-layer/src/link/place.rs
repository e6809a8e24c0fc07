//! One file or link: checked against paths.json, its prefix replaced, written.

use std::collections::HashMap;
use std::io::{self, Read, Seek, Write};

use mambox_link::{ReplaceError, Replacement, Target};
use rattler_conda_types::package::{FileMode, PathType};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::linker::{Linked, Original};
use crate::archive::damaged;
use crate::error::Problem;
use crate::layer_tar::{Fault, LayerTar};

/// Text whose length changes is kept until its new length is known; beyond this size, on disk.
const SPOOL: usize = 8 * 1024 * 1024;
const BUFFER: usize = 128 * 1024;

/// A file of the archive.
pub(super) struct Source<'a, R> {
    pub(super) content: &'a mut R,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) mtime: u64,
}

/// Writes files and links of one package.
pub(super) struct Placer {
    prefix: String,
    patched_time: u64,
    /// By placeholder; nearly every package has just one.
    replacements: HashMap<String, Replacement>,
    buffer: Vec<u8>,
}

impl Placer {
    /// `patched_time` is given to files whose content changes, since a `.pyc` made for the original must not
    /// be taken for one of the new content.
    pub(super) fn new(prefix: &str, patched_time: u64) -> Self {
        Self {
            prefix: prefix.to_owned(),
            patched_time,
            replacements: HashMap::new(),
            buffer: vec![0; BUFFER],
        }
    }

    pub(super) fn patched_time(&self) -> u64 {
        self.patched_time
    }

    pub(super) fn symlink<W: Write>(
        &self,
        tar: &mut LayerTar<W>,
        target: &Target<'_>,
        to: &[u8],
        mtime: u64,
    ) -> Result<Linked, Fault> {
        tar.symlink(&target.destination, to, mtime)?;
        // The size that paths.json tells is that of the file behind the link.
        let size = target.entry.size_in_bytes.unwrap_or(to.len() as u64);
        let mut linked = Linked { size, ..Linked::default() };
        // Listed as a file, it gets a digest like one: rattler takes the target's text.
        if target.entry.path_type == PathType::HardLink && target.entry.sha256.is_none() {
            linked.sha256_in_prefix = Some(Sha256::digest(to).into());
        }
        Ok(linked)
    }

    pub(super) fn file<W: Write, R: Read>(
        &mut self,
        tar: &mut LayerTar<W>,
        target: &Target<'_>,
        source: Source<'_, R>,
    ) -> Result<Linked, Fault> {
        check_size(target, source.size)?;
        match &target.entry.prefix_placeholder {
            None => self.copy(tar, target, source),
            Some(prefix) => {
                if !self.replacements.contains_key(&prefix.placeholder) {
                    let replacement =
                        Replacement::new(&prefix.placeholder, &self.prefix).map_err(Problem::from)?;
                    self.replacements.insert(prefix.placeholder.clone(), replacement);
                }
                match prefix.file_mode {
                    FileMode::Text => self.text(tar, target, &prefix.placeholder, source),
                    FileMode::Binary => self.binary(tar, target, &prefix.placeholder, source),
                }
            }
        }
    }

    fn copy<W: Write, R: Read>(
        &mut self,
        tar: &mut LayerTar<W>,
        target: &Target<'_>,
        source: Source<'_, R>,
    ) -> Result<Linked, Fault> {
        tar.begin_file(&target.destination, source.mode, source.mtime, source.size)?;
        let mut hash = Sha256::new();
        loop {
            let read = source.content.read(&mut self.buffer).map_err(damaged)?;
            if read == 0 {
                break;
            }
            hash.update(&self.buffer[..read]);
            tar.write_all(&self.buffer[..read]).map_err(Fault::Sink)?;
        }
        tar.end_file()?;
        let original = source.original(hash.finalize().into());
        let linked = Linked { size: original.size, original: Some(original), ..Linked::default() };
        self.check(target, &original)?;
        Ok(self.describe(target, linked, &original))
    }

    fn binary<W: Write, R: Read>(
        &mut self,
        tar: &mut LayerTar<W>,
        target: &Target<'_>,
        placeholder: &str,
        source: Source<'_, R>,
    ) -> Result<Linked, Fault> {
        tar.begin_file(&target.destination, source.mode, self.patched_time, source.size)?;
        let mut before = Hashing::new(&mut *source.content);
        let mut after = Hashing::new(&mut *tar);
        let done = self.replacements[placeholder].binary(&mut before, &mut after);
        let (before, after) = (before.finish(), after.finish());
        done.map_err(|error| self.fault(target, error))?;
        tar.end_file()?;
        self.patched(target, source.original(before.0), after)
    }

    fn text<W: Write, R: Read>(
        &mut self,
        tar: &mut LayerTar<W>,
        target: &Target<'_>,
        placeholder: &str,
        source: Source<'_, R>,
    ) -> Result<Linked, Fault> {
        let mut before = Hashing::new(&mut *source.content);
        let mut after = Hashing::new(SpooledTempFile::new(SPOOL));
        let done = self.replacements[placeholder].text(&mut before, &mut after);
        done.map_err(|error| self.fault(target, error))?;
        let mut spool = std::mem::replace(&mut after.inner, SpooledTempFile::new(0));
        let (before, after) = (before.finish(), after.finish());
        spool.rewind().map_err(Fault::Sink)?;
        tar.begin_file(&target.destination, source.mode, self.patched_time, after.1)?;
        io::copy(&mut spool, tar).map_err(Fault::Sink)?;
        tar.end_file()?;
        self.patched(target, source.original(before.0), after)
    }

    fn patched(
        &self,
        target: &Target<'_>,
        original: Original,
        after: ([u8; 32], u64),
    ) -> Result<Linked, Fault> {
        self.check(target, &original)?;
        let linked = Linked {
            size: after.1,
            sha256_in_prefix: Some(after.0),
            patched: true,
            original: Some(original),
        };
        Ok(self.describe(target, linked, &original))
    }

    /// The digest in the prefix is told where it is another than the archive's, as rattler does.
    pub(super) fn describe(&self, target: &Target<'_>, linked: Linked, original: &Original) -> Linked {
        let digest = if linked.patched { linked.sha256_in_prefix } else { None };
        let digest = Some(digest.unwrap_or(original.sha256));
        let told = target.entry.sha256.map(<[u8; 32]>::from);
        Linked { sha256_in_prefix: digest.filter(|digest| told != Some(*digest)), ..linked }
    }

    /// Compares a file with what paths.json says of it.
    pub(super) fn check(&self, target: &Target<'_>, original: &Original) -> Result<(), Problem> {
        check_size(target, original.size)?;
        match target.entry.sha256.map(<[u8; 32]>::from) {
            Some(told) if told != original.sha256 => Err(Problem::Lie {
                path: target.path.into(),
                claim: format!("its sha256 is {}", hex::encode(told)),
                truth: format!("it is {}", hex::encode(original.sha256)),
            }),
            _ => Ok(()),
        }
    }

    fn fault(&self, target: &Target<'_>, error: ReplaceError) -> Fault {
        let path = target.path.to_owned();
        match error {
            ReplaceError::Write(error) => Fault::Sink(error),
            ReplaceError::Read(error) => damaged(error).into(),
            ReplaceError::NoRoom(room) => {
                Problem::PrefixTooLong { path, room, prefix: self.prefix.clone() }.into()
            }
            ReplaceError::TooComplex(why) => {
                let what = format!("prefix replacement in '{path}' ({why})");
                Problem::TooBig { what, limit: "the memory set aside for it".into() }.into()
            }
        }
    }
}

impl<R> Source<'_, R> {
    fn original(&self, sha256: [u8; 32]) -> Original {
        Original { size: self.size, sha256, mode: self.mode, mtime: self.mtime }
    }
}

fn check_size(target: &Target<'_>, size: u64) -> Result<(), Problem> {
    match target.entry.size_in_bytes {
        Some(told) if told != size => Err(Problem::Lie {
            path: target.path.into(),
            claim: format!("it has {told} bytes"),
            truth: format!("it has {size}"),
        }),
        _ => Ok(()),
    }
}

/// Hashes and counts what is read or written through it.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> ([u8; 32], u64) {
        (self.hash.finalize().into(), self.bytes)
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
