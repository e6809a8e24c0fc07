//! Small images and short ways to read and write them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mambox_oci::{Compression, ConfigChange, Digest, History, Image, Index, Layer, Platform};
use mambox_progress::Silent;
use mambox_testkit::{TarEntry, tar_bytes};
use mambox_transport::{Contents, Transport, TransportError};

pub const AMD64: &str = "linux/amd64";

/// A layer of entries.
pub fn layer(compression: Compression, entries: &[TarEntry]) -> Layer {
    let history = History { created_by: Some("test".into()), ..History::default() };
    Layer::from_tar(&tar_bytes(entries), compression, history).unwrap()
}

/// An image of two layers, the upper of which deletes a file of the lower.
pub fn image_for(architecture: &str, compression: Compression) -> Image {
    let lower =
        [TarEntry::dir("etc/"), TarEntry::file("etc/gone", "x"), TarEntry::file("etc/name", architecture)];
    let upper = [TarEntry::file("etc/.wh.gone", ""), TarEntry::file("hello", "hello\n").mode(0o755)];
    let change = ConfigChange { env: vec![("PATH".into(), "/bin".into())], ..ConfigChange::default() };
    Image::scratch(&Platform::linux(architecture))
        .with_layers(&[layer(compression, &lower), layer(compression, &upper)])
        .unwrap()
        .with_config(&change)
}

/// The usual image.
pub fn image() -> Image {
    image_for("amd64", Compression::GZIP)
}

/// The usual image for two platforms.
pub fn index() -> Index {
    let images = vec![image(), image_for("arm64", Compression::GZIP)];
    Index::new(images, BTreeMap::new())
}

/// A temporary folder with a cache.
pub struct Place {
    folder: tempfile::TempDir,
    pub transport: Transport,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let transport = Transport { cache_dir: Some(folder.path().join("cache")), ..Transport::default() };
        Self { folder, transport }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts bytes into a file and returns its path as text.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// `{}` in the output stands for the folder.
    pub async fn write(
        &self,
        contents: impl Into<Contents>,
        output: &str,
        names: &[&str],
    ) -> Result<Digest, TransportError> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let output = self.filled(output).parse().unwrap();
        mambox_transport::write(&contents.into(), &output, &names, &self.transport, &Silent).await
    }

    pub async fn read_for(&self, reference: &str, platform: &str) -> Result<Image, TransportError> {
        let reference = self.filled(reference).parse().unwrap();
        mambox_transport::read(&reference, &platform.parse().unwrap(), &self.transport, &Silent).await
    }

    pub async fn read(&self, reference: &str) -> Result<Image, TransportError> {
        self.read_for(reference, AMD64).await
    }

    /// The message of a failure, without the folder's name.
    pub async fn read_error(&self, reference: &str) -> String {
        self.message(self.read(reference).await.map(|image| image.digest()))
    }

    pub fn message<T: std::fmt::Debug>(&self, result: Result<T, TransportError>) -> String {
        result.unwrap_err().to_string().replace(&self.filled("{}"), "")
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{}", &format!("{}/", self.folder.path().display()))
    }
}

/// The names of everything below a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    mambox_testkit::read_tree(folder).into_keys().collect()
}

pub fn diff_ids(image: &Image) -> Vec<String> {
    image.layers().iter().map(|layer| layer.diff_id().to_string()).collect()
}
