//! Where packages come from.

use std::path::PathBuf;

use clap::Args;

use crate::contexts::Wishes;
use crate::project_file::ProjectFile;
use crate::values::Priority;

#[derive(Debug, Args)]
#[command(next_help_heading = "Channels")]
pub(crate) struct ChannelArgs {
    /// A channel: a name, a URL or a folder (./channel); before those of the environment file
    #[arg(short, long = "channel", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// Leave out the channels of .condarc and .mambarc
    #[arg(long)]
    override_channels: bool,
    /// How strictly a channel goes before the next [default: strict, unless an rc file says otherwise]
    #[arg(long, value_name = "PRIORITY")]
    channel_priority: Option<Priority>,
    /// Read this file instead of the usual .condarc and .mambarc files; may be repeated
    #[arg(long = "rc-file", value_name = "FILE")]
    rc_files: Vec<PathBuf>,
    /// Read no .condarc or .mambarc at all
    #[arg(long, conflicts_with = "rc_files")]
    no_rc: bool,
}

impl ChannelArgs {
    pub(super) fn fill(&self, file: &ProjectFile, wishes: &mut Wishes) {
        wishes.channels = super::list_or(&self.channels, &file.channel);
        wishes.override_channels = self.override_channels || file.override_channels;
        wishes.channel_priority = self.channel_priority.or(file.channel_priority).map(Into::into);
        wishes.rc_files = self.rc_files.clone();
        wishes.no_rc = self.no_rc;
    }
}
