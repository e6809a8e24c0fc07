//! What every test here needs: a registry, a client, small images.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use mambox_oci::{Compression, History, Image, Layer, Platform};
use mambox_progress::Silent;
use mambox_testkit::{FakeRegistry, RegistryAuth};
use mambox_transport::{
    BlobCache, Contents, PushSummary, Registry, RegistryError, RegistryReference, RegistrySettings,
};
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) fake: FakeRegistry,
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(RegistryAuth::Open)
    }

    pub(crate) fn with(auth: RegistryAuth) -> Self {
        Self { fake: FakeRegistry::start_with(auth), folder: tempfile::tempdir().unwrap() }
    }

    /// Settings that do not keep a test waiting.
    pub(crate) fn settings(&self) -> RegistrySettings {
        RegistrySettings {
            auth_files: vec![self.auth_file()],
            retries: 2,
            backoff: Duration::from_millis(1),
            read_timeout: Duration::from_secs(5),
            ..RegistrySettings::default()
        }
    }

    pub(crate) fn auth_file(&self) -> PathBuf {
        self.folder.path().join("auth.json")
    }

    /// Writes a login for the registry.
    pub(crate) fn log_in(&self, user: &str, password: &str) {
        let host = self.fake.host();
        let json =
            format!(r#"{{"auths": {{"{host}": {{"username": "{user}", "password": "{password}"}}}}}}"#);
        std::fs::write(self.auth_file(), json).unwrap();
    }

    pub(crate) fn client(&self) -> Registry {
        Registry::new(self.settings())
    }

    pub(crate) fn cache(&self) -> BlobCache {
        BlobCache::new(self.folder.path().join("cache"))
    }

    /// `repository:tag` or `repository@digest` in the registry.
    pub(crate) fn name(&self, name: &str) -> RegistryReference {
        format!("{}/{name}", self.fake.host()).parse().unwrap()
    }

    pub(crate) async fn pull(&self, name: &str) -> Result<Image, RegistryError> {
        self.client().pull(&self.name(name), &Platform::linux("amd64"), &self.cache(), &Silent).await
    }

    pub(crate) async fn push(
        &self,
        contents: impl Into<Contents>,
        name: &str,
    ) -> Result<PushSummary, RegistryError> {
        self.client().push(&contents.into(), &self.name(name), &[], &Silent).await
    }

    /// An error without what differs from run to run.
    pub(crate) fn shown(&self, error: &RegistryError) -> String {
        let folder = self.folder.path().display().to_string();
        let text = error.to_string().replace(&self.fake.host(), "registry.test").replace(&folder, "[FOLDER]");
        shorten(&text)
    }
}

/// Digests cut to six digits.
pub(crate) fn shorten(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}sha256:{}{}", &part[..6], &part[64..]))
}

pub(crate) fn layer(content: &str) -> Layer {
    Layer::from_tar(content.as_bytes(), Compression::None, History::default()).unwrap()
}

pub(crate) fn image_for(architecture: &str, layers: &[&str]) -> Image {
    let layers: Vec<Layer> = layers.iter().map(|content| layer(content)).collect();
    Image::scratch(&Platform::linux(architecture)).with_layers(&layers).unwrap()
}

pub(crate) fn image(layers: &[&str]) -> Image {
    image_for("amd64", layers)
}

/// Reads a layer where it may block.
pub(crate) async fn content(layer: &Layer) -> Result<String, String> {
    let layer = layer.clone();
    let read = move || {
        let mut text = String::new();
        layer.open()?.read_to_string(&mut text)?;
        Ok(text)
    };
    tokio::task::spawn_blocking(read).await.unwrap().map_err(|error: std::io::Error| error.to_string())
}
