//! Loading into engines and reading from them: with stand-ins for their commands, and with the real ones
//! where they are.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use mambox_oci::{Compression, History, Image, Index, Layer, Platform};
use mambox_progress::{Event, Recorder, Silent};
use mambox_testkit::{TarEntry, list_tar, tar_bytes};
use mambox_transport::{
    Contents, EngineChoice, EngineSettings, Output, Reference, Transport, TransportError,
};

fn image_for(architecture: &str, compression: Compression) -> Image {
    let tar = tar_bytes(&[TarEntry::file("etc/hello", "hello\n")]);
    let plain = Layer::from_tar(&tar, Compression::GZIP, History::default()).unwrap();
    let tar = tar_bytes(&[TarEntry::file("etc/world", "world\n")]);
    let packed = Layer::from_tar(&tar, compression, History::default()).unwrap();
    Image::scratch(&Platform::linux(architecture)).with_layers(&[plain, packed]).unwrap()
}

/// A stand-in for docker that keeps what it is sent and knows one image.
fn stand_in(folder: &Path, id: &str, load: &str) -> Transport {
    let docker = folder.join("docker");
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in\nversion) echo linux/amd64;;\nload) {load};;\nimage) echo sha256:{id};;\nesac\n"
    );
    std::fs::write(&docker, script).unwrap();
    std::fs::set_permissions(&docker, PermissionsExt::from_mode(0o755)).unwrap();
    let engine = EngineSettings { engine: EngineChoice::Docker, docker, ..EngineSettings::default() };
    Transport { engine, ..Transport::default() }
}

async fn load(
    contents: impl Into<Contents>,
    transport: &Transport,
    names: &[&str],
) -> Result<String, TransportError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let output: Output = "docker-daemon:me/app:1".parse().unwrap();
    let digest = mambox_transport::write(&contents.into(), &output, &names, transport, &Silent).await?;
    Ok(digest.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_is_sent_layers_as_they_are_but_no_zstd() {
    let folder = tempfile::tempdir().unwrap();
    let image = image_for("amd64", Compression::ZSTD);
    let sent = folder.path().join("sent.tar");
    let keep = format!("cat > '{}'", sent.display());
    let transport = stand_in(folder.path(), &image.manifest().config.digest.hex(), &keep);
    load(image.clone(), &transport, &["other:2", "me/app:1"]).await.unwrap();
    let bytes = std::fs::read(&sent).unwrap();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let manifest =
        archive.entries().unwrap().map(Result::unwrap).find(|e| e.path().unwrap().ends_with("manifest.json"));
    let manifest: serde_json::Value = serde_json::from_reader(manifest.unwrap()).unwrap();
    let item = &manifest[0];
    assert_eq!(item["RepoTags"], serde_json::json!(["docker.io/me/app:1", "docker.io/library/other:2"]));
    let gzip = image.layers()[0].descriptor().digest.hex();
    let unpacked = image.layers()[1].diff_id().0.hex();
    assert_eq!(
        item["Layers"],
        serde_json::json!([format!("blobs/sha256/{gzip}"), format!("blobs/sha256/{unpacked}")])
    );
    let listed = list_tar(bytes.as_slice());
    assert!(
        listed.contains(&gzip) && listed.contains("index.json") && listed.contains("oci-layout"),
        "{listed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_fails_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let image = image_for("amd64", Compression::None);
    let id = image.manifest().config.digest.hex();
    let transport = stand_in(folder.path(), &id, "echo 'open /var/lib: no space left on device' >&2; exit 1");
    let error = load(image.clone(), &transport, &[]).await.unwrap_err();
    insta::assert_snapshot!(error, @"`docker load` failed (exit status: 1): open /var/lib: no space left on device");
    let transport = stand_in(folder.path(), &"0".repeat(64), "cat > /dev/null");
    let error = load(image.clone(), &transport, &[]).await.unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&id, "[ID]"), @"docker loaded docker.io/me/app:1 as 0000000000000000000000000000000000000000000000000000000000000000, but it was sent sha256:[ID]; do not use that image, and try another version of docker");
    let error = load(image, &transport, &["Not/A/Name"]).await.unwrap_err();
    insta::assert_snapshot!(error, @"'Not/A/Name' is no name for an image in an engine: 'Not/A/Name' is no image name: the repository's name must be in lower case");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_platforms_the_engines_own_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let (amd, arm) = (image_for("amd64", Compression::None), image_for("arm64", Compression::None));
    let transport = stand_in(folder.path(), &amd.manifest().config.digest.hex(), "cat > /dev/null");
    let both = Index::new(vec![arm.clone(), amd.clone()], Default::default());
    assert_eq!(load(both, &transport, &[]).await.unwrap(), amd.digest().to_string());
    let others = Index::new(vec![arm, image_for("s390x", Compression::None)], Default::default());
    let error = load(others, &transport, &[]).await.unwrap_err();
    insta::assert_snapshot!(error, @"docker runs linux/amd64, but the images are for linux/arm64, linux/s390x; build for linux/amd64, too, or write a file (-o FILE.tar)");
}

/// The real engine, if it answers.
fn real(choice: EngineChoice) -> Option<(Transport, &'static str)> {
    let (program, question) = match choice {
        EngineChoice::Podman => ("podman", "info"),
        _ => ("docker", "version"),
    };
    let answers = Command::new(program).arg(question).output().is_ok_and(|output| output.status.success());
    if !answers {
        mambox_testkit::skip(program, "it is not available");
        return None;
    }
    let engine = EngineSettings { engine: choice, ..EngineSettings::default() };
    Some((Transport { engine, ..Transport::default() }, program))
}

async fn there_and_back(choice: EngineChoice) {
    let Some((transport, program)) = real(choice) else { return };
    let folder = tempfile::tempdir().unwrap();
    let transport = Transport { cache_dir: Some(folder.path().into()), ..transport };
    let image = image_for("amd64", Compression::ZSTD);
    // Engines are shared: a name of our own, and gone when we are.
    let name = format!("mambox.test/engine-{}:1", std::process::id());
    let output: Output = format!("docker-daemon:{name}").parse().unwrap();
    let on = Recorder::default();
    mambox_transport::write(&image.clone().into(), &output, &[], &transport, &on).await.unwrap();
    assert!(on.events().iter().any(|event| matches!(event, Event::Advance { by, .. } if *by > 0)));
    let reference: Reference = format!("docker-daemon:{name}").parse().unwrap();
    let back = mambox_transport::read(&reference, &image.platform(), &transport, &on).await;
    let again = mambox_transport::read(&reference, &image.platform(), &transport, &on).await;
    let _ = Command::new(program).args(["rmi", &name]).output();
    let (back, again) = (back.unwrap(), again.unwrap());
    assert_eq!(back.config().diff_ids(), image.config().diff_ids());
    assert_eq!(mambox_oci::validate(&back), []);
    assert_eq!(again.digest(), back.digest());
    let gone =
        mambox_transport::read(&reference, &image.platform(), &transport, &on).await.unwrap_err().to_string();
    assert!(gone.starts_with(&format!("{program} has no image 'mambox.test/engine-")), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_takes_an_image_and_gives_it_back() {
    there_and_back(EngineChoice::Docker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn podman_takes_an_image_and_gives_it_back() {
    there_and_back(EngineChoice::Podman).await;
}
