//! A wheel in its one form, whoever packed it: the same files give the same bytes.
//!
//! Members are sorted, the metadata come last and RECORD after everything else, as the specification "Binary
//! distribution format" advises; times, modes and compression are fixed. What the files hold stays as it is, and so does
//! RECORD, which lists contents and no container.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::path::Path;

use zip::ZipArchive;

use super::archive::Exactly;
use super::error::SdistProblem;
use super::stored_zip::{MOST_MEMBERS, Member, StoredZip};
use crate::cancel::Cancelled;

/// Every wheel has these.
const METADATA: [&str; 3] = ["METADATA", "WHEEL", "RECORD"];

type Zip = ZipArchive<BufReader<File>>;

/// Where a member is, in the order in which they are written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_record: bool,
    is_metadata: bool,
    name: String,
    index: usize,
}

/// Writes the wheel at `path`, named `file_name`, anew.
pub(super) fn rewrite(
    path: &Path,
    file_name: &str,
    out: &File,
    out_path: &Path,
    cancelled: &Cancelled,
) -> Result<(), SdistProblem> {
    let wrong = |why: String| SdistProblem::WrongWheel { file_name: file_name.to_owned(), why };
    let odd = |error: zip::result::ZipError| wrong(format!("is damaged, or no usual zip ({error})"));
    let file = File::open(path).map_err(SdistProblem::io("cannot read", path))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(odd)?;
    if zip.len() > MOST_MEMBERS || zip.has_duplicate_names() {
        return Err(wrong("has more than 65534 files, or some twice".into()));
    }
    let places = places(&mut zip).map_err(|why| wrong(why.unwrap_or_else(|| "is damaged".into())))?;
    let mut writer = StoredZip::new(BufWriter::new(cancelled.guard(out)));
    for place in places {
        let member = zip.by_index(place.index).map_err(odd)?;
        let size = member.size();
        let executable = member.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let header = Member { name: &place.name, size, crc: member.crc32(), executable };
        let mut content = Marked {
            inner: Exactly { inner: member.take(size.saturating_add(1)), left: size },
            failed: false,
        };
        let written = writer.add(&header, &mut content);
        written.map_err(|error| match content.failed || error.kind() == io::ErrorKind::InvalidData {
            true => wrong(format!("has '{}', which is damaged: {error}", place.name)),
            false => SdistProblem::io("cannot write", out_path)(error),
        })?;
    }
    writer.finish().map(drop).map_err(SdistProblem::io("cannot write", out_path))
}

/// Remembers that reading failed, so that it is told apart from writing.
struct Marked<R> {
    inner: R,
    failed: bool,
}

impl<R: Read> Read for Marked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|_| self.failed = true)
    }
}

/// The files in their order.
fn places(zip: &mut Zip) -> Result<Vec<Place>, Option<String>> {
    let mut names = Vec::new();
    for index in 0..zip.len() {
        let member = zip.by_index_raw(index).map_err(|_| None)?;
        let name = member.name().map_err(|_| None)?.into_owned();
        if member.encrypted() || member.is_symlink() {
            return Err(Some(format!("has '{}', which is encrypted or a link", name.escape_debug())));
        }
        if !is_plain(&name) {
            return Err(Some(format!("has '{}', which is no path inside", name.escape_debug())));
        }
        if !member.is_dir() {
            names.push((name, index));
        }
    }
    let metadata = metadata_folder(&names)?;
    let mut places: Vec<Place> = names
        .into_iter()
        .map(|(name, index)| {
            let file = name.strip_prefix(&metadata);
            Place { is_record: file == Some("RECORD"), is_metadata: file.is_some(), name, index }
        })
        .collect();
    places.sort();
    Ok(places)
}

/// The one `NAME-VERSION.dist-info/`.
fn metadata_folder(names: &[(String, usize)]) -> Result<String, Option<String>> {
    let tops = names.iter().filter_map(|(name, _)| name.split_once('/')).map(|(top, _)| top);
    let mut folders: Vec<&str> = tops.filter(|top| top.ends_with(".dist-info")).collect();
    folders.sort();
    folders.dedup();
    let [folder] = folders[..] else {
        return Err(Some(format!("has {} folders .dist-info, where wheels have one", folders.len())));
    };
    for file in METADATA {
        let path = format!("{folder}/{file}");
        if !names.iter().any(|(name, _)| *name == path) {
            return Err(Some(format!("has no {path}")));
        }
    }
    Ok(format!("{folder}/"))
}

fn is_plain(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    !path.contains(['\0', '\\']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
