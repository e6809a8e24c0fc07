use std::path::{Path, PathBuf};

use clap::Args;
use mambox_build::Input;
use mambox_env::LockFile;

use super::options::{ChannelArgs, EnvironmentArgs, NetworkArgs, wishes};
use crate::exit::Outcome;
use crate::failure::Failure;
use crate::session::Session;
use crate::write_file::write_atomically;

const EXAMPLES: &str = "\
Examples:
  mambox lock environment.yml --platform linux/amd64 --platform linux/arm64
  mambox lock -p python=3.13 -p numpy -o numpy.lock
  mambox lock environment.yml --explicit > linux-64.txt";

/// Solve an environment, and write down exactly what it is
///
/// The lock holds one or more platforms, in the format of pixi.lock. It is written beside the environment file:
/// environment.yml becomes environment.lock. Packages or a URL have no place of their own, so that their lock goes
/// to standard output, as does --explicit. Building from a lock solves nothing and reads no channel's index.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LockArgs {
    /// Write to this file; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write an @EXPLICIT list, which conda, mamba and micromamba read, too; it holds one platform
    #[arg(long)]
    explicit: bool,
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    channels: ChannelArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

impl LockArgs {
    pub(crate) fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let machine = &session.machine;
        let file = self.environment.project_file(machine)?;
        let request = self.environment.request(&file, machine)?;
        let platforms = self.environment.platforms(&file);
        if self.explicit && platforms.len() > 1 {
            return Err(Failure::usage(
                "an explicit list holds one platform, but several are asked for",
                "name one --platform, or leave --explicit out",
            ));
        }
        let base = self.environment.base(&file)?;
        let context = session.context(wishes(&self.channels, &self.network, &file))?;
        let lock = session.block_on(mambox_build::lock(&request, &platforms, &base, &context))?;
        let place = self.place(&request.input);
        let text = self.text(&lock, place.as_deref(), session)?;
        match place {
            Some(path) => {
                write_atomically(&path, text.as_bytes())?;
                session.console.note(&format!("wrote {}", path.display()));
            }
            None => session.console.result(&text)?,
        }
        Ok(Outcome::Yes)
    }

    fn text(&self, lock: &LockFile, place: Option<&Path>, session: &Session) -> Result<String, Failure> {
        if !self.explicit {
            let path = place.map(|path| session.machine.current_dir.join(path));
            let text = match path.as_deref().and_then(Path::parent) {
                Some(folder) => lock.to_yaml_in(folder),
                None => lock.to_yaml(),
            };
            return text.map_err(|error| Failure::Build(error.into()));
        }
        match lock.locks().iter().flat_map(|lock| lock.pip()).next() {
            None => Ok(lock.locks().iter().map(mambox_env::Lock::to_explicit).collect()),
            Some(package) => Err(Failure::usage(
                format!("an explicit list holds conda packages only, but {} is from pip", package.label()),
                "leave --explicit out",
            )),
        }
    }

    /// The file to write, or `None` for standard output.
    fn place(&self, input: &Input) -> Option<PathBuf> {
        match (&self.output, input) {
            (Some(path), _) if path.as_os_str() == "-" => None,
            (Some(path), _) => Some(path.clone()),
            (None, Input::File(file)) if !self.explicit => {
                let beside = file.with_extension("lock");
                // pixi.lock in, pixi.lock out would overwrite somebody else's file.
                if beside == *file { None } else { Some(beside) }
            }
            _ => None,
        }
    }
}
