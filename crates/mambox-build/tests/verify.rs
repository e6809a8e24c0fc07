//! Verifying: ours is made again, and every way of tampering is named.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mambox_build::{
    BuildRequest, Context, EnvironmentRequest, ImageOptions, Input, LayerRequest, LayerState,
    NamedEnvironment, Verification, build, verify,
};
use mambox_oci::{Compression, ConfigChange, Image, ImageConfig, Layer, Platform};
use mambox_progress::Silent;
use mambox_testkit::{LocalChannel, PackageBuilder};
use mambox_transport::{Contents, Output, Reference, read, write};

fn platform() -> Platform {
    Platform::linux("amd64")
}

struct Place {
    folder: tempfile::TempDir,
    context: Context,
    _channel: LocalChannel,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library =
            PackageBuilder::new("library", "1.0").text_with_prefix("etc/library", "{prefix}\n").build();
        let program = PackageBuilder::new("program", "1.0")
            .depends("library")
            .file("share/program", "program\n")
            .build();
        let channel = LocalChannel::with([&library, &program]);
        let context = common::context(folder.path(), &channel, 2, Arc::new(Silent));
        Self { folder, context, _channel: channel }
    }

    fn reference(&self, name: &str) -> Reference {
        Reference::OciLayout { dir: self.path(name), tag: None }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// The image of the environment, at `oci:good`.
    async fn image(&self) -> Image {
        let request = BuildRequest {
            scripts: Default::default(),
            environment: NamedEnvironment {
                name: "base".into(),
                request: EnvironmentRequest {
                    input: Input::Specs(vec!["program".into()]),
                    environment: None,
                    overrides: BTreeMap::new(),
                    pip: Default::default(),
                },
            },
            others: Vec::new(),
            platforms: vec![platform()],
            base: Reference::Scratch,
            image: ImageOptions::default(),
            layers: LayerRequest::default(),
            source_date_epoch: None,
            tags: Vec::new(),
            outputs: vec![Output::OciLayout { dir: self.path("good"), tag: None }],
        };
        build(&request, &self.context).await.unwrap();
        read(&self.reference("good"), &platform(), &self.context.transport, &Silent).await.unwrap()
    }

    async fn verify(&self, image: Image) -> Verification {
        let output = Output::OciLayout { dir: self.path("other"), tag: None };
        write(&Contents::from(image), &output, &[], &self.context.transport, &Silent).await.unwrap();
        verify(&self.reference("other"), &platform(), &self.context).await.unwrap()
    }
}

/// The image with another layer at `index`, every digest of which is right.
fn with_layer(image: &Image, index: usize, tar: &[u8]) -> Image {
    let old = &image.layers()[index];
    let new = Layer::from_tar(tar, Compression::GZIP, old.history().clone()).unwrap();
    let config = String::from_utf8(image.config_bytes().to_vec()).unwrap();
    let config = config.replace(&old.diff_id().to_string(), &new.diff_id().to_string());
    let mut layers = image.layers().to_vec();
    layers[index] = new;
    Image::from_config(ImageConfig::parse(config.as_bytes()).unwrap(), layers).unwrap()
}

fn tar_of(layer: &Layer) -> Vec<u8> {
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut layer.open_tar().unwrap(), &mut tar).unwrap();
    tar
}

fn states(verification: &Verification) -> String {
    let state = |state: &LayerState| match state {
        LayerState::Reproduced => "reproduced",
        LayerState::Intact => "intact",
        LayerState::Differs(_) => "differs",
        LayerState::Damaged(_) => "damaged",
    };
    let line = |layer: &mambox_build::VerifiedLayer| format!("{}: {}\n", layer.name, state(&layer.state));
    let layers: String = verification.layers.iter().map(line).collect();
    format!("{layers}{}", verification.configuration.join("\n"))
}

#[tokio::test]
async fn our_image_is_made_again_also_without_any_cache() {
    let place = Place::new();
    let image = place.image().await;
    std::fs::remove_dir_all(place.path("cache")).unwrap();
    let verification = place.verify(image).await;
    assert!(verification.reproduced);
    insta::assert_snapshot!(states(&verification), @r"
    account, home and certificates: reproduced
    library-1.0-0: reproduced
    program-1.0-0: reproduced
    environment: reproduced
    ");
}

#[tokio::test]
async fn a_changed_file_is_found_though_every_digest_is_right() {
    let place = Place::new();
    let image = place.image().await;
    let tar = tar_of(&image.layers()[2]);
    let at = tar.windows(8).position(|bytes| bytes == b"program\n").unwrap();
    let mut changed = tar.clone();
    changed[at] = b'P';
    let verification = place.verify(with_layer(&image, 2, &changed)).await;
    assert!(!verification.reproduced);
    insta::assert_snapshot!(states(&verification), @r"
    account, home and certificates: reproduced
    library-1.0-0: reproduced
    program-1.0-0: differs
    environment: reproduced
    ");
}

#[tokio::test]
async fn a_variable_that_says_otherwise_is_found() {
    let place = Place::new();
    let change =
        ConfigChange { env: vec![("CONDA_PREFIX".into(), "/evil".into())], ..ConfigChange::default() };
    let verification = place.verify(place.image().await.with_config(&change)).await;
    assert!(!verification.reproduced);
    assert_eq!(verification.configuration, ["env CONDA_PREFIX should be '/opt/conda', is '/evil'"]);
}

#[tokio::test]
async fn a_flipped_byte_is_found() {
    let place = Place::new();
    let image = place.image().await;
    place.verify(image.clone()).await;
    let hex = image.layers()[1].descriptor().digest.hex();
    flip_last_byte(&place.path("other").join("blobs/sha256").join(hex));
    let verification = verify(&place.reference("other"), &platform(), &place.context).await.unwrap();
    assert!(!verification.reproduced);
    assert!(states(&verification).contains("library-1.0-0: damaged"), "{}", states(&verification));
}

fn flip_last_byte(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(path, bytes).unwrap();
}
