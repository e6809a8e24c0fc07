//! File trees in memory: what layers, a tar or a folder amount to. Contents stay where they are.

mod apply;
mod attributes;
mod encode;
mod from_folder;
mod from_tar;
mod node;
mod resolve;
mod to_folder;

pub(crate) use apply::{Names, apply_tar};
pub(crate) use encode::encode;
pub(crate) use from_folder::from_folder;
pub(crate) use from_tar::from_tar;
pub(crate) use node::{Content, Kind, Node, Tree, split};
pub(crate) use to_folder::to_folder;
