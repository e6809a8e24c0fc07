//! A root file system in a tar.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::apply::{Names, apply_tar};
use super::node::{Content, Tree};
use crate::files::archive::Region;
use crate::files::tar_stream::invalid;

/// Reads a tar that can be sought in; file contents stay where they are. Also returns the device nodes that
/// were left out.
pub(crate) fn from_tar(file: &Arc<File>, names: Names, tree: &mut Tree) -> io::Result<Vec<String>> {
    let length = file.metadata()?.len();
    let whole = Region { file: file.clone(), offset: 0, size: length };
    apply_tar(tree, whole.reader(), names, |_, entry| {
        let region = Region { file: file.clone(), offset: entry.raw_file_position(), size: entry.size() };
        if region.offset.checked_add(region.size).is_none_or(|end| end > length) {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            return Err(invalid(format!("the tar ends within '{path}'")));
        }
        Ok(Content::Region(region))
    })
}
