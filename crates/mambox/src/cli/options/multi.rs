//! Several environments in one image.

use clap::Args;
use mambox_build::{NamedEnvironment, ROOT_ENVIRONMENT};

use super::EnvironmentArgs;
use super::environment::input;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::project_file::ProjectFile;
use crate::values;

#[derive(Debug, Args)]
#[command(next_help_heading = "Environment")]
pub(crate) struct MultiArgs {
    /// Put several environments into the image, each under a name; may be repeated
    ///
    /// The first is active; the entrypoint activates another where a container starts with -e ENV_NAME=NAME. The one named
    /// base is in the prefix itself, any other in envs/NAME below it.
    #[arg(long, value_name = "NAME=FILE|URL", value_parser = values::named_environment, conflicts_with_all = ["file", "packages"])]
    multi: Vec<(String, String)>,
}

impl MultiArgs {
    /// The active environment and the others, which lie in the order of their names whatever the order here.
    pub(crate) fn environments(
        &self,
        one: &EnvironmentArgs,
        file: &ProjectFile,
        machine: &Machine,
    ) -> Result<(NamedEnvironment, Vec<NamedEnvironment>), Failure> {
        let Some((first, others)) = self.multi.split_first() else {
            let request = one.request(file, machine)?;
            return Ok((NamedEnvironment { name: ROOT_ENVIRONMENT.into(), request }, Vec::new()));
        };
        let named = |(name, written): &(String, String)| -> Result<NamedEnvironment, Failure> {
            let request = one.request_of(input(written)?, file, machine)?;
            Ok(NamedEnvironment { name: name.clone(), request })
        };
        let active = named(first)?;
        let mut others = others.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        others.sort_by(|one, other| one.name.cmp(&other.name));
        let names: Vec<&str> = others.iter().map(|other| &*other.name).chain([&*active.name]).collect();
        let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
        match twice {
            Some((_, name)) => Err(Failure::usage(
                format!("--multi names '{name}' twice"),
                "give each environment a name of its own",
            )),
            None => Ok((active, others)),
        }
    }
}
