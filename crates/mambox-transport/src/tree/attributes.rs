//! Mode, owner, time and extended attributes.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::node::{Kind, Node};
use crate::files::tar_stream::{Bounded, invalid};

/// Where PAX records keep extended attributes.
pub(super) const XATTR: &str = "SCHILY.xattr.";

/// Whether an attribute belongs to the image: file capabilities and the user's own. Labels of SELinux and
/// the like are the machine's, and would make the same tree another layer elsewhere.
pub(super) fn is_kept(name: &str) -> bool {
    name == "security.capability" || name.starts_with("user.")
}

/// A node of a tar entry's attributes.
pub(super) fn attributes<R: Read>(kind: Kind, entry: &mut tar::Entry<'_, Bounded<R>>) -> io::Result<Node> {
    let mut xattrs = BTreeMap::new();
    if let Some(records) = entry.pax_extensions()? {
        for record in records {
            let record = record?;
            let Ok(key) = record.key() else { continue };
            if key.starts_with("GNU.sparse.") {
                return Err(invalid("the tar holds a sparse file, which layers do not have"));
            }
            if let Some(name) = key.strip_prefix(XATTR).filter(|name| is_kept(name)) {
                xattrs.insert(name.to_owned(), record.value_bytes().to_vec());
            }
        }
    }
    let header = entry.header();
    let (uid, gid) = (header.uid()?, header.gid()?);
    // A time before 1970 is written as a negative number, which is no time a layer needs.
    let mtime = header.mtime().ok().filter(|time| i64::try_from(*time).is_ok()).unwrap_or(0);
    Ok(Node { kind, mode: header.mode()? & 0o7777, uid, gid, mtime, xattrs })
}
