//! The tar stream of a layer.
//!
//! Entries are ustar; what does not fit there (long names, huge sizes) precedes in a PAX header, which POSIX defines
//! and the image-spec builds on. docker 20.10, podman and apptainer read both forms. There is no entry for the
//! root directory, which apptainer refuses. Owner and group are 0 without names.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::error::{CompileError, LayerError, Problem};

/// Time of directories, in every layer the same: 1980-01-01, the first that all file systems can hold.
pub(crate) const DIRECTORY_TIME: u64 = 315_532_800;
/// Largest number in the 11 octal digits of size and time.
const MAX_OCTAL: u64 = 0o777_7777_7777;
const BLOCK: usize = 512;

/// Why an entry is not written.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The package is at fault.
    Package(Problem),
    /// The medium is.
    Sink(io::Error),
    /// Whoever makes `.pyc` files is.
    Compile(CompileError),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Package(problem)
    }
}

impl From<CompileError> for Fault {
    fn from(error: CompileError) -> Self {
        Self::Compile(error)
    }
}

impl Fault {
    /// Names the package at fault.
    pub(crate) fn of(self, package: &str) -> LayerError {
        match self {
            Self::Package(problem) => problem.of(package),
            Self::Sink(error) => LayerError::Sink(error),
            Self::Compile(error) => LayerError::Compile { package: package.to_owned(), error },
        }
    }
}

/// Writes entries; directories above them appear by themselves, once each.
pub(crate) struct LayerTar<W> {
    out: W,
    /// The prefix without its slash; directories above it are the base's own and stay 0755.
    prefix: String,
    written: HashMap<String, Kind>,
    left: u64,
    padding: usize,
    copy: Copy,
}

/// The content of a file that somebody else wants as well.
#[derive(Debug, Default)]
enum Copy {
    #[default]
    No,
    /// Of the next file, if it is not larger.
    Next(u64),
    /// With the file's time.
    Of(Vec<u8>, u64),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    Leaf,
}

/// What a header says.
struct Header<'a> {
    path: &'a str,
    kind: u8,
    mode: u32,
    size: u64,
    mtime: u64,
    link: &'a [u8],
}

impl<W: Write> LayerTar<W> {
    /// An empty layer for the environment at `prefix` (relative: `opt/conda`).
    pub(crate) fn new(out: W, prefix: &str) -> Self {
        Self { out, prefix: prefix.to_owned(), written: HashMap::new(), left: 0, padding: 0, copy: Copy::No }
    }

    /// Begins a file of `size` bytes, which are then written through `self`, and ended by [`Self::end_file`].
    pub(crate) fn begin_file(&mut self, path: &str, mode: u32, mtime: u64, size: u64) -> Result<(), Fault> {
        let path = self.leaf(path)?;
        self.copy = match self.copy {
            Copy::Next(most) if size <= most => Copy::Of(Vec::with_capacity(size as usize), mtime),
            _ => Copy::No,
        };
        self.left = size;
        self.padding = (size.next_multiple_of(BLOCK as u64) - size) as usize;
        self.header(&Header { path: &path, kind: b'0', mode, size, mtime, link: b"" })
    }

    /// Pads the file; all of its bytes must have been written.
    pub(crate) fn end_file(&mut self) -> Result<(), Fault> {
        if self.left > 0 {
            let why = format!("{} bytes of a file were not written", self.left);
            return Err(Fault::Sink(io::Error::other(why)));
        }
        let padding = [0; BLOCK];
        self.out.write_all(&padding[..self.padding]).map_err(Fault::Sink)
    }

    /// Keeps a copy of the next file's content for [`Self::take_copy`], unless it is larger than `most` bytes.
    pub(crate) fn copy_next(&mut self, most: u64) {
        self.copy = Copy::Next(most);
    }

    /// The copy of a file that was ended, and the file's time.
    pub(crate) fn take_copy(&mut self) -> Option<(Vec<u8>, u64)> {
        match std::mem::take(&mut self.copy) {
            Copy::Of(content, mtime) => Some((content, mtime)),
            Copy::No | Copy::Next(_) => None,
        }
    }

    /// A whole file.
    pub(crate) fn file(&mut self, path: &str, mode: u32, mtime: u64, content: &[u8]) -> Result<(), Fault> {
        self.begin_file(path, mode, mtime, content.len() as u64)?;
        self.write_all(content).map_err(Fault::Sink)?;
        self.end_file()
    }

    /// A symbolic link.
    pub(crate) fn symlink(&mut self, path: &str, target: &[u8], mtime: u64) -> Result<(), Fault> {
        let path = self.leaf(path)?;
        self.header(&Header { path: &path, kind: b'2', mode: 0o777, size: 0, mtime, link: target })
    }

    /// Another name of a file that this layer holds already.
    pub(crate) fn hard_link(&mut self, path: &str, to: &str, mode: u32, mtime: u64) -> Result<(), Fault> {
        let to = format!("{}/{to}", self.prefix);
        let path = self.leaf(path)?;
        self.header(&Header { path: &path, kind: b'1', mode, size: 0, mtime, link: to.as_bytes() })
    }

    /// A directory of the environment, and those above it.
    pub(crate) fn directory(&mut self, path: &str) -> Result<(), Fault> {
        let full = format!("{}/{path}", self.prefix);
        self.ensure_directory(&full)
    }

    /// Ends the tar stream.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])
    }

    /// The full path of a new entry, whose directories are there.
    fn leaf(&mut self, path: &str) -> Result<String, Fault> {
        let full = format!("{}/{path}", self.prefix);
        if let Some((above, _)) = full.rsplit_once('/') {
            self.ensure_directory(above)?;
        }
        if self.written.insert(full.clone(), Kind::Leaf).is_some() {
            return Err(Problem::path(path, "is there twice").into());
        }
        Ok(full)
    }

    fn ensure_directory(&mut self, full: &str) -> Result<(), Fault> {
        match self.written.get(full) {
            Some(Kind::Directory) => return Ok(()),
            Some(Kind::Leaf) => return Err(Problem::path(full, "is both a file and a directory").into()),
            None => {}
        }
        if let Some((above, _)) = full.rsplit_once('/') {
            self.ensure_directory(above)?;
        }
        self.written.insert(full.to_owned(), Kind::Directory);
        // Group 0 may write where the owner may, as arbitrary user ids (OpenShift) come with that group; but
        // directories above the prefix belong to the base, and must not change.
        let above = self.prefix.strip_prefix(full).is_some_and(|rest| rest.starts_with('/'));
        let mode = if above { 0o755 } else { 0o775 };
        let path = format!("{full}/");
        self.header(&Header { path: &path, kind: b'5', mode, size: 0, mtime: DIRECTORY_TIME, link: b"" })
    }

    fn header(&mut self, header: &Header<'_>) -> Result<(), Fault> {
        let name = split_name(header.path);
        let mut pax = Vec::new();
        if name.is_none() {
            pax_record(&mut pax, "path", header.path.as_bytes());
        }
        if header.link.len() > 100 {
            pax_record(&mut pax, "linkpath", header.link);
        }
        if header.size > MAX_OCTAL {
            pax_record(&mut pax, "size", header.size.to_string().as_bytes());
        }
        if !pax.is_empty() {
            self.pax(header, &pax).map_err(Fault::Sink)?;
        }
        self.out.write_all(&block(header, name)).map_err(Fault::Sink)
    }

    fn pax(&mut self, header: &Header<'_>, records: &[u8]) -> io::Result<()> {
        // Only readers without PAX see this name.
        let extended = Header {
            path: "PaxHeaders/entry",
            kind: b'x',
            mode: 0o644,
            size: records.len() as u64,
            mtime: header.mtime,
            link: b"",
        };
        self.out.write_all(&block(&extended, Some(("", extended.path))))?;
        self.out.write_all(records)?;
        let padding = records.len().next_multiple_of(BLOCK) - records.len();
        self.out.write_all(&[0; BLOCK][..padding])
    }
}

impl<W: Write> Write for LayerTar<W> {
    /// Content of the file that was begun.
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.len() as u64 > self.left {
            return Err(io::Error::other("more bytes than the file's header says"));
        }
        let written = self.out.write(buffer)?;
        self.left -= written as u64;
        if let Copy::Of(copy, _) = &mut self.copy {
            copy.extend_from_slice(&buffer[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Prefix and name of a ustar header; `None` where they do not fit.
fn split_name(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    // The last slash that leaves room for the prefix; a directory's own slash at the end is none.
    let within = path.len().min(156);
    let slash = path.as_bytes()[..within].iter().rposition(|byte| *byte == b'/')?;
    let (prefix, name) = (&path[..slash], &path[slash + 1..]);
    (!prefix.is_empty() && !name.is_empty() && name.len() <= 100).then_some((prefix, name))
}

/// A record of a PAX header: `LENGTH KEY=VALUE\n`, where the length counts its own digits.
fn pax_record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    records.extend_from_slice(format!("{length} {key}=").as_bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}

fn block(header: &Header<'_>, name: Option<(&str, &str)>) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (prefix, name) = name.unwrap_or_else(|| ("", cut(header.path)));
    put(&mut block[..100], name.as_bytes());
    octal(&mut block[100..108], header.mode.into());
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    octal(&mut block[124..136], if header.size > MAX_OCTAL { 0 } else { header.size });
    octal(&mut block[136..148], header.mtime.min(MAX_OCTAL));
    block[156] = header.kind;
    put(&mut block[157..257], &header.link[..header.link.len().min(100)]);
    put(&mut block[257..265], b"ustar\x0000");
    put(&mut block[345..500], prefix.as_bytes());
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut block[148..155], sum);
    block
}

/// The begin of a path that a PAX record holds in full.
fn cut(path: &str) -> &str {
    let end = (0..=100).rev().find(|end| path.is_char_boundary(*end)).unwrap_or(0);
    &path[..end]
}

fn put(field: &mut [u8], bytes: &[u8]) {
    field[..bytes.len()].copy_from_slice(bytes);
}

/// Octal digits that fill the field but for a NUL at its end.
fn octal(field: &mut [u8], number: u64) {
    let digits = field.len() - 1;
    put(field, format!("{number:0digits$o}\0").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_pax_record_counts_its_own_digits() {
        let record = |length: usize| {
            let mut records = Vec::new();
            pax_record(&mut records, "path", &vec![b'x'; length]);
            String::from_utf8(records).unwrap()
        };
        for length in (0..2000).chain(99_900..100_100) {
            let record = record(length);
            assert_eq!(record.split_once(' ').unwrap().0, record.len().to_string());
        }
        assert_eq!(record(1), "9 path=x\n");
        assert_eq!(record(2), "11 path=xx\n");
    }

    #[test]
    fn names_are_split_only_at_a_slash_that_fits() {
        let directory = "d".repeat(99);
        let file = "f".repeat(100);
        assert_eq!(split_name("short"), Some(("", "short")));
        assert_eq!(split_name(&format!("{directory}/{file}")), Some((directory.as_str(), file.as_str())));
        assert_eq!(split_name(&format!("{directory}/{file}f")), None, "the name is too long");
        assert_eq!(
            split_name(&format!("{directory}/{directory}/")),
            Some((&*directory, &*format!("{directory}/")))
        );
        assert_eq!(
            split_name(&format!("{}/{file}", "d".repeat(155))).map(|(prefix, _)| prefix.len()),
            Some(155)
        );
        assert_eq!(split_name(&format!("{}/{file}", "d".repeat(156))), None, "the prefix is too long");
        assert_eq!(split_name(&format!("/{file}")), None, "the prefix would be empty");
    }

    #[test]
    fn a_file_of_ten_gigabytes_has_its_size_in_a_pax_record() {
        let mut bytes = Vec::new();
        LayerTar::new(&mut bytes, "opt").begin_file("huge", 0o644, 0, 10_000_000_000).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let sizes: Vec<u64> = archive.entries().unwrap().map(|entry| entry.unwrap().size()).take(2).collect();
        assert_eq!(sizes, [0, 10_000_000_000]);
    }

    #[test]
    fn a_file_that_is_not_written_as_its_header_says_is_an_error() {
        let mut tar = LayerTar::new(Vec::new(), "opt");
        tar.begin_file("a", 0o644, 0, 3).unwrap();
        assert!(tar.write_all(b"four").is_err());
        tar.write_all(b"tw").unwrap();
        assert!(tar.end_file().is_err());
    }

    #[test]
    fn one_path_is_one_entry() {
        let mut tar = LayerTar::new(Vec::new(), "opt");
        tar.file("a/b", 0o644, 0, b"").unwrap();
        assert!(matches!(tar.file("a/b", 0o644, 0, b""), Err(Fault::Package(_))));
        assert!(matches!(tar.file("a/b/c", 0o644, 0, b""), Err(Fault::Package(_))));
        assert!(matches!(tar.symlink("a", b"x", 0), Err(Fault::Package(_))));
    }
}
