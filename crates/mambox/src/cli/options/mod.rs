//! Options that several subcommands share.

mod channels;
mod environment;
mod image;
mod layers;
mod multi;
mod network;
pub(super) mod output;
mod pip;
mod reference;
mod scripts;
mod sif;

pub(super) use channels::ChannelArgs;
pub(super) use environment::EnvironmentArgs;
pub(super) use image::ImageArgs;
pub(super) use layers::LayerArgs;
pub(super) use multi::MultiArgs;
pub(super) use network::NetworkArgs;
pub(super) use output::OutputArgs;
use pip::PipArgs;
pub(super) use reference::{PlatformArg, existing_image};
pub(super) use scripts::ScriptArgs;
pub(super) use sif::SifArgs;

use crate::contexts::Wishes;
use crate::project_file::ProjectFile;

/// What channels and network options wish for, with the file's settings where the command line is silent.
pub(super) fn wishes(channels: &ChannelArgs, network: &NetworkArgs, file: &ProjectFile) -> Wishes {
    let mut wishes = Wishes::default();
    channels.fill(file, &mut wishes);
    network.fill(&mut wishes);
    wishes
}

/// What network options wish for, of commands that need no channel.
pub(super) fn network_wishes(network: &NetworkArgs) -> Wishes {
    let mut wishes = Wishes::default();
    network.fill(&mut wishes);
    wishes
}

/// The command line's list, or the file's where the command line has none.
fn list_or<T: Clone>(command_line: &[T], file: &[T]) -> Vec<T> {
    if command_line.is_empty() { file.to_vec() } else { command_line.to_vec() }
}
