//! What a pull asks for, what it keeps, and what it does not believe.

use std::collections::BTreeMap;
use std::io::Read;

use mambox_oci::{Digest, Index, MediaType, Platform};
use mambox_progress::{Recorder, Silent};
use mambox_testkit::{Fault, FaultKind};
use mambox_transport::Registry;

use crate::bench::{Bench, content, image, image_for};

/// How often a blob was asked for.
fn downloads(bench: &Bench) -> usize {
    let blob = |path: &str| path.contains("/blobs/");
    bench.fake.requests().iter().filter(|it| it.request.method == "GET" && blob(&it.request.path)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_come_when_they_are_read_and_only_once() {
    let bench = Bench::new();
    let original = image(&["one", "two"]);
    bench.push(original.clone(), "base:1").await.unwrap();
    bench.fake.clear_log();
    let pulled = bench.pull("base:1").await.unwrap();
    assert_eq!(pulled.digest(), original.digest());
    assert_eq!(downloads(&bench), 1, "the configuration");
    let layer = &pulled.layers()[1];
    assert_eq!(layer.blob().path(), None);
    assert_eq!(content(layer).await.unwrap(), "two");
    assert_eq!(content(layer).await.unwrap(), "two");
    assert_eq!(downloads(&bench), 2);
    assert!(layer.blob().path().unwrap().ends_with(Digest::of(b"two").hex()));

    bench.fake.clear_log();
    let again = bench.pull("base:1").await.unwrap();
    assert_eq!(content(&again.layers()[1]).await.unwrap(), "two");
    assert_eq!(bench.fake.server().log(false), "HEAD /v2/base/manifests/1 200\n");

    bench.fake.clear_log();
    let by_digest = bench.pull(&format!("base@{}", original.digest())).await.unwrap();
    assert_eq!(by_digest.digest(), original.digest());
    assert_eq!(bench.fake.server().log(false), "", "a digest that is known needs no network");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_readers_of_one_layer_share_a_download() {
    let bench = Bench::new();
    bench.push(image(&["shared"]), "base:1").await.unwrap();
    let pulled = bench.pull("base:1").await.unwrap();
    let before = downloads(&bench);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut text = String::new();
                pulled.layers()[0].open().unwrap().read_to_string(&mut text).unwrap();
                assert_eq!(text, "shared");
            });
        }
    });
    assert_eq!(downloads(&bench), before + 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_runtime_with_one_thread_will_do() {
    let bench = Bench::new();
    bench.push(image(&["layer"]), "base:1").await.unwrap();
    assert_eq!(content(&bench.pull("base:1").await.unwrap().layers()[0]).await.unwrap(), "layer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_learns_that_the_runtime_is_gone() {
    let bench = Bench::new();
    bench.push(image(&["layer"]), "base:1").await.unwrap();
    let short = std::thread::spawn(|| tokio::runtime::Runtime::new().unwrap()).join().unwrap();
    let client = bench.client();
    let (name, cache) = (bench.name("base:1"), bench.cache());
    let task =
        short.spawn(async move { client.pull(&name, &Platform::linux("amd64"), &cache, &Silent).await });
    let pulled = task.await.unwrap().unwrap();
    short.shutdown_background();
    let error = content(&pulled.layers()[0]).await.unwrap_err();
    assert!(error.starts_with("work on the download of sha256:"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_is_chosen_and_a_missing_one_answered_with_those_there_are() {
    let bench = Bench::new();
    let images = vec![image_for("arm64", &["arm"]), image_for("amd64", &["amd"])];
    bench.push(Index::new(images, BTreeMap::new()), "multi:1").await.unwrap();
    assert_eq!(content(&bench.pull("multi:1").await.unwrap().layers()[0]).await.unwrap(), "amd");
    let riscv = Platform::linux("riscv64");
    let error =
        bench.client().pull(&bench.name("multi:1"), &riscv, &bench.cache(), &Silent).await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/multi:1 has no image for linux/riscv64; it has linux/amd64, linux/arm64");
    bench.push(image_for("arm64", &["arm"]), "single:1").await.unwrap();
    let error = bench.pull("single:1").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/single:1 has no image for linux/amd64; it has linux/arm64");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_download_goes_on_where_it_broke() {
    let bench = Bench::new();
    bench.push(image(&["0123456789"]), "base:1").await.unwrap();
    let pulled = bench.pull("base:1").await.unwrap();
    let layer = Digest::of(b"0123456789").to_string();
    bench.fake.fail(Fault::new(&layer, FaultKind::Cut(4)).method("GET"));
    bench.fake.clear_log();
    assert_eq!(content(&pulled.layers()[0]).await.unwrap(), "0123456789");
    let ranges: Vec<_> = bench
        .fake
        .requests()
        .iter()
        .map(|it| it.request.header("range").unwrap_or("all").to_owned())
        .collect();
    assert_eq!(ranges, ["all", "bytes=4-"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_what_it_should_be_is_refused_and_not_kept() {
    let bench = Bench::new();
    let original = image(&["0123456789"]);
    bench.push(original.clone(), "base:1").await.unwrap();
    let layer = Digest::of(b"0123456789").to_string();
    let read = || async {
        let error = content(&bench.pull("base:1").await.unwrap().layers()[0]).await.unwrap_err();
        assert!(!bench.cache().path(Digest::of(b"0123456789")).exists());
        crate::bench::shorten(&error.replace(&bench.fake.host(), "registry.test"))
    };
    bench.fake.fail(Fault::new(&layer, FaultKind::Corrupt).method("GET"));
    insta::assert_snapshot!(read().await, @"the layer sha256:84d898 from registry.test/base is not what was asked for: it has the digest sha256:26afb2");
    bench.fake.tamper_with_blob("base", &layer, "01234567890");
    insta::assert_snapshot!(read().await, @"the layer sha256:84d898 from registry.test/base is not what was asked for: it is longer than the 10 bytes its manifest states");
    bench.fake.tamper_with_blob("base", &layer, "0123");
    insta::assert_snapshot!(read().await, @"the layer sha256:84d898 from registry.test/base is not what was asked for: it ends 6 bytes too early");
    bench.fake.fail(Fault::status(&layer, 404).method("GET"));
    insta::assert_snapshot!(read().await, @"registry.test/base has no blob sha256:84d898 although its manifest names it; push the image again or use another tag");

    let fresh = Bench { folder: tempfile::tempdir().unwrap(), fake: bench.fake };
    fresh.fake.fail(Fault::new("/manifests/", FaultKind::Corrupt).method("GET").times(2));
    let error = fresh.pull(&format!("base@{}", original.digest())).await.unwrap_err();
    insta::assert_snapshot!(fresh.shown(&error), @"the manifest registry.test/base@sha256:3569d5 is not what was asked for: it has the digest sha256:c91a37 instead of sha256:3569d5");
    let error = fresh.pull("base:1").await.unwrap_err();
    insta::assert_snapshot!(fresh.shown(&error), @"the manifest registry.test/base@sha256:3569d5 is not what was asked for: it has the digest sha256:c91a37 instead of sha256:3569d5");
    fresh.fake.fail(Fault::new("/blobs/", FaultKind::Corrupt).method("GET"));
    let error = fresh.pull("base:1").await.unwrap_err();
    insta::assert_snapshot!(fresh.shown(&error), @"the configuration sha256:c640a3 of registry.test/base is not what was asked for: it has the digest sha256:87cb84");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_the_cache_speaks_and_says_so() {
    let bench = Bench::new();
    bench.push(image(&["one", "two"]), "base:1").await.unwrap();
    let online = bench.pull("base:1").await.unwrap();
    content(&online.layers()[0]).await.unwrap();
    bench.fake.clear_log();

    let mut settings = bench.settings();
    settings.offline = true;
    let client = Registry::new(settings);
    let on = Recorder::default();
    let amd64 = Platform::linux("amd64");
    let offline = client.pull(&bench.name("base:1"), &amd64, &bench.cache(), &on).await.unwrap();
    assert_eq!(offline.digest(), online.digest());
    let note = format!("{:?}", on.events()).replace(&bench.fake.host(), "registry.test");
    insta::assert_snapshot!(crate::bench::shorten(&note), @r#"[Note { text: "offline: registry.test/base:1 is taken as sha256:c517cd, which it was when last looked up" }]"#);
    assert_eq!(content(&offline.layers()[0]).await.unwrap(), "one");
    let error = content(&offline.layers()[1]).await.unwrap_err().replace(&bench.fake.host(), "registry.test");
    insta::assert_snapshot!(crate::bench::shorten(&error), @"registry.test/base@sha256:3fc4cc is not in the cache, and --offline forbids to ask the registry");
    let error = client.pull(&bench.name("base:2"), &amd64, &bench.cache(), &on).await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/base:2 is not in the cache, and --offline forbids to ask the registry");
    let error = client.push(&online.into(), &bench.name("base:2"), &[], &on).await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/base:2 cannot be pushed: --offline forbids it");
    assert_eq!(bench.fake.server().log(false), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_of_dockers_own_kind_are_read_too() {
    let bench = Bench::new();
    let original = image(&["layer"]);
    bench.push(original.clone(), "base:1").await.unwrap();
    let text = String::from_utf8(original.manifest_bytes().to_vec()).unwrap();
    let docker = text
        .replace(MediaType::OciManifest.as_str(), MediaType::DockerManifest.as_str())
        .replace(MediaType::OciConfig.as_str(), MediaType::DockerConfig.as_str())
        .replace(MediaType::OciLayer.as_str(), MediaType::DockerLayer.as_str());
    bench.fake.put_manifest("base", Some("docker"), MediaType::DockerManifest.as_str(), docker.clone());
    let pulled = bench.pull("base:docker").await.unwrap();
    assert_eq!(pulled.digest(), Digest::of(docker.as_bytes()));
    assert_eq!(content(&pulled.layers()[0]).await.unwrap(), "layer");
    assert_eq!(pulled.layers()[0].blob().mount_source(), Some(bench.name("base:1").mount_source()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_image_is_said_to_be_none() {
    let bench = Bench::new();
    bench.fake.put_manifest("base", Some("old"), MediaType::OciManifest.as_str(), r#"{"schemaVersion": 1}"#);
    let error = bench.pull("base:old").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/base:old is not what was asked for: it is neither an image manifest of schema 2 nor an index of such");
    let endless = format!(r#"{{"schemaVersion": 2, "manifests": [], "x": "{}"}}"#, "x".repeat(5 << 20));
    bench.fake.put_manifest("base", Some("endless"), MediaType::OciIndex.as_str(), endless);
    let error = bench.pull("base:endless").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test breaks the registry protocol in answer to the request for the manifest base@sha256:3cb45b: the answer is longer than 4194304 bytes");
}
