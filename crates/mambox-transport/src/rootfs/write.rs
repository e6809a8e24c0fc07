//! Writing an image's files without layers and configuration.

use std::fs;
use std::io::{self, BufWriter};
use std::path::Path;

use mambox_oci::codec::Encoder;
use mambox_oci::{Compression, Image};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use super::flatten::flatten;
use crate::files::atomic::{self, NewFile, NewFolder};
use crate::job::Job;
use crate::tree::{encode, to_folder};
use crate::{Contents, TransportError};

/// Writes the tree as a tar if the path ends like one, else as a folder, which must be new or empty.
pub(crate) fn write(contents: &Contents, path: &Path, job: &Job) -> Result<(), TransportError> {
    let [image] = contents.images() else {
        return Err(TransportError::Unsupported(format!(
            "rootfs:{} cannot hold several platforms; build one at a time",
            path.display()
        )));
    };
    // Compressed layers shrink to about a third of their files.
    let needed = image.size().saturating_mul(3);
    let failed = || TransportError::writing(path, needed);
    let reporter: &dyn Reporter = job;
    let task = reporter.begin(Stage::Write, format!("rootfs:{}", path.display()), None, Unit::Bytes);
    let folder = atomic::parent(path).map_err(failed())?;
    fs::create_dir_all(&folder).map_err(failed())?;
    atomic::clean(&folder);
    match compression(path) {
        Some(compression) => tar(image, path, compression, job).map_err(failed())?,
        None => {
            if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
                return Err(TransportError::NotAnImage {
                    path: path.into(),
                    found: "a folder with something in it".into(),
                    hint: "name a new or empty folder",
                });
            }
            let tree = flatten(image, &folder, job).map_err(failed())?;
            let new = NewFolder::beside(path).map_err(failed())?;
            to_folder(&tree, new.temp_path(), job).map_err(failed())?;
            job.check().and_then(|()| new.commit()).map_err(failed())?;
        }
    }
    task.finish(Outcome::Done);
    Ok(())
}

/// The compression that a name's ending asks for; `None` for the name of a folder.
fn compression(path: &Path) -> Option<Compression> {
    let name = path.file_name()?.to_str()?;
    let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end));
    if ends(&[".tar"]) {
        Some(Compression::None)
    } else if ends(&[".tar.gz", ".tgz"]) {
        Some(Compression::GZIP)
    } else if ends(&[".tar.zst", ".tar.zstd"]) {
        Some(Compression::ZSTD)
    } else {
        None
    }
}

fn tar(image: &Image, path: &Path, compression: Compression, job: &Job) -> io::Result<()> {
    let mut new = NewFile::beside(path)?;
    let tree = flatten(image, &atomic::parent(path)?, job)?;
    let mut encoder = Encoder::new(compression, BufWriter::with_capacity(1 << 16, new.file()))?;
    encode(&tree, &mut encoder, job)?;
    let (out, _) = encoder.finish()?;
    out.into_inner().map_err(|error| error.into_error())?;
    job.check()?;
    new.commit()
}
