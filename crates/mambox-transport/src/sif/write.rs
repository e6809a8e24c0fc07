//! The whole file, in its place.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use mambox_oci::{Digest, Image, Platform};
use mambox_progress::{Outcome, Reporter, Stage, Unit};

use super::container::{Container, DATA, Kind, Object, PAGE};
use super::flatten::flatten;
use super::furnish::{Texts, furnish, root};
use super::{SifSettings, architecture, inspect, source};
use crate::files::atomic::{self, NewFile};
use crate::job::Job;
use crate::squashfs;
use crate::tree::Tree;
use crate::{Contents, TransportError};

/// Writes one file for each image; see [`file_for`] for their names. All layers are read twice.
///
/// Each file appears whole or not at all. Errors name the layer or the file.
pub(crate) fn write(
    contents: &Contents,
    path: &Path,
    settings: SifSettings,
    job: &Job,
) -> Result<(), TransportError> {
    let images = contents.images();
    for image in images {
        let file = match images.len() {
            1 => path.to_path_buf(),
            _ => file_for(path, &image.platform()),
        };
        write_image(image, &file, settings, job)?;
    }
    Ok(())
}

/// The file of one of several platforms: `app.sif` becomes `app-arm64.sif`, with a variant `app-arm-v7.sif`.
fn file_for(path: &Path, platform: &Platform) -> PathBuf {
    let mut name: OsString = path.file_stem().unwrap_or_default().into();
    let variant = platform.variant.as_deref().map(|variant| format!("-{variant}")).unwrap_or_default();
    name.push(format!("-{}{variant}", platform.architecture));
    if let Some(end) = path.extension() {
        name.push(".");
        name.push(end);
    }
    path.with_file_name(name)
}

fn write_image(image: &Image, path: &Path, settings: SifSettings, job: &Job) -> Result<(), TransportError> {
    let platform = image.platform();
    let architecture = architecture::number(&platform.architecture).ok_or_else(|| {
        TransportError::Unsupported(format!("{}: SIF files have no number for {platform}", path.display()))
    })?;
    let reporter: &dyn Reporter = job;
    // Each layer counts twice, since it is read twice.
    let size = image.size();
    let task = reporter.begin(Stage::Write, path.display().to_string(), Some(size * 2), Unit::Bytes);
    let advance = |bytes| task.advance(bytes);
    let texts = Texts::of(image);
    let time = created(image);
    let mut tree = flatten(image, settings.threads(), &advance, job)?;
    furnish(&mut tree, &texts, time)
        .map_err(TransportError::io("flatten", format!("the image {}", image.digest())))?;
    // zstd packs blocks about as well as gzip packs layers.
    let failed = || TransportError::writing(path, size);
    let folder = atomic::parent(path).map_err(failed())?;
    fs::create_dir_all(&folder).map_err(failed())?;
    atomic::clean(&folder);
    let mut new = NewFile::beside(path).map_err(failed())?;
    let parts = Parts { image, tree: &tree, texts: &texts, time, settings, architecture: *architecture };
    parts.write(new.file(), &advance, job).map_err(failed())?;
    job.check().and_then(|()| new.commit()).map_err(failed())?;
    task.finish(Outcome::Done);
    Ok(())
}

/// What a file is made of.
struct Parts<'a> {
    image: &'a Image,
    tree: &'a Tree,
    texts: &'a Texts,
    /// Seconds since the epoch.
    time: u64,
    settings: SifSettings,
    architecture: [u8; 2],
}

impl Parts<'_> {
    fn write(&self, file: &mut File, advance: &dyn Fn(u64), job: &Job) -> io::Result<()> {
        file.seek(SeekFrom::Start(DATA))?;
        let mut objects = Vec::new();
        let mut place = DATA;
        for (kind, name, text) in [
            (Kind::Definition, "", self.texts.definition.clone()),
            (Kind::Json, inspect::NAME, inspect::metadata(self.texts)),
            (Kind::Json, "oci-config.json", self.configuration()),
        ] {
            file.write_all(text.as_bytes())?;
            objects.push(Object { kind, name, offset: place, size: text.len() as u64 });
            place += text.len() as u64;
        }
        let offset = place.next_multiple_of(PAGE);
        let options = squashfs::Options {
            compression: self.settings.compression,
            threads: self.settings.threads(),
            time: u32::try_from(self.time).unwrap_or(u32::MAX),
        };
        let root = root(self.time);
        let size = squashfs::write(file, offset, self.tree, &root, options, job, |data| {
            source::fill(self.image, self.tree, data, advance, job)
        })?;
        objects.push(Object { kind: Kind::System, name: "", offset, size });
        file.rewind()?;
        let container = Container {
            id: id(self.image, self.settings),
            time: i64::try_from(self.time).unwrap_or(0),
            architecture: self.architecture,
            objects,
        };
        container.write(file)
    }

    /// The part of the image's configuration that Apptainer keeps: `config`, as it is.
    fn configuration(&self) -> String {
        let whole: serde_json::Value =
            serde_json::from_slice(self.image.config_bytes()).unwrap_or(serde_json::Value::Null);
        whole.get("config").filter(|config| config.is_object()).map_or("{}".into(), ToString::to_string)
    }
}

/// When the image says that it was made, in seconds since the epoch; 0 where it says nothing.
fn created(image: &Image) -> u64 {
    let time = image.config().created().and_then(|time| time.parse::<jiff::Timestamp>().ok());
    time.and_then(|time| u64::try_from(time.as_second()).ok()).unwrap_or(0)
}

/// A UUID of version 8 (RFC 9562), made of what decides the file.
fn id(image: &Image, settings: SifSettings) -> [u8; 16] {
    let seed = format!("sif 1\n{}\n{}\n", image.digest(), settings.compression.identity());
    let hex = Digest::of(seed.as_bytes()).hex();
    let number = u128::from_str_radix(&hex[..32], 16).unwrap_or(0);
    let number = number & !(0xf << 76) | 8 << 76;
    (number & !(3 << 62) | 2 << 62).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_platforms_have_several_files() {
        let name = |path: &str, platform: &str| {
            file_for(Path::new(path), &platform.parse().unwrap()).display().to_string()
        };
        assert_eq!(name("out/app.sif", "linux/arm64"), "out/app-arm64.sif");
        assert_eq!(name("app", "linux/arm/v7"), "app-arm-v7");
    }

    #[test]
    fn the_id_is_a_uuid_of_the_image() {
        let image = Image::scratch(&Platform::linux("amd64"));
        let id = |compression| id(&image, SifSettings { compression, threads: 1 });
        let one = id(mambox_oci::Compression::ZSTD);
        assert_eq!((one[6] >> 4, one[8] >> 6), (8, 2));
        assert_ne!(id(mambox_oci::Compression::GZIP), one);
    }
}
