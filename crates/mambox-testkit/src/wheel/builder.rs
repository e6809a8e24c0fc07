//! The fluent builder of wheels.

use rattler_digest::{Sha256, compute_bytes_digest};

use super::built::BuiltWheel;
use super::record;
use super::zip::{ZipMember, zip};

/// Type and permissions of a file, of an executable one and of a symbolic link.
const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
pub(super) const SYMLINK: u32 = 0o120_777;

/// Builds a wheel in memory. The same calls give the same bytes, always.
///
/// Files come in the order of the calls, those of `.dist-info` behind them. Unless told otherwise: tag `py3-none-any`,
/// deflated, times at [`DEFAULT_MTIME`](crate::DEFAULT_MTIME).
///
/// ```
/// use mambox_testkit::WheelBuilder;
/// let wheel = WheelBuilder::new("Hello.World", "1.0")
///     .file("hello/__init__.py", "def main(): print('hello')\n")
///     .entry_point("hello", "hello:main")
///     .finish();
/// assert_eq!(wheel.file_name, "Hello_World-1.0-py3-none-any.whl");
/// assert_eq!(wheel.name, "hello-world");
/// ```
#[derive(Clone, Debug)]
pub struct WheelBuilder {
    pub(super) name: String,
    pub(super) version: String,
    tag: String,
    files: Vec<File>,
    console: Vec<String>,
    gui: Vec<String>,
    metadata: Vec<String>,
    wheel_version: String,
    stored: bool,
    /// Lines of RECORD for nothing.
    pub(super) absent: Vec<String>,
}

/// A file of the wheel, and what RECORD says of it.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) member: ZipMember,
    pub(super) listed: bool,
    pub(super) claimed_hash: Option<String>,
    /// How often the zip holds it.
    pub(super) times: usize,
}

impl WheelBuilder {
    /// A wheel that holds nothing but its metadata.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            tag: "py3-none-any".to_owned(),
            files: Vec::new(),
            console: Vec::new(),
            gui: Vec::new(),
            metadata: Vec::new(),
            wheel_version: "1.0".to_owned(),
            stored: false,
            absent: Vec::new(),
        }
    }

    /// The tag, such as `cp311-cp311-manylinux_2_28_x86_64`.
    pub fn tag(mut self, tag: &str) -> Self {
        self.tag = tag.to_owned();
        self
    }

    /// A file, mode 0644, by its path in the archive.
    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let file = self.new_file(path, content.as_ref(), FILE);
        self.files.push(file);
        self
    }

    /// A file, mode 0755.
    pub fn executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file(path, content).mode(EXECUTABLE)
    }

    /// A script: `.data/scripts/NAME`, mode 0755. `#!python` stands for the environment's python.
    pub fn script(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.in_scheme("scripts", name, content).mode(EXECUTABLE)
    }

    /// A file for the prefix: `.data/data/PATH`.
    pub fn data(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.in_scheme("data", path, content)
    }

    /// A file of any scheme: `.data/SCHEME/PATH`.
    pub fn in_scheme(self, scheme: &str, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = format!("{}.data/{scheme}/{path}", self.stem());
        self.file(&path, content)
    }

    /// A file of `.dist-info`; replaces a generated one of that name.
    pub fn info_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.info(name);
        self.file(&path, content)
    }

    /// A console script: `command` calls `reference`, as `pkg.cli:main`.
    pub fn entry_point(mut self, command: &str, reference: &str) -> Self {
        self.console.push(format!("{command} = {reference}"));
        self
    }

    /// A GUI script.
    pub fn gui_entry_point(mut self, command: &str, reference: &str) -> Self {
        self.gui.push(format!("{command} = {reference}"));
        self
    }

    /// A requirement (PEP 508).
    pub fn requires_dist(self, requirement: &str) -> Self {
        self.metadata("Requires-Dist", requirement)
    }

    /// Versions of python (PEP 440).
    pub fn requires_python(self, versions: &str) -> Self {
        self.metadata("Requires-Python", versions)
    }

    /// Any other line of METADATA.
    pub fn metadata(mut self, name: &str, value: &str) -> Self {
        self.metadata.push(format!("{name}: {value}\n"));
        self
    }

    /// The version of the format.
    pub fn wheel_version(mut self, version: &str) -> Self {
        self.wheel_version = version.to_owned();
        self
    }

    /// Files added from here on are stored as they are, so that no compressor reaches the wheel's bytes; so is `.dist-info`.
    pub fn stored(mut self) -> Self {
        self.stored = true;
        self
    }

    /// Type and permissions of the file added last, as `0o100_644`.
    pub fn mode(mut self, mode: u32) -> Self {
        self.last().member.mode = mode;
        self
    }

    /// `NAME-VERSION`, with the name escaped as in file names.
    pub fn stem(&self) -> String {
        format!("{}-{}", normal(&self.name, '_'), self.version.replace('-', "_"))
    }

    /// The path of a file of `.dist-info`.
    pub fn info(&self, name: &str) -> String {
        format!("{}.dist-info/{name}", self.stem())
    }

    /// Packs the wheel.
    pub fn finish(&self) -> BuiltWheel {
        let mut files = self.files.clone();
        for (name, text) in self.metadata_files() {
            let path = self.info(name);
            if !files.iter().any(|file| file.path == path) {
                files.push(self.new_file(&path, text.as_bytes(), FILE));
            }
        }
        let record = self.info("RECORD");
        if !files.iter().any(|file| file.path == record) {
            let text = self.record(&files);
            files.push(self.new_file(&record, text.as_bytes(), FILE));
        }
        let members: Vec<ZipMember> =
            files.iter().flat_map(|file| std::iter::repeat_n(file.member.clone(), file.times)).collect();
        self.finish_with(zip(&members))
    }

    /// This wheel's names over any bytes: truncated archives, foreign files.
    pub fn finish_with(&self, bytes: Vec<u8>) -> BuiltWheel {
        BuiltWheel {
            file_name: format!("{}-{}.whl", self.stem(), self.tag),
            sha256: hex::encode(compute_bytes_digest::<Sha256>(&bytes)),
            bytes,
            name: normal(&self.name, '-').to_lowercase(),
            version: self.version.clone(),
        }
    }

    fn metadata_files(&self) -> Vec<(&'static str, String)> {
        let metadata = self.metadata.concat();
        let (name, version) = (&self.name, &self.version);
        let purelib = self.tag.ends_with("-any");
        let mut files = vec![
            (
                "METADATA",
                format!(
                    "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\nAbout {name}.\n"
                ),
            ),
            (
                "WHEEL",
                format!(
                    "Wheel-Version: {}\nGenerator: mambox-testkit\nRoot-Is-Purelib: {purelib}\nTag: {}\n",
                    self.wheel_version, self.tag
                ),
            ),
        ];
        let sections = [("console_scripts", &self.console), ("gui_scripts", &self.gui)];
        let sections = sections.iter().filter(|(_, lines)| !lines.is_empty());
        let text: Vec<String> =
            sections.map(|(name, lines)| format!("[{name}]\n{}\n", lines.join("\n"))).collect();
        if !text.is_empty() {
            files.push(("entry_points.txt", text.join("\n")));
        }
        files
    }

    fn record(&self, files: &[File]) -> String {
        let listed = files.iter().filter(|file| file.listed);
        let mut text: String = listed
            .map(|file| {
                let content = &file.member.content;
                let hash = file.claimed_hash.clone().unwrap_or_else(|| record::hash(content));
                record::line(&file.path, &hash, content.len())
            })
            .collect();
        text.extend(self.absent.iter().map(|path| record::line(path, &record::hash(b""), 0)));
        text + &format!("{},,\n", self.info("RECORD"))
    }

    fn new_file(&self, path: &str, content: &[u8], mode: u32) -> File {
        let member = ZipMember {
            name: path.as_bytes().to_vec(),
            content: content.to_vec(),
            mode,
            stored: self.stored,
            declared_size: None,
            declared_method: None,
            encrypted: false,
            local_name: None,
        };
        File { path: path.to_owned(), member, listed: true, claimed_hash: None, times: 1 }
    }

    pub(super) fn last(&mut self) -> &mut File {
        self.files.last_mut().expect("a file was added before it is changed")
    }

    pub(super) fn entry(&mut self, path: &str) -> &mut File {
        let found = self.files.iter_mut().find(|file| file.path == path);
        found.unwrap_or_else(|| panic!("the wheel has no file {path}"))
    }
}

/// The name with `by` for each run of `-`, `_` and `.`.
fn normal(name: &str, by: char) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join(&by.to_string())
}
