//! The fluent builder of synthetic packages: identity, payload, output.

use super::archive::{ArchiveFormat, pack, payload_entries};
use super::blob::with_placeholder;
use super::built::BuiltPackage;
use super::entry::{Node, PayloadEntry, PrefixMode};
use super::metadata::{index_json, info_files};
use crate::tar_writer::{DEFAULT_MTIME, TarEntry, TarStyle};

/// Builds a conda package in memory. The same calls give the same bytes, always.
///
/// Payload methods add an entry; [`mode`](Self::mode), [`mtime`](Self::mtime) and
/// [`no_link`](Self::no_link) change the entry added last. Unless told otherwise: build string `0`, subdir
/// `linux-64`, licence `MIT`, times at [`DEFAULT_MTIME`], format `.conda`.
///
/// ```
/// use mambox_testkit::PackageBuilder;
/// let package = PackageBuilder::new("hello", "1.0")
///     .build_string("h1_0")
///     .depends("libgcc >=12")
///     .text_with_prefix("bin/hello", "#!{prefix}/bin/sh\necho hello\n")
///     .mode(0o755)
///     .build();
/// assert_eq!(package.file_name, "hello-1.0-h1_0.conda");
/// ```
#[derive(Clone, Debug)]
pub struct PackageBuilder {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) build: String,
    pub(super) build_number: u64,
    pub(super) depends: Vec<String>,
    pub(super) constrains: Vec<String>,
    pub(super) track_features: Vec<String>,
    pub(super) subdir: String,
    pub(super) noarch: Option<&'static str>,
    pub(super) python_site_packages_path: Option<String>,
    pub(super) timestamp_ms: Option<u64>,
    pub(super) license: String,
    pub(super) entries: Vec<PayloadEntry>,
    pub(super) entry_points: Vec<String>,
    pub(super) info: Vec<(String, Vec<u8>)>,
    pub(super) legacy_metadata: bool,
    format: ArchiveFormat,
    tar_style: TarStyle,
    default_mtime: u64,
}

impl PackageBuilder {
    /// A package without payload, for `linux-64`.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: "0".to_owned(),
            build_number: 0,
            depends: Vec::new(),
            constrains: Vec::new(),
            track_features: Vec::new(),
            subdir: "linux-64".to_owned(),
            noarch: None,
            python_site_packages_path: None,
            timestamp_ms: Some(DEFAULT_MTIME * 1000),
            license: "MIT".to_owned(),
            entries: Vec::new(),
            entry_points: Vec::new(),
            info: Vec::new(),
            legacy_metadata: false,
            format: ArchiveFormat::Conda,
            tar_style: TarStyle::Gnu,
            default_mtime: DEFAULT_MTIME,
        }
    }

    /// The build string, such as `py313h1234567_0`.
    pub fn build_string(mut self, build: &str) -> Self {
        self.build = build.to_owned();
        self
    }

    /// The build number (independent of the build string here).
    pub fn build_number(mut self, number: u64) -> Self {
        self.build_number = number;
        self
    }

    /// Adds a dependency, a match spec.
    pub fn depends(mut self, spec: &str) -> Self {
        self.depends.push(spec.to_owned());
        self
    }

    /// Adds a constraint, a match spec.
    pub fn constrains(mut self, spec: &str) -> Self {
        self.constrains.push(spec.to_owned());
        self
    }

    /// Adds a tracked feature, which weighs a package down in the solver.
    pub fn track_feature(mut self, feature: &str) -> Self {
        self.track_features.push(feature.to_owned());
        self
    }

    /// The subdir, such as `linux-64`. For noarch packages use the `noarch_*` methods.
    pub fn subdir(mut self, subdir: &str) -> Self {
        self.subdir = subdir.to_owned();
        self
    }

    /// Makes it `noarch: generic`.
    pub fn noarch_generic(mut self) -> Self {
        (self.noarch, self.subdir) = (Some("generic"), "noarch".to_owned());
        self
    }

    /// Makes it `noarch: python`: payload under `site-packages/` and `python-scripts/` moves at link time.
    pub fn noarch_python(mut self) -> Self {
        (self.noarch, self.subdir) = (Some("python"), "noarch".to_owned());
        self
    }

    /// CEP-17's field of interpreter packages, such as `lib/python3.13t/site-packages`.
    pub fn python_site_packages_path(mut self, path: &str) -> Self {
        self.python_site_packages_path = Some(path.to_owned());
        self
    }

    /// The build time in milliseconds since the epoch.
    pub fn timestamp_ms(mut self, timestamp: u64) -> Self {
        self.timestamp_ms = Some(timestamp);
        self
    }

    /// Leaves the timestamp out, as old packages do.
    pub fn no_timestamp(mut self) -> Self {
        self.timestamp_ms = None;
        self
    }

    /// The licence.
    pub fn license(mut self, license: &str) -> Self {
        self.license = license.to_owned();
        self
    }

    /// The modification time of info files and of payload entries added from here on (seconds since the epoch).
    pub fn default_mtime(mut self, mtime: u64) -> Self {
        self.default_mtime = mtime;
        self
    }

    /// The archive format.
    pub fn format(mut self, format: ArchiveFormat) -> Self {
        self.format = format;
        self
    }

    /// How the archive's tars write long and foreign names.
    pub fn tar_style(mut self, style: TarStyle) -> Self {
        self.tar_style = style;
        self
    }

    /// A file, mode 0644.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.push(path, Node::File { content: content.as_ref().to_vec(), prefix: None }, 0o644)
    }

    /// A file, mode 0755.
    pub fn executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file(path, content).mode(0o755)
    }

    /// A file, mode 0444.
    pub fn read_only(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file(path, content).mode(0o444)
    }

    /// A text file (mode 0644) in which `{prefix}` stands for the placeholder.
    pub fn text_with_prefix(self, path: &str, template: &str) -> Self {
        let content = with_placeholder(template).into_bytes();
        self.push(path, Node::File { content, prefix: Some(PrefixMode::Text) }, 0o644)
    }

    /// A binary file (mode 0755) whose content holds the placeholder in NUL-terminated strings: see
    /// [`binary_blob`](super::binary_blob) and [`StaticElf`](crate::StaticElf).
    pub fn binary_with_prefix(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        self.push(path, Node::File { content, prefix: Some(PrefixMode::Binary) }, 0o755)
    }

    /// A symbolic link; the target is kept verbatim (relative, absolute or leading nowhere).
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.push(path, Node::Symlink(target.to_owned()), 0o777)
    }

    /// A hard link inside the archive to an entry added before. It takes that entry's mode and time.
    pub fn hard_link(self, path: &str, existing: &str) -> Self {
        let found = self.entries.iter().find(|entry| entry.path == existing);
        let (mode, mtime) = found
            .map(|entry| (entry.mode, entry.mtime))
            .unwrap_or_else(|| panic!("{existing} is not there yet"));
        self.push(path, Node::HardLink(existing.to_owned()), mode).mtime(mtime)
    }

    /// An empty directory, mode 0755.
    pub fn empty_dir(self, path: &str) -> Self {
        self.push(path.trim_end_matches('/'), Node::Directory, 0o755)
    }

    /// Permission bits of the entry added last.
    pub fn mode(mut self, mode: u32) -> Self {
        self.last().mode = mode;
        self
    }

    /// Modification time of the entry added last (seconds since the epoch).
    pub fn mtime(mut self, mtime: u64) -> Self {
        self.last().mtime = mtime;
        self
    }

    /// Marks the entry added last `no_link`: to be copied, never linked, into a prefix.
    pub fn no_link(mut self) -> Self {
        self.last().no_link = true;
        self
    }

    /// A file under `info/` (path without that prefix); replaces a generated one of the same name.
    pub fn info_file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.info.push((path.to_owned(), content.as_ref().to_vec()));
        self
    }

    /// `etc/conda/env_vars.d/NAME.json` with the given variables.
    pub fn env_vars(self, variables: &[(&str, &str)]) -> Self {
        let map: serde_json::Map<_, _> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let path = format!("etc/conda/env_vars.d/{}.json", self.name);
        self.file(&path, serde_json::Value::Object(map).to_string())
    }

    /// `etc/conda/activate.d/NAME.EXTENSION`.
    pub fn activate_script(self, extension: &str, script: &str) -> Self {
        let path = format!("etc/conda/activate.d/{}.{extension}", self.name);
        self.file(&path, script)
    }

    /// `etc/conda/deactivate.d/NAME.EXTENSION`.
    pub fn deactivate_script(self, extension: &str, script: &str) -> Self {
        let path = format!("etc/conda/deactivate.d/{}.{extension}", self.name);
        self.file(&path, script)
    }

    /// A link script `bin/.NAME-KIND.sh`, mode 0755; `kind` is `pre-link`, `post-link` or `pre-unlink`.
    pub fn link_script(self, kind: &str, script: &str) -> Self {
        let path = format!("bin/.{}-{kind}.sh", self.name);
        self.executable(&path, script)
    }

    /// `name-version-build`, the file name without its extension.
    pub fn stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.build)
    }

    /// The tar entries of the two halves of the archive: info, payload.
    pub fn tar_entries(&self) -> (Vec<TarEntry>, Vec<TarEntry>) {
        let info = info_files(self);
        let info = info
            .iter()
            .map(|(name, content)| TarEntry::file(format!("info/{name}"), content).mtime(self.default_mtime));
        (info.collect(), payload_entries(&self.entries))
    }

    /// Packs the archive.
    pub fn build(&self) -> BuiltPackage {
        let (info, payload) = self.tar_entries();
        self.pack(&info, &payload)
    }

    /// Packs the archive with entries that the builder would not make, keeping its name and record: the way
    /// to hostile payloads.
    pub fn build_with(&self, change: impl FnOnce(&mut Vec<TarEntry>, &mut Vec<TarEntry>)) -> BuiltPackage {
        let (mut info, mut payload) = self.tar_entries();
        change(&mut info, &mut payload);
        self.pack(&info, &payload)
    }

    fn pack(&self, info: &[TarEntry], payload: &[TarEntry]) -> BuiltPackage {
        let bytes = pack(self.format, self.tar_style, &self.stem(), info, payload);
        self.finish(bytes)
    }

    /// This package's file name and record over any bytes: truncated archives, foreign files.
    pub fn finish(&self, bytes: Vec<u8>) -> BuiltPackage {
        let file_name = format!("{}{}", self.stem(), self.format.extension());
        BuiltPackage::new(file_name, bytes, &index_json(self).to_string())
    }

    fn push(mut self, path: &str, node: Node, mode: u32) -> Self {
        let exists = self.entries.iter().any(|entry| entry.path == path);
        assert!(!exists, "{path} is in {} already", self.name);
        self.entries.push(PayloadEntry::new(path, node, mode, self.default_mtime));
        self
    }

    fn last(&mut self) -> &mut PayloadEntry {
        self.entries.last_mut().expect("an entry was added before it is changed")
    }
}
