//! A tar writer that writes exactly what it is told, including what a polite writer refuses
//! (`..`, absolute names, device nodes), with fixed owners and times unless told otherwise.

use tar::{EntryType, Header};

/// Modification time of everything the kit writes unless a test says otherwise:
/// 2023-11-14T22:13:20Z, in seconds since the epoch.
pub const DEFAULT_MTIME: u64 = 1_700_000_000;

/// What a tar entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TarKind {
    /// A regular file with its content.
    File(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link with its target, verbatim.
    Symlink(String),
    /// A hard link to another member of the archive, by that member's name.
    HardLink(String),
    /// A character device (major, minor).
    CharDevice(u32, u32),
    /// A block device (major, minor).
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
}

/// One entry of a tar stream. Names and link targets are written byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TarEntry {
    /// Name as written.
    pub path: String,
    /// Type and content.
    pub kind: TarKind,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Seconds since the epoch.
    pub mtime: u64,
    /// A size for the header that differs from the content's: a lie.
    pub declared_size: Option<u64>,
}

impl TarEntry {
    fn new(path: impl Into<String>, kind: TarKind, mode: u32) -> Self {
        Self { path: path.into(), kind, mode, uid: 0, gid: 0, mtime: DEFAULT_MTIME, declared_size: None }
    }

    /// A regular file, mode 0644.
    pub fn file(path: impl Into<String>, content: impl AsRef<[u8]>) -> Self {
        Self::new(path, TarKind::File(content.as_ref().to_vec()), 0o644)
    }

    /// A directory, mode 0755.
    pub fn dir(path: impl Into<String>) -> Self {
        Self::new(path, TarKind::Directory, 0o755)
    }

    /// A symbolic link, mode 0777.
    pub fn symlink(path: impl Into<String>, target: impl Into<String>) -> Self {
        Self::new(path, TarKind::Symlink(target.into()), 0o777)
    }

    /// A hard link to another member, mode 0644.
    pub fn hard_link(path: impl Into<String>, target: impl Into<String>) -> Self {
        Self::new(path, TarKind::HardLink(target.into()), 0o644)
    }

    /// A special file (device or named pipe), mode 0644.
    pub fn special(path: impl Into<String>, kind: TarKind) -> Self {
        Self::new(path, kind, 0o644)
    }

    /// The same entry with other permission bits.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// The same entry with another owner and group.
    pub fn owner(mut self, uid: u64, gid: u64) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// The same entry with another modification time (seconds since the epoch).
    pub fn mtime(mut self, mtime: u64) -> Self {
        self.mtime = mtime;
        self
    }

    /// The same entry whose header declares a size that its content does not have.
    pub fn declared_size(mut self, size: u64) -> Self {
        self.declared_size = Some(size);
        self
    }
}

/// How names are written that do not fit a tar header's 100 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TarStyle {
    /// GNU: `L` and `K` records for long names; other alphabets as they are.
    #[default]
    Gnu,
    /// POSIX: extended (`x`) records for names that are long or not ASCII, as Python's tarfile writes them.
    Pax,
}

/// The bytes of an uncompressed tar stream with `entries` in their order, in GNU style, closed by two zero blocks.
pub fn tar_bytes(entries: &[TarEntry]) -> Vec<u8> {
    tar_bytes_in(TarStyle::Gnu, entries)
}

/// Like [`tar_bytes`] in a style of choice.
pub fn tar_bytes_in(style: TarStyle, entries: &[TarEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        append(&mut out, style, entry);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// Like [`tar_bytes`] without the closing zero blocks, as a cut stream has it.
pub fn tar_bytes_open(entries: &[TarEntry]) -> Vec<u8> {
    let mut out = tar_bytes(entries);
    out.truncate(out.len() - 1024);
    out
}

fn append(out: &mut Vec<u8>, style: TarStyle, entry: &TarEntry) {
    let (kind, link, content, device) = match &entry.kind {
        TarKind::File(content) => (EntryType::Regular, None, content.as_slice(), None),
        TarKind::Directory => (EntryType::Directory, None, &[][..], None),
        TarKind::Symlink(target) => (EntryType::Symlink, Some(target), &[][..], None),
        TarKind::HardLink(target) => (EntryType::Link, Some(target), &[][..], None),
        TarKind::CharDevice(major, minor) => (EntryType::Char, None, &[][..], Some((*major, *minor))),
        TarKind::BlockDevice(major, minor) => (EntryType::Block, None, &[][..], Some((*major, *minor))),
        TarKind::Fifo => (EntryType::Fifo, None, &[][..], None),
    };
    let link = link.map(String::as_bytes).unwrap_or_default();
    match style {
        TarStyle::Gnu if link.len() > 100 => append_long(out, EntryType::GNULongLink, link),
        TarStyle::Pax => append_pax(out, entry.path.as_bytes(), link),
        TarStyle::Gnu => {}
    }
    if style == TarStyle::Gnu && entry.path.len() > 100 {
        append_long(out, EntryType::GNULongName, entry.path.as_bytes());
    }
    let mut header = match style {
        TarStyle::Gnu => Header::new_gnu(),
        TarStyle::Pax => Header::new_ustar(),
    };
    header.set_entry_type(kind);
    header.set_mode(entry.mode);
    header.set_uid(entry.uid);
    header.set_gid(entry.gid);
    header.set_mtime(entry.mtime);
    header.set_size(entry.declared_size.unwrap_or(content.len() as u64));
    if let Some((major, minor)) = device {
        header.set_device_major(major).expect("the header has a device field");
        header.set_device_minor(minor).expect("the header has a device field");
    }
    set_field(&mut header.as_old_mut().name, entry.path.as_bytes());
    set_field(&mut header.as_old_mut().linkname, link);
    append_blocks(out, header, content);
}

fn append_long(out: &mut Vec<u8>, kind: EntryType, name: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(name.len() as u64 + 1);
    set_field(&mut header.as_old_mut().name, b"././@LongLink");
    append_blocks(out, header, &[name, b"\0"].concat());
}

fn append_pax(out: &mut Vec<u8>, path: &[u8], link: &[u8]) {
    let records: Vec<u8> = [("path", path), ("linkpath", link)]
        .into_iter()
        .filter(|(_, value)| value.len() > 100 || !value.is_ascii())
        .flat_map(|(key, value)| pax_record(key, value))
        .collect();
    if records.is_empty() {
        return;
    }
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XHeader);
    header.set_mode(0o644);
    header.set_size(records.len() as u64);
    set_field(&mut header.as_old_mut().name, b"././@PaxHeader");
    append_blocks(out, header, &records);
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
fn pax_record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

fn set_field(field: &mut [u8; 100], value: &[u8]) {
    let length = value.len().min(100);
    field[..length].copy_from_slice(&value[..length]);
}

fn append_blocks(out: &mut Vec<u8>, mut header: Header, content: &[u8]) {
    header.set_cksum();
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
}
