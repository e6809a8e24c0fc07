//! The files of the family, and which images of it are meant.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use mambox_images::{Family, FamilyLock, FamilyState, Repository, Selection, Sources};
use mambox_oci::Platform;
use url::Url;

use crate::failure::Failure;
use crate::machine::Machine;
use crate::values;

/// Where the family is described.
#[derive(Debug, Args)]
pub(super) struct FamilyArgs {
    /// The family's description; images.lock is looked for beside it [default: images/images.toml or images.toml]
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl FamilyArgs {
    /// The file, absolute.
    pub(super) fn file(&self, machine: &Machine) -> Result<PathBuf, Failure> {
        if let Some(file) = &self.file {
            return Ok(machine.current_dir.join(file));
        }
        let usual = ["images/images.toml", "images.toml"].map(|file| machine.current_dir.join(file));
        usual.into_iter().find(|file| file.is_file()).ok_or_else(|| {
            Failure::usage(
                "there is neither images/images.toml nor images.toml here",
                "go to the folder of the family's repository, or name the file with --file",
            )
        })
    }

    /// The family.
    pub(super) fn family(&self, machine: &Machine) -> Result<Family, Failure> {
        let file = self.file(machine)?;
        let text = fs::read_to_string(&file).map_err(Failure::io("read", &file))?;
        Ok(Family::parse(&text, &name(&file)).map_err(mambox_images::ImagesError::from)?)
    }

    /// The lock; an empty one where there is none yet.
    pub(super) fn lock(&self, machine: &Machine) -> Result<FamilyLock, Failure> {
        let file = lock_file(&self.file(machine)?);
        match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(FamilyLock::default()),
            text => {
                let text = text.map_err(Failure::io("read", &file))?;
                Ok(FamilyLock::parse(&text, &name(&file)).map_err(mambox_images::ImagesError::from)?)
            }
        }
    }

    /// Both.
    pub(super) fn state(&self, machine: &Machine) -> Result<FamilyState, Failure> {
        Ok(FamilyState { family: self.family(machine)?, lock: self.lock(machine)? })
    }

    /// The repository that the files are in.
    pub(super) fn repository(&self, machine: &Machine) -> Result<Repository, Failure> {
        let file = self.file(machine)?;
        Ok(Repository::of(file.parent().unwrap_or(&machine.current_dir)))
    }

    /// Both files as they were in a commit; `None` where the family was not there yet.
    pub(super) fn state_at(&self, commit: &str, machine: &Machine) -> Result<Option<FamilyState>, Failure> {
        let (file, repository) = (self.file(machine)?, self.repository(machine)?);
        let read = |file: &Path| repository.file(commit, &repository.path(file)?);
        let Some(text) = read(&file)? else { return Ok(None) };
        let at = |file: &Path| format!("{} in {commit}", name(file));
        let family = Family::parse(&text, &at(&file)).map_err(mambox_images::ImagesError::from)?;
        let lock_file = lock_file(&file);
        let lock = match read(&lock_file)? {
            None => FamilyLock::default(),
            Some(text) => {
                FamilyLock::parse(&text, &at(&lock_file)).map_err(mambox_images::ImagesError::from)?
            }
        };
        Ok(Some(FamilyState { family, lock }))
    }
}

/// `images.lock` beside `images.toml`.
pub(super) fn lock_file(file: &Path) -> PathBuf {
    file.with_extension("lock")
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Which images of the family.
#[derive(Debug, Args)]
pub(super) struct SelectionArgs {
    /// Only this base; may be repeated [default: all]
    #[arg(long = "base", value_name = "NAME", value_delimiter = ',')]
    pub(super) bases: Vec<String>,
    /// Only this platform; may be repeated [default: all]
    #[arg(long = "platform", value_name = "PLATFORM", value_parser = values::platform, value_delimiter = ',')]
    pub(super) platforms: Vec<Platform>,
}

impl SelectionArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection { bases: self.bases.clone(), platforms: self.platforms.clone() }
    }
}

/// Where parts of images come from.
#[derive(Debug, Args)]
pub(super) struct SourceArgs {
    /// A mirror of Debian's archive, for packages that bases need [default: $MAMBOX_DEBIAN_MIRROR]
    #[arg(long, value_name = "URL")]
    mirror: Option<Url>,
}

impl SourceArgs {
    pub(super) fn sources(&self, file: &Path, machine: &Machine) -> Result<Sources, Failure> {
        let of_variable = || {
            let text = machine.var("MAMBOX_DEBIAN_MIRROR")?;
            Some(Url::parse(text).map_err(|error| {
                Failure::usage(
                    format!("MAMBOX_DEBIAN_MIRROR is '{text}', which is no URL: {error}"),
                    "set it to the address below which dists/ and pool/ are",
                )
            }))
        };
        Ok(Sources {
            folder: file.parent().unwrap_or(Path::new(".")).to_owned(),
            mirror: self.mirror.clone().map(Ok).or_else(of_variable).transpose()?,
            entry_programs: machine.entry_programs(),
            micromambas: machine.micromambas(),
        })
    }
}
