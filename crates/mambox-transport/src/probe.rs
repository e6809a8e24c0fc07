//! What a bare path holds, told by its content.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::TransportError;
use crate::files::kind::{self, Packing};
use crate::files::remember::{Memory, State};
use crate::files::tar_stream::{for_each_entry, for_each_entry_seeking, invalid, member_path};

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Holding {
    OciLayout,
    OciArchive,
    DockerArchive,
    RootFs,
}

/// Looks at a file or folder. An archive that is both a layout and Docker's counts as a layout: that one
/// states its digests, and knows platforms.
pub(crate) fn probe(path: &Path, cache_dir: Option<&Path>) -> Result<Holding, TransportError> {
    let read_error = || TransportError::io("read", path);
    let meta = fs::metadata(path).map_err(read_error())?;
    if meta.is_dir() {
        return folder(path);
    }
    let memory = Memory::new(cache_dir, "probe-1");
    let state = State::of(path, &meta);
    if let Some(known) = memory.recall(&state) {
        return Ok(known);
    }
    let file = File::open(path).map_err(read_error())?;
    let start = kind::start(&file).map_err(read_error())?;
    if let Some(found) = kind::foreign(&start) {
        return Err(crate::files::archive::not_a_tar(path, found.into()));
    }
    let mut names = Names::default();
    let ended = match Packing::of(&start) {
        Packing::Plain => for_each_entry_seeking(&file, |entry| names.add(&entry.path_bytes())),
        packing => packing
            .unpack(BufReader::with_capacity(1 << 16, &file))
            .and_then(|tar| for_each_entry(tar, |entry| names.add(&entry.path_bytes()))),
    };
    match ended {
        Err(_) if names.decided => {}
        ended => ended.map_err(read_error())?,
    }
    let holding = names.holding();
    memory.keep(&state, &holding);
    Ok(holding)
}

fn folder(path: &Path) -> Result<Holding, TransportError> {
    let holds = |name: &str| path.join(name).is_file();
    if holds("oci-layout") || (holds("index.json") && path.join("blobs").is_dir()) {
        return Ok(Holding::OciLayout);
    }
    let foreign = |found: &str| TransportError::NotAnImage {
        path: path.into(),
        found: found.into(),
        hint: "use an OCI layout, an archive, or a root file system (rootfs:DIR for any folder)",
    };
    if holds("manifest.json") && holds("version") {
        return Err(foreign("an image in skopeo's dir: format"));
    }
    match ["bin", "usr", "etc", "lib"].iter().any(|name| fs::symlink_metadata(path.join(name)).is_ok()) {
        true => Ok(Holding::RootFs),
        false => Err(foreign("a folder that looks like none of them")),
    }
}

/// The names in a tar's root.
#[derive(Default)]
struct Names {
    layout: bool,
    index: bool,
    docker: bool,
    /// Nothing that follows changes the answer.
    decided: bool,
}

impl Names {
    fn add(&mut self, name: &[u8]) -> std::io::Result<()> {
        match member_path(name)?.as_slice() {
            b"oci-layout" => self.layout = true,
            b"index.json" => self.index = true,
            b"manifest.json" => self.docker = true,
            path => {
                // A root file system has thousands of members; its first folders tell.
                let first = path.split(|b| *b == b'/').next().unwrap_or_default();
                let system: [&[u8]; 8] = [b"bin", b"boot", b"dev", b"etc", b"lib", b"proc", b"root", b"usr"];
                self.decided = system.contains(&first) || (self.layout && self.index);
            }
        }
        // Any error ends the reading.
        if self.decided { Err(invalid("decided")) } else { Ok(()) }
    }

    fn holding(&self) -> Holding {
        match self {
            Self { layout: true, index: true, .. } => Holding::OciArchive,
            Self { docker: true, .. } => Holding::DockerArchive,
            Self { index: true, .. } => Holding::OciArchive,
            _ => Holding::RootFs,
        }
    }
}
