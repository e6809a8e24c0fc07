//! Reading an image out of an engine.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use mambox_oci::{Image, Platform};

use super::program::{Engine, drain};
use super::{EngineChoice, EngineError};
use crate::files::archive::Archive;
use crate::files::atomic::NewFile;
use crate::files::copy;
use crate::files::store::Store;
use crate::job::Job;
use crate::{TransportError, docker_archive, layout};

/// Saves the image and reads the archive. It is kept in `cache_dir` by the image's ID, since engines take
/// their time; without one it is gone when the image's last layer is.
pub(crate) fn read(
    engine: &Engine,
    name: &str,
    platform: &Platform,
    cache_dir: Option<&Path>,
    job: &Job,
) -> Result<Image, TransportError> {
    let id = engine.image_id(name)?;
    let id = id.ok_or_else(|| EngineError::NoImage { program: engine.name(), name: name.into() })?;
    let sane = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
    let archive = match cache_dir.filter(|_| sane) {
        Some(folder) => cached(engine, name, &folder.join("engine").join(format!("{id}.tar")), job)?,
        None => {
            let temp =
                tempfile::NamedTempFile::new().map_err(TransportError::io("write", "a temporary file"))?;
            save(engine, name, temp.as_file(), temp.path(), job)?;
            // The archive holds the file open, so it may lose its name.
            Archive::open(temp.path(), job)?
        }
    };
    let store = Store::Archive(archive);
    match engine.choice {
        EngineChoice::Podman => layout::read(&store, None, platform),
        _ => docker_archive::read(&store, None, platform, cache_dir, job),
    }
}

fn cached(engine: &Engine, name: &str, path: &Path, job: &Job) -> Result<Archive, TransportError> {
    if path.exists() {
        return Archive::open(path, job);
    }
    let written = || TransportError::io("write", path);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(written())?;
    let mut file = NewFile::beside(path).map_err(written())?;
    save(engine, name, file.file(), path, job)?;
    file.commit().map_err(written())?;
    Archive::open(path, job)
}

/// `docker save` into a file. podman is asked for OCI's format: it cannot bring zstd layers into Docker's.
fn save(engine: &Engine, name: &str, target: &File, path: &Path, job: &Job) -> Result<(), TransportError> {
    let format: &[&str] = match engine.choice {
        EngineChoice::Podman => &["--format", "oci-archive"],
        _ => &[],
    };
    let mut command = engine.command(["save"].iter().chain(format).chain(&["--", name]));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|source| engine.pipe(source))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (copied, said) = std::thread::scope(|scope| {
        let errors = scope.spawn(|| stderr.map(drain).unwrap_or_default());
        let copied = match stdout {
            Some(mut pipe) => copy(&mut pipe, &mut &*target, job).map(drop),
            None => Ok(()),
        };
        if copied.is_err() {
            let _ = child.kill();
        }
        (copied, errors.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|source| engine.pipe(source))?;
    copied.map_err(TransportError::io("write", path))?;
    if status.success() { Ok(()) } else { Err(engine.ended("save", status, &said).into()) }
}
