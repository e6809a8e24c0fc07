//! Writing a package's archive: `.conda` and `.tar.bz2`, the same bytes on every run.

use std::io::Write;

use zip::write::SimpleFileOptions;

use super::entry::{Node, PayloadEntry};
use crate::tar_writer::{TarEntry, TarKind, TarStyle, tar_bytes_in};

/// The archive format of a built package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// A zip with the members `metadata.json`, `pkg-*.tar.zst`, `info-*.tar.zst` (the order conda-build writes).
    #[default]
    Conda,
    /// The same with the info member before the payload.
    CondaInfoFirst,
    /// One bzip2 tar whose `info/` files come first.
    TarBz2,
    /// One bzip2 tar whose `info/` files come last, as some old builders wrote them.
    TarBz2InfoLast,
}

impl ArchiveFormat {
    /// The file extension, with its dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Conda | Self::CondaInfoFirst => ".conda",
            Self::TarBz2 | Self::TarBz2InfoLast => ".tar.bz2",
        }
    }
}

/// The tar entries of the payload, in the order in which they were added.
pub(super) fn payload_entries(entries: &[PayloadEntry]) -> Vec<TarEntry> {
    let present = entries.iter().filter(|entry| entry.in_archive);
    present
        .map(|entry| TarEntry {
            path: match entry.node {
                Node::Directory => format!("{}/", entry.path),
                _ => entry.path.clone(),
            },
            kind: match &entry.node {
                Node::File { content, .. } => TarKind::File(content.clone()),
                Node::Symlink(target) => TarKind::Symlink(target.clone()),
                Node::HardLink(target) => TarKind::HardLink(target.clone()),
                Node::Directory => TarKind::Directory,
            },
            mode: entry.mode,
            uid: 0,
            gid: 0,
            mtime: entry.mtime,
            declared_size: None,
        })
        .collect()
}

/// Packs an archive from its two halves. `stem` is the file name without its extension.
pub(crate) fn pack(
    format: ArchiveFormat,
    style: TarStyle,
    stem: &str,
    info: &[TarEntry],
    payload: &[TarEntry],
) -> Vec<u8> {
    let tar_bytes = |entries: &[TarEntry]| tar_bytes_in(style, entries);
    let pkg = || (format!("pkg-{stem}.tar.zst"), zstd_bytes(&tar_bytes(payload)));
    let info_member = || (format!("info-{stem}.tar.zst"), zstd_bytes(&tar_bytes(info)));
    match format {
        ArchiveFormat::Conda => conda_zip(&[conda_metadata(), pkg(), info_member()]),
        ArchiveFormat::CondaInfoFirst => conda_zip(&[conda_metadata(), info_member(), pkg()]),
        ArchiveFormat::TarBz2 => bzip2_bytes(&tar_bytes(&[info, payload].concat())),
        ArchiveFormat::TarBz2InfoLast => bzip2_bytes(&tar_bytes(&[payload, info].concat())),
    }
}

/// The first member of every `.conda` archive.
pub(crate) fn conda_metadata() -> (String, Vec<u8>) {
    ("metadata.json".into(), br#"{"conda_pkg_format_version": 2}"#.to_vec())
}

/// A zip with stored members, as `.conda` archives are.
pub(crate) fn conda_zip(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(name, options).expect("a zip member starts");
        zip.write_all(content).expect("memory takes the member");
    }
    zip.finish().expect("the zip closes").into_inner()
}

/// zstd at a fixed level, in one frame.
pub(crate) fn zstd_bytes(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 3).expect("memory compresses")
}

/// bzip2 at level 9.
pub(crate) fn bzip2_bytes(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(content).expect("memory compresses");
    encoder.finish().expect("memory compresses")
}
