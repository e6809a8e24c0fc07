//! What a push sends, in which order, and what it does when it is interrupted.

use std::collections::BTreeMap;
use std::io::{self, Read};

use mambox_oci::{Blob, Descriptor, DiffId, Digest, History, Image, Index, Layer, MediaType, Platform};
use mambox_progress::{Event, Outcome, Recorder};
use mambox_testkit::{Fault, FaultKind, Response};
use mambox_transport::Contents;

use crate::bench::{Bench, content, image, image_for, layer, shorten};

/// Fails when it is read, so that a test notices.
#[derive(Debug)]
struct Untouchable;

impl Blob for Untouchable {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Err(io::Error::other("nobody should have read this"))
    }
}

/// The same image with layers that cannot be read.
fn untouchable(image: &Image) -> Image {
    let layers = image
        .layers()
        .iter()
        .map(|layer| Layer::new(layer.descriptor().clone(), layer.diff_id(), History::default(), Untouchable))
        .collect();
    image.with_recoded_layers(layers)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_goes_bottom_up_and_the_next_sends_only_what_changed() {
    let bench = Bench::new();
    let first = image(&["python", "numpy 1"]);
    let summary = bench.push(first.clone(), "team/app:1").await.unwrap();
    assert_eq!((summary.digest, summary.uploaded.blobs), (first.digest(), 3));
    let log = bench.fake.change_log();
    let kinds: Vec<&str> = log.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(kinds, ["upload", "upload", "upload", "put"]);
    assert!(log.lines().nth(2).unwrap().ends_with(&first.manifest().config.digest.to_string()), "{log}");

    bench.fake.clear_log();
    let second = image(&["python", "numpy 2"]);
    let summary = bench.push(second.clone(), "team/app:2").await.unwrap();
    assert_eq!((summary.uploaded.blobs, summary.existing.blobs), (2, 1));
    assert_eq!(summary.existing.bytes, 6);
    let uploaded = [second.layers()[1].descriptor().digest, second.manifest().config.digest];
    assert_eq!(bench.fake.uploaded_blobs(), uploaded.map(|digest| digest.to_string()));

    bench.fake.clear_log();
    let summary = bench.push(untouchable(&second), "team/app:2").await.unwrap();
    assert_eq!((summary.uploaded.blobs, summary.existing.blobs), (0, 3));
    assert_eq!(bench.fake.change_log(), "", "not even the manifest is put again");
    assert!(bench.fake.requests().iter().all(|recorded| recorded.request.method == "HEAD"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layers_of_a_base_in_the_same_registry_are_mounted_unread() {
    let bench = Bench::new();
    bench.push(image(&["base"]), "library/debian:13").await.unwrap();
    let base = bench.pull("library/debian:13").await.unwrap();
    bench.fake.clear_log();
    let summary = bench.push(base.with_layers(&[layer("python")]).unwrap(), "team/app:1").await.unwrap();
    assert_eq!((summary.mounted.blobs, summary.uploaded.blobs), (1, 2));
    assert_eq!(bench.fake.mounted_blobs(), [Digest::of(b"base").to_string()]);
    assert!(
        bench.fake.requests().iter().all(|recorded| recorded.request.method != "GET"),
        "nothing was downloaded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_does_not_mount_gets_the_bytes() {
    let bench = Bench::new();
    bench.push(image(&["base"]), "library/debian:13").await.unwrap();
    let base = bench.pull("library/debian:13").await.unwrap();
    for (tag, status) in [("1", 403), ("2", 404), ("3", 405)] {
        bench.fake.fail(Fault::status("/blobs/uploads/", status).method("POST"));
        let name = format!("team/app{tag}:1");
        let summary = bench.push(base.clone(), &name).await.unwrap();
        assert_eq!((summary.mounted.blobs, summary.uploaded.blobs), (0, 2), "{status}");
        assert_eq!(
            bench.fake.blob(&format!("team/app{tag}"), &Digest::of(b"base").to_string()).unwrap(),
            b"base"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_follows_its_manifests_and_tags_come_last() {
    let bench = Bench::new();
    let images = vec![image_for("arm64", &["shared", "arm"]), image_for("amd64", &["shared", "amd"])];
    let index = Index::new(images, BTreeMap::new());
    let name = bench.name("team/app:1");
    let contents = Contents::from(index.clone());
    let on = Recorder::default();
    let tags = ["latest".to_owned(), "1".to_owned()];
    let summary = bench.client().push(&contents, &name, &tags, &on).await.unwrap();
    assert_eq!((summary.digest, summary.uploaded.blobs), (index.digest(), 5), "the shared layer goes once");
    let puts: Vec<String> = bench
        .fake
        .change_log()
        .lines()
        .filter_map(|line| line.strip_prefix("put team/app "))
        .map(shorten)
        .collect();
    let digests: Vec<String> =
        index.images().iter().map(|image| shorten(&image.digest().to_string())).collect();
    assert_eq!(puts, [digests[0].as_str(), &digests[1], "1", "latest"]);
    assert_eq!(bench.fake.manifest("team/app", "latest").unwrap().0, MediaType::OciIndex.as_str());
    let arm = bench.client().pull(&name, &Platform::linux("arm64"), &bench.cache(), &on).await.unwrap();
    assert_eq!(content(&arm.layers()[1]).await.unwrap(), "arm");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_tells_what_was_sent_and_what_was_there() {
    let bench = Bench::new();
    bench.push(image(&["old"]), "app:1").await.unwrap();
    let on = Recorder::default();
    bench.client().push(&image(&["old", "newer"]).into(), &bench.name("app:2"), &[], &on).await.unwrap();
    let (mut sent, mut ends) = (0, Vec::new());
    for event in on.events() {
        match event {
            Event::Advance { by, .. } => sent += by,
            Event::End { outcome, .. } => ends.push(outcome),
            _ => {}
        }
    }
    ends.sort_by_key(|outcome| format!("{outcome:?}"));
    assert_eq!(ends, [Outcome::Done, Outcome::Done, Outcome::Reused]);
    assert_eq!(sent, 5 + image(&["old", "newer"]).config_bytes().len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn interruptions_are_overcome() {
    let upload = "/blobs/uploads/upload-";
    let faults = [
        Fault::status("/blobs/uploads/", 503).method("POST").times(2),
        Fault::too_many_requests("/blobs/uploads/", 0).method("POST"),
        Fault::new(upload, FaultKind::Disconnect),
        Fault::status(upload, 502),
        // The session is gone: another one is opened.
        Fault::status(upload, 404),
        Fault::status("/manifests/", 500).method("PUT"),
        Fault::new("/blobs/", FaultKind::Disconnect).method("HEAD"),
    ];
    for fault in faults {
        let bench = Bench::new();
        let said = format!("{fault:?}");
        bench.fake.fail(fault);
        let image = image(&["python"]);
        bench.push(image.clone(), "app:1").await.unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!(bench.fake.manifest("app", "1").unwrap().1, image.manifest_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_layer_arrives_whole() {
    let bench = Bench::new();
    let text: String = (0..400_000).map(|number| format!("{number}\n")).collect();
    let image = image(&[&text]);
    bench.push(image.clone(), "app:1").await.unwrap();
    let digest = image.layers()[0].descriptor().digest.to_string();
    assert!(bench.fake.blob("app", &digest).unwrap() == text.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_layer_never_becomes_whole_on_the_other_side() {
    let bench = Bench::new();
    let digest = Digest::of(b"what it should be");
    let descriptor = Descriptor::new(MediaType::OciLayer, digest, 17);
    let damaged = mambox_oci::MemoryBlob(b"what it should bE".as_slice().into());
    let layer = Layer::new(descriptor, DiffId(digest), History::default(), damaged);
    let image = Image::scratch(&Platform::linux("amd64")).with_layers(&[layer]).unwrap();
    let error = bench.push(image, "app:1").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"layer sha256:a819e2 cannot be read for the upload: blob sha256:a819e2 has the digest sha256:bd3478 instead");
    assert_eq!(bench.fake.change_log(), "");
    assert!(bench.fake.requests().iter().all(|recorded| !recorded.status.eq(&201)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_in_the_target_must_be_the_images_own() {
    let bench = Bench::new();
    let image = image(&["x"]);
    let own = format!("app@{}", image.digest());
    bench.push(image.clone(), &own).await.unwrap();
    assert_eq!(bench.fake.tags("app"), []);
    assert!(bench.fake.manifest("app", &image.digest().to_string()).is_some());
    let error = bench.push(image, &format!("app@{}", Digest::of(b"other"))).await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/app@sha256:d9298a is not what was asked for: the image to push has the digest sha256:a44b1c, not sha256:d9298a; leave the digest out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_of_another_host_is_followed_without_the_login() {
    let bench = Bench::with(mambox_testkit::RegistryAuth::basic("me", "s3cret"));
    bench.log_in("me", "s3cret");
    let storage = mambox_testkit::HttpServer::start(|_| Response::status(201));
    let location = format!("{}put-here?signature=abc", storage.url());
    let answer = Response::status(202).header("location", location);
    // The bare request is refused with 401, the second one meets this answer.
    bench.push(image(&["x"]), "app:0").await.unwrap();
    bench.fake.fail(Fault::new("/blobs/uploads/", FaultKind::Answer(answer)).method("POST").times(2));
    let error = bench.push(image(&["new"]), "app:1").await.unwrap_err();
    // Our storage keeps nothing, so the registry misses the blob in the end.
    insta::assert_snapshot!(bench.shown(&error), @"the upload of the manifest app:1 failed: registry.test answered 400 Bad Request: MANIFEST_BLOB_UNKNOWN, sha256:c3ac57");
    let requests = storage.requests();
    assert_eq!(requests.len(), 2);
    for recorded in requests {
        assert!(recorded.request.query.starts_with("signature=abc&digest=sha256"), "{recorded}");
        assert_eq!(recorded.request.header("authorization"), None);
    }
}
