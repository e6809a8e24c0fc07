//! What becomes of the `pip:` section of an environment file.

use std::path::PathBuf;

use clap::Args;
use mambox_build::PipOptions;

use crate::machine::Machine;
use crate::project_file::ProjectFile;

/// Names the uv to use, unless the command line does.
const UV: &str = "MAMBOX_UV";

#[derive(Debug, Args)]
#[command(next_help_heading = "pip packages")]
pub(crate) struct PipArgs {
    /// The program uv, which resolves a pip: section [default: MAMBOX_UV, or uv of the PATH]
    #[arg(long, value_name = "FILE")]
    uv: Option<PathBuf>,
    /// Take wheels only: refuse what would have to be built from its sources
    ///
    /// Otherwise such a package is built into a wheel once, in a sandbox without network, and the build says so. At lock, uv
    /// may run its build on this machine, outside any sandbox, to learn what it depends on, as pip does; this refuses that, too.
    #[arg(long)]
    no_build: bool,
    /// Let a wheel replace what a conda package has of the same distribution or at the same path
    ///
    /// Otherwise that is an error, which names both.
    #[arg(long)]
    pip_override: bool,
}

impl PipArgs {
    /// The options, with the file's settings where the command line is silent.
    pub(super) fn options(&self, file: &ProjectFile, machine: &Machine) -> PipOptions {
        let uv = self.uv.clone().or_else(|| machine.path_var(UV));
        PipOptions {
            uv: uv.map(|path| machine.current_dir.join(path)),
            no_build: self.no_build || file.no_build,
            wins: self.pip_override || file.pip_override,
        }
    }
}
