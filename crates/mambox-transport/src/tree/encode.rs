//! A tree as a tar: the same tree, the same bytes.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use tar::{EntryType, Header};

use super::attributes::XATTR;
use super::node::{Content, Kind, Node, Tree};
use crate::files::copy;
use crate::files::tar_stream::invalid;
use crate::job::Job;

/// Writes the canonical tar: sorted by path, no root, the first of several hard links holds the content, ustar
/// with PAX records only where a name or an attribute needs one.
pub(crate) fn encode(tree: &Tree, out: &mut impl Write, job: &Job) -> io::Result<()> {
    let mut first: HashMap<*const Node, &[u8]> = HashMap::new();
    for (path, node) in tree.iter() {
        if let (false, Some(target)) = (node.is_folder(), first.get(&Arc::as_ptr(node))) {
            entry(out, path, node, EntryType::Link, target, 0)?;
            continue;
        }
        first.insert(Arc::as_ptr(node), path);
        match &node.kind {
            Kind::Directory => entry(out, &[path, b"/"].concat(), node, EntryType::Directory, b"", 0)?,
            Kind::Symlink(target) => entry(out, path, node, EntryType::Symlink, target, 0)?,
            Kind::Fifo => entry(out, path, node, EntryType::Fifo, b"", 0)?,
            Kind::File { size, content } => {
                entry(out, path, node, EntryType::Regular, b"", *size)?;
                file(out, path, *size, content, job)?;
            }
        }
    }
    out.write_all(&[0; 1024])
}

fn file(out: &mut impl Write, path: &[u8], size: u64, content: &Content, job: &Job) -> io::Result<()> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("'{}': {error}", String::from_utf8_lossy(path)))
    };
    let mut from = content.open().map_err(named)?;
    let mut limited = io::Read::take(&mut from, size);
    let copied = copy(&mut limited, out, job)?;
    // One byte more would tell of a file that grew meanwhile.
    if copied != size || io::Read::read(&mut from, &mut [0])? != 0 {
        return Err(named(invalid("it changed while it was read")));
    }
    out.write_all(&[0; 512][..(size.next_multiple_of(512) - size) as usize])
}

fn entry(
    out: &mut impl Write,
    path: &[u8],
    node: &Node,
    kind: EntryType,
    link: &[u8],
    size: u64,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(if kind == EntryType::Symlink { 0o777 } else { node.mode });
    header.set_uid(node.uid);
    header.set_gid(node.gid);
    header.set_mtime(node.mtime);
    header.set_size(size);
    let mut records = Vec::new();
    let mut field = |field: &mut [u8; 100], key: &str, value: &[u8]| match value.len() <= field.len() {
        true => field[..value.len()].copy_from_slice(value),
        false => {
            field.copy_from_slice(&value[..100]);
            record(&mut records, key, value);
        }
    };
    field(&mut header.as_old_mut().name, "path", path);
    field(&mut header.as_old_mut().linkname, "linkpath", link);
    if kind != EntryType::Link {
        for (name, value) in &node.xattrs {
            record(&mut records, &format!("{XATTR}{name}"), value);
        }
    }
    if !records.is_empty() {
        extension(out, &records)?;
    }
    header.set_cksum();
    out.write_all(header.as_bytes())
}

fn extension(out: &mut impl Write, records: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XHeader);
    header.as_old_mut().name[..9].copy_from_slice(b"PaxHeader");
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(records.len() as u64);
    header.set_cksum();
    out.write_all(header.as_bytes())?;
    out.write_all(records)?;
    out.write_all(&[0; 512][..records.len().next_multiple_of(512) - records.len()])
}

/// `LENGTH KEY=VALUE\n`, where the length counts its own digits (POSIX pax).
fn record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let digits = |length: usize| length.to_string().len();
    let mut length = rest + digits(rest);
    if rest + digits(length) != length {
        length = rest + digits(length);
    }
    records.extend_from_slice(format!("{length} {key}=").as_bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}
