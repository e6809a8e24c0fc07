//! The program that an image's entrypoint is, where scripts must run at each start: `mambox-init`.
//!
//! It reaches a build as a file beside the command, since it is a program of the image's platform and not of this
//! machine's. Its layer is the same in every image.

use std::fs;
use std::path::PathBuf;

use mambox_activate::PROGRAM;
use mambox_oci::{Compression, Digest, Layer, Platform};

use crate::base::BaseFacts;
use crate::tree::{Content, FIXED_TIME, FileTree};
use crate::{BuildError, Context, marks};

/// Where Dockerfiles of the micromamba family expect it.
pub(crate) const PATH: &str = "/usr/local/bin/_entrypoint.sh";

/// It has some hundred kilobytes.
const MAX_SIZE: u64 = 16 << 20;

/// The program for one platform.
pub(crate) struct EntryProgram(Vec<u8>);

impl EntryProgram {
    /// The first of the context's candidates that is one for the platform.
    pub(crate) fn find(platform: &Platform, context: &Context) -> Result<Self, BuildError> {
        if let Some(bytes) = program_for(platform, &context.entry_programs, MAX_SIZE) {
            return Ok(Self(bytes));
        }
        let looked = context.entry_programs.iter().map(|file| file.display().to_string());
        let looked = looked.collect::<Vec<_>>().join(", ");
        Err(BuildError::NoEntryProgram { platform: platform.to_string(), looked })
    }

    /// Of its bytes.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// The layer that holds it.
    pub(crate) fn layer(&self, facts: &BaseFacts, compression: Compression) -> Result<Layer, BuildError> {
        let mut tree = FileTree::default();
        tree.file(PATH, 0o755, Content::Bytes(self.0.clone()));
        // The scripts for Apptainer call it by this name.
        tree.hard_link(PROGRAM, PATH);
        let tree = tree.settled(&facts.places).map_err(|path| BuildError::Occupied { path })?;
        let history = marks::history(marks::ENTRYPOINT, None, None);
        Layer::from_tar(&tree.to_bytes(FIXED_TIME), compression, history)
            .map_err(|e| BuildError::io("cannot compress", PATH, e))
    }
}

/// The first of some files that is an executable for the platform, of at most `max_size` bytes. Of each, the name that
/// ends in the architecture (`NAME-arm64`) goes first.
pub fn program_for(platform: &Platform, candidates: &[PathBuf], max_size: u64) -> Option<Vec<u8>> {
    let suffix = format!("-{}", platform.architecture);
    let named = |candidate: &PathBuf| {
        let mut named = candidate.as_os_str().to_owned();
        named.push(&suffix);
        [PathBuf::from(named), candidate.clone()]
    };
    let fits = |file: &PathBuf| fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.len() <= max_size);
    let files = candidates.iter().flat_map(named).filter(fits);
    files.filter_map(|file| fs::read(file).ok()).find(|bytes| machine(bytes) == Some(&*platform.architecture))
}

/// The architecture of a 64-bit little-endian ELF file (`e_machine`, gABI), in Go's words as OCI has them.
fn machine(elf: &[u8]) -> Option<&'static str> {
    let header = elf.get(..20)?;
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    match u16::from_le_bytes([header[18], header[19]]) {
        62 => Some("amd64"),
        183 => Some("arm64"),
        21 => Some("ppc64le"),
        243 => Some("riscv64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_which_machine_it_is_for() {
        let elf = |machine: u8| [b"\x7fELF\x02\x01".as_slice(), &[0; 12], &[machine, 0]].concat();
        assert_eq!(machine(&elf(62)), Some("amd64"));
        assert_eq!(machine(&elf(183)), Some("arm64"));
        assert_eq!(machine(&elf(3)), None);
        assert_eq!(machine(b"#!/bin/sh\n"), None);
    }
}
