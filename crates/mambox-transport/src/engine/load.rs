//! Loading an image into an engine.

use std::io::{self, Write};
use std::process::Stdio;

use mambox_oci::Image;
use mambox_progress::{Outcome, Reporter, Stage, Task, Unit};

use super::program::{Engine, drain};
use super::{EngineChoice, EngineError, unpacked};
use crate::files::write_members;
use crate::job::Job;
use crate::{RegistryReference, TransportError, layout};

/// Streams the image into the engine under `names`, and looks whether it arrived unchanged.
pub(crate) fn load(
    engine: &Engine,
    image: &Image,
    names: &[RegistryReference],
    job: &Job,
) -> Result<(), TransportError> {
    let unreadable = |source| EngineError::Image { program: engine.name(), source };
    let image = match engine.choice {
        EngineChoice::Podman => image.clone(),
        _ => unpacked::without_zstd(image, job).map_err(unreadable)?,
    };
    let bytes = image.layers().iter().map(|layer| layer.descriptor().size).sum();
    let on: &dyn Reporter = job;
    let shown = names.first().map(RegistryReference::to_string).unwrap_or_default();
    let task = on.begin(Stage::Load, format!("{shown} into {}", engine.name()), Some(bytes), Unit::Bytes);
    send(engine, &image, names, job, &task)?;
    for name in names {
        verify(engine, &image, name)?;
    }
    task.finish(Outcome::Done);
    Ok(())
}

/// Streams a hybrid archive: whichever half of it the engine reads, the layers are the same.
fn send(
    engine: &Engine,
    image: &Image,
    names: &[RegistryReference],
    job: &Job,
    task: &Task<'_>,
) -> Result<(), TransportError> {
    let names: Vec<String> = names.iter().map(RegistryReference::to_string).collect();
    let members = layout::archive_members(&image.clone().into(), None, &names, true)?;
    let mut command = engine.command(["load"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|source| engine.pipe(source))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (written, said) = std::thread::scope(|scope| {
        let errors = scope.spawn(|| stderr.map(drain).unwrap_or_default());
        scope.spawn(|| stdout.map(drain));
        let written = match stdin {
            Some(pipe) => write_members(Watched { pipe, task }, &layout::FOLDERS, &members, &|_| {}, job),
            None => Ok(()),
        };
        // Half an image must not be loaded: the engine must not take the end of the pipe for the end of all.
        if written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            let _ = child.kill();
        }
        (written, errors.join().unwrap_or_default())
    });
    let status = child.wait().map_err(|source| engine.pipe(source))?;
    match written {
        // The engine hung up; what it says, or its success, tells more than the broken pipe.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(source) => return Err(EngineError::Image { program: engine.name(), source }.into()),
    }
    if status.success() { Ok(()) } else { Err(engine.ended("load", status, &said).into()) }
}

/// Classic stores name an image by its configuration's digest, containerd's by its manifest's.
fn verify(engine: &Engine, image: &Image, name: &RegistryReference) -> Result<(), EngineError> {
    let name = name.to_string();
    let id = engine.image_id(&name)?;
    let expected = image.manifest().config.digest;
    match id {
        Some(id) if id == expected.hex() || id == image.digest().hex() => Ok(()),
        Some(actual) => Err(EngineError::Changed { program: engine.name(), name, expected, actual }),
        None => Err(EngineError::NoImage { program: engine.name(), name }),
    }
}

/// Reports what goes through.
struct Watched<'a, W> {
    pipe: W,
    task: &'a Task<'a>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.pipe.write(buffer)?;
        self.task.advance(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}
