//! A tar stream as text, one line an entry, for inline snapshots.

use std::fmt::Write as _;
use std::io::Read;

use chrono::DateTime;
use tar::{Archive, EntryType};

/// Lists an uncompressed tar stream held in memory; see [`list_tar`].
pub fn listing(tar: &[u8]) -> String {
    list_tar(tar)
}

/// Lists an uncompressed tar stream in its order:
///
/// ```text
/// drwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 opt/conda/
/// lrwxrwxrwx 0:0 2023-11-14T22:13:20Z 0 opt/conda/bin/python -> python3.13
/// -rwxr-xr-x 0:0 2023-11-14T22:13:20Z 0 opt/conda/bin/b => opt/conda/bin/a
/// ```
///
/// Hard links have the letter `h`, devices end in ` major,minor`; extended attributes of PAX records follow in
/// brackets. Control characters in names are escaped.
pub fn list_tar(tar: impl Read) -> String {
    let mut lines = String::new();
    let mut archive = Archive::new(tar);
    for entry in archive.entries().expect("a tar stream") {
        let mut entry = entry.expect("a tar entry");
        let kind = entry.header().entry_type();
        let attributes = extended_attributes(&mut entry);
        let header = entry.header();
        let path = escape(&entry.path_bytes());
        let _ = write!(
            lines,
            "{}{} {}:{} {} {} {path}",
            letter(kind),
            permissions(header.mode().expect("a mode")),
            header.uid().expect("an owner"),
            header.gid().expect("a group"),
            iso_time(header.mtime().expect("a time")),
            entry.size(),
        );
        let link = entry.link_name_bytes().map(|name| escape(&name)).unwrap_or_default();
        match kind {
            EntryType::Symlink => lines += &format!(" -> {link}"),
            EntryType::Link => lines += &format!(" => {link}"),
            EntryType::Char | EntryType::Block => {
                let major = header.device_major().ok().flatten().unwrap_or_default();
                let minor = header.device_minor().ok().flatten().unwrap_or_default();
                lines += &format!(" {major},{minor}");
            }
            _ => {}
        }
        lines += &attributes;
        lines.push('\n');
    }
    lines
}

fn extended_attributes<R: Read>(entry: &mut tar::Entry<'_, R>) -> String {
    let mut text = String::new();
    let Some(extensions) = entry.pax_extensions().expect("readable PAX records") else { return text };
    for extension in extensions {
        let extension = extension.expect("a PAX record");
        let key = extension.key().expect("a PAX key is UTF-8");
        if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
            text += &format!(" [{name}={}]", escape(extension.value_bytes()));
        }
    }
    text
}

fn letter(kind: EntryType) -> char {
    match kind {
        EntryType::Directory => 'd',
        EntryType::Symlink => 'l',
        EntryType::Link => 'h',
        EntryType::Char => 'c',
        EntryType::Block => 'b',
        EntryType::Fifo => 'p',
        EntryType::Regular | EntryType::Continuous => '-',
        _ => '?',
    }
}

fn permissions(mode: u32) -> String {
    let special = [(0o4000, 's', 'S'), (0o2000, 's', 'S'), (0o1000, 't', 'T')];
    let mut text = String::new();
    for (shift, (bit, with_x, without_x)) in [6, 3, 0].into_iter().zip(special) {
        let triple = mode >> shift;
        text.push(if triple & 4 != 0 { 'r' } else { '-' });
        text.push(if triple & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & bit != 0, triple & 1 != 0) {
            (true, true) => with_x,
            (true, false) => without_x,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn iso_time(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or_else(|| format!("@{seconds}"), |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn escape(name: &[u8]) -> String {
    let mut text = String::new();
    for character in String::from_utf8_lossy(name).chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}
