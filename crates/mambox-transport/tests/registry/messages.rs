//! What a person reads when a registry does not do as asked.

use mambox_testkit::{Fault, FaultKind, HttpServer, Response};
use mambox_transport::{Registry, RegistrySettings};

use crate::bench::{Bench, image};

#[tokio::test(flavor = "multi_thread")]
async fn pulls_that_fail() {
    let bench = Bench::new();
    bench.push(image(&["x"]), "app:1").await.unwrap();
    let error = bench.pull("app:2").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"registry.test/app:2 does not exist (404 Not Found: MANIFEST_UNKNOWN, app has no manifest 2): check the name and the tag");
    let answers = [
        ("busy", Fault::too_many_requests("/manifests/", 0).always()),
        ("asks for an hour", Fault::too_many_requests("/manifests/", 3600).always()),
        ("broken", Fault::status("/manifests/", 500).always()),
        ("forbidden", Fault::status("/manifests/", 403).always()),
        ("login page", Fault::html("/manifests/").always()),
        ("hangs up", Fault::new("/manifests/", FaultKind::Disconnect).always()),
    ];
    let mut told = String::new();
    for (name, fault) in answers {
        let bench = Bench::new();
        bench.fake.fail(fault);
        let error = bench.pull("app:1").await.unwrap_err();
        told += &format!("{name}: {}\n", bench.shown(&error));
    }
    insta::assert_snapshot!(told, @"
    busy: registry.test limits requests: 429 Too Many Requests; try again later, or log in for a higher limit
    asks for an hour: registry.test limits requests: 429 Too Many Requests (it asks to wait 3600 s); try again later, or log in for a higher limit
    broken: the request for the manifest app:1 failed: registry.test answered 500 Internal Server Error
    forbidden: registry.test denies pulling from app (403 Forbidden): no login for registry.test was found; log in with `docker login registry.test`, or the same with podman or skopeo
    login page: registry.test/app:1 is not what was asked for: it is neither an image manifest of schema 2 nor an index of such
    hangs up: registry.test cannot be reached for the lookup of app:1: connection closed before message completed
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_that_fail() {
    let unknown = |code: &str, status| {
        let body = format!(r#"{{"errors": [{{"code": "{code}", "message": "no such thing"}}]}}"#);
        FaultKind::Answer(Response::status(status).body(body))
    };
    let faults = [
        ("no repository", Fault::new("/blobs/uploads/", unknown("NAME_UNKNOWN", 404)).method("POST")),
        ("forbidden", Fault::new("/blobs/uploads/", unknown("DENIED", 403)).method("POST")),
        ("too large", Fault::status("/blobs/uploads/upload-", 413)),
        ("no location", Fault::status("/blobs/uploads/", 202).method("POST")),
        ("never lasts", Fault::new("/blobs/uploads/upload-", unknown("BLOB_UPLOAD_UNKNOWN", 404)).always()),
        ("hangs up", Fault::new("/blobs/uploads/upload-", FaultKind::Disconnect).always()),
        ("bad manifest", Fault::new("/manifests/", unknown("MANIFEST_INVALID", 400)).method("PUT")),
    ];
    let mut told = String::new();
    for (name, fault) in faults {
        let bench = Bench::new();
        bench.fake.fail(fault);
        let error = bench.push(image(&[]), "app:1").await.unwrap_err();
        assert_eq!(bench.fake.tags("app"), [], "no tag names something incomplete");
        told += &format!("{name}: {}\n", bench.shown(&error));
    }
    insta::assert_snapshot!(told, @"
    no repository: registry.test/app cannot be pushed to, the registry does not know it (404 Not Found: NAME_UNKNOWN, no such thing): create the repository first, or check its name
    forbidden: registry.test denies pushing to app (403 Forbidden: DENIED, no such thing): no login for registry.test was found; log in with `docker login registry.test`, or the same with podman or skopeo
    too large: the upload of the blob sha256:c064e0 failed: registry.test answered 413 Payload Too Large
    no location: registry.test breaks the registry protocol in answer to the upload of the blob sha256:c064e0: it opens an upload without saying where
    never lasts: the upload of the blob sha256:c064e0 failed: registry.test answered 404 Not Found: BLOB_UPLOAD_UNKNOWN, no such thing
    hangs up: registry.test cannot be reached for the upload of the blob sha256:c064e0: connection closed before message completed
    bad manifest: the upload of the manifest app:1 failed: registry.test answered 400 Bad Request: MANIFEST_INVALID, no such thing
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_home() {
    let bench = Bench::new();
    let name = bench.name("app:1");
    let host = bench.fake.host();
    drop(bench.fake);
    let bench = Bench { fake: mambox_testkit::FakeRegistry::start(), folder: bench.folder };
    let amd64 = mambox_oci::Platform::linux("amd64");
    let error =
        bench.client().pull(&name, &amd64, &bench.cache(), &mambox_progress::Silent).await.unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&host, "registry.test"), @"registry.test cannot be reached for the lookup of app:1: Connection refused (os error 111)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_speaks_plain_http_or_has_an_unknown_authority() {
    let amd64 = mambox_oci::Platform::linux("amd64");
    let pull = |settings: RegistrySettings, host: String| async move {
        let name = format!("{host}/app:1").parse().unwrap();
        let cache = mambox_transport::BlobCache::temporary().unwrap();
        let settings = RegistrySettings { retries: 0, ..settings };
        let error =
            Registry::new(settings).pull(&name, &amd64, &cache, &mambox_progress::Silent).await.unwrap_err();
        error.to_string().replace(&host, "registry.test")
    };
    let server = HttpServer::start_tls(|_| Response::status(500));
    // A loopback registry is asked in plain HTTP, which a TLS server does not understand.
    let told = pull(RegistrySettings::default(), server.address().to_string()).await;
    assert!(told.starts_with("registry.test cannot be reached"), "{told}");
}
