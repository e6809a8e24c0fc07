//! SIF files in registries, as Apptainer looks for them.

use mambox_oci::{Compression, Digest, History, Image, Layer, Platform};
use mambox_progress::Silent;
use mambox_testkit::{TarEntry, tar_bytes};
use mambox_transport::{Contents, Transport, TransportError};

use crate::bench::Bench;

fn image(architecture: &str) -> Image {
    let tar = tar_bytes(&[TarEntry::file("bin/tool", "tool").mode(0o755)]);
    let layer = Layer::from_tar(&tar, Compression::GZIP, History::default()).unwrap();
    Image::scratch(&Platform::linux(architecture)).with_layers(&[layer]).unwrap()
}

/// Writes to the bench's registry and returns the manifest's digest.
async fn push(bench: &Bench, contents: impl Into<Contents>, name: &str) -> Result<Digest, TransportError> {
    let output = format!("oras://{}/{name}", bench.fake.host()).parse().unwrap();
    let transport = Transport {
        cache_dir: Some(bench.folder.path().join("cache")),
        registry: bench.settings(),
        ..Transport::default()
    };
    mambox_transport::write(&contents.into(), &output, &[], &transport, &Silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_has_one_file_with_the_types_of_sif() {
    let bench = Bench::new();
    let digest = push(&bench, image("amd64"), "team/app:1").await.unwrap();
    let (media_type, bytes) = bench.fake.manifest("team/app", "1").unwrap();
    assert_eq!(
        (media_type.as_str(), Digest::of(&bytes)),
        ("application/vnd.oci.image.manifest.v1+json", digest)
    );
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let file = &manifest["layers"][0];
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.sylabs.sif.config.v1+json");
    assert_eq!(file["mediaType"], "application/vnd.sylabs.sif.layer.v1.sif");
    assert_eq!(file["annotations"]["org.opencontainers.image.title"], "app.sif");
    let sif = bench.fake.blob("team/app", file["digest"].as_str().unwrap()).unwrap();
    assert_eq!(&sif[32..41], b"SIF_MAGIC");
    let left = std::fs::read_dir(bench.folder.path().join("cache")).unwrap();
    let left: Vec<_> =
        left.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");

    bench.fake.clear_log();
    assert_eq!(push(&bench, image("amd64"), "team/app:1").await.unwrap(), digest);
    assert_eq!(bench.fake.change_log(), "", "the same file again is not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_artifact_cannot_hold_is_refused() {
    let bench = Bench::new();
    let images = vec![image("amd64"), image("arm64")];
    let index = mambox_oci::Index::new(images, Default::default());
    let error = push(&bench, index, "team/app:1").await.unwrap_err();
    assert!(error.to_string().ends_with("cannot hold several platforms; build one at a time"), "{error}");
    assert_eq!(bench.fake.change_log(), "");
}
