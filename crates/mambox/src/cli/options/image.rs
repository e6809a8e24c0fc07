//! What the image's configuration says.

use clap::Args;
use mambox_build::{CopySpec, ImageOptions};

use crate::project_file::ProjectFile;
use crate::values::{self, Words};

#[derive(Debug, Args)]
#[command(next_help_heading = "Image")]
pub(crate) struct ImageArgs {
    /// Where the environment is in the image [default: /opt/conda]
    #[arg(long, value_name = "PATH")]
    prefix: Option<String>,
    /// Set a variable; may be repeated
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    env: Vec<(String, String)>,
    /// The entrypoint: a JSON array, or words with a shell's quotes (no shell runs them); '' clears it
    #[arg(long, value_name = "WORDS")]
    entrypoint: Option<Words>,
    /// The command: a JSON array, or words with a shell's quotes (no shell runs them); '' clears it
    #[arg(long, value_name = "WORDS")]
    cmd: Option<Words>,
    /// The user: NAME, UID or UID:GID [default: mambauser, an account without privileges]
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The working folder
    #[arg(long, value_name = "PATH")]
    workdir: Option<String>,
    /// Set a label; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    label: Vec<(String, String)>,
    /// Set an annotation of the manifest (and of the index); may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::key_value)]
    annotation: Vec<(String, String)>,
    /// Copy a file or folder into a layer of its own on top; DST/ means into DST; may be repeated
    #[arg(long, value_name = "SRC:DST", value_parser = values::copy_spec)]
    copy: Vec<CopySpec>,
}

impl ImageArgs {
    /// The options, with the file's settings where the command line is silent.
    pub(crate) fn options(&self, file: &ProjectFile) -> ImageOptions {
        let words = |own: &Option<Words>, file: &Option<Vec<String>>| {
            own.as_ref().map(|words| words.0.clone()).or_else(|| file.clone())
        };
        // Variables keep the order of the command line, after those of the file that it does not set itself.
        let is_own = |name: &String| self.env.iter().any(|(own, _)| own == name);
        let of_file = file.env.iter().filter(|(name, _)| !is_own(name));
        let mut labels = file.label.clone();
        labels.extend(self.label.iter().cloned());
        let mut annotations = file.annotation.clone();
        annotations.extend(self.annotation.iter().cloned());
        ImageOptions {
            prefix: self.prefix.clone().or_else(|| file.prefix.clone()),
            env: of_file.map(|(k, v)| (k.clone(), v.clone())).chain(self.env.iter().cloned()).collect(),
            entrypoint: words(&self.entrypoint, &file.entrypoint),
            cmd: words(&self.cmd, &file.cmd),
            user: self.user.clone().or_else(|| file.user.clone()),
            workdir: self.workdir.clone().or_else(|| file.workdir.clone()),
            labels,
            annotations,
            copies: super::list_or(&self.copy, &file.copy),
        }
    }
}
