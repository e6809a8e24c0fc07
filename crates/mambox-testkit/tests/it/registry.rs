//! The registry speaks the distribution protocol and remembers what clients did.

use insta::assert_snapshot;
use mambox_testkit::{FakeRegistry, Fault, RegistryAuth};
use rattler_digest::{Sha256, compute_bytes_digest};
use serde_json::json;

use crate::client::{Answer, ask};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn request(registry: &FakeRegistry, line: &str, headers: &str, body: &str) -> Answer {
    ask(registry.server().address(), line, headers, body)
}

fn digest(content: &str) -> String {
    format!("sha256:{}", hex::encode(compute_bytes_digest::<Sha256>(content)))
}

fn manifest(config: &str) -> String {
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": { "digest": digest(config) }, "layers": [] })
        .to_string()
}

#[test]
fn blobs_are_uploaded_whole_in_pieces_or_mounted() {
    let registry = FakeRegistry::start();
    let whole =
        request(&registry, &format!("POST /v2/app/blobs/uploads/?digest={}", digest("one")), "", "one");
    assert_eq!(whole.status(), "201");

    let begun = request(&registry, "POST /v2/app/blobs/uploads/", "", "");
    let location = begun.header("location").expect("a location").to_owned();
    request(&registry, &format!("PATCH {location}"), "content-range: 0-1\r\n", "tw");
    let gap = request(&registry, &format!("PATCH {location}"), "content-range: 7-7\r\n", "x");
    assert_eq!(gap.status(), "416");
    let closed = request(&registry, &format!("PUT {location}?digest={}", digest("two")), "", "o");
    assert_eq!(closed.status(), "201");

    let mount = |what: &str| format!("POST /v2/other/blobs/uploads/?mount={}&from=app", digest(what));
    assert_eq!(request(&registry, &mount("two"), "", "").status(), "201");
    assert_eq!(request(&registry, &mount("unknown"), "", "").status(), "202");

    assert_eq!(registry.uploaded_blobs(), [digest("one"), digest("two")]);
    assert_eq!(registry.mounted_blobs(), [digest("two")]);
    assert_eq!(registry.blob("other", &digest("two")).as_deref(), Some(&b"two"[..]));
}

#[test]
fn blobs_are_read_whole_and_in_ranges() {
    let registry = FakeRegistry::start();
    let blob = registry.put_blob("app", "0123456789");
    let target = format!("/v2/app/blobs/{blob}");
    let head = request(&registry, &format!("HEAD {target}"), "", "");
    assert_eq!((head.status(), head.header("content-length")), ("200", Some("10")));
    assert_eq!(head.header("docker-content-digest"), Some(blob.as_str()));
    let range = request(&registry, &format!("GET {target}"), "range: bytes=4-\r\n", "");
    assert_eq!((range.status(), range.body()), ("206", "456789"));
    assert_eq!(request(&registry, &format!("GET {target}"), "range: bytes=10-\r\n", "").status(), "416");
    assert_eq!(request(&registry, "GET /v2/app/blobs/sha256:00", "", "").status(), "404");
}

#[test]
fn wrong_digests_and_missing_blobs_are_refused() {
    let registry = FakeRegistry::start();
    let wrong = request(&registry, "POST /v2/app/blobs/uploads/?digest=sha256:00", "", "one");
    assert!(wrong.body().contains("DIGEST_INVALID"));
    let content_type = format!("content-type: {MANIFEST}\r\n");
    let early = request(&registry, "PUT /v2/app/manifests/v1", &content_type, &manifest("config"));
    assert!(early.body().contains("MANIFEST_BLOB_UNKNOWN"));
    assert!(registry.tags("app").is_empty());
}

#[test]
fn manifests_are_found_by_tag_and_digest_if_accepted() {
    let registry = FakeRegistry::start();
    registry.put_blob("app", "config");
    let manifest = manifest("config");
    let content_type = format!("content-type: {MANIFEST}\r\n");
    assert_eq!(request(&registry, "PUT /v2/app/manifests/v1", &content_type, &manifest).status(), "201");
    let by_digest = format!("GET /v2/app/manifests/{}", digest(&manifest));
    assert_eq!(request(&registry, &by_digest, "", "").body(), manifest);
    let by_tag = request(&registry, "GET /v2/app/manifests/v1", "accept: application/json\r\n", "");
    assert_eq!(by_tag.status(), "404");
    let by_tag = request(&registry, "GET /v2/app/manifests/v1", &format!("accept: {MANIFEST}\r\n"), "");
    assert_eq!(by_tag.header("docker-content-digest"), Some(digest(&manifest).as_str()));
    assert_eq!(registry.tags("app"), [("v1".to_owned(), digest(&manifest))]);
    assert_snapshot!(registry.change_log(), @"put app v1");
}

#[test]
fn tags_are_listed_in_pages() {
    let registry = FakeRegistry::start();
    for tag in ["a", "b", "c"] {
        registry.put_manifest("app", Some(tag), MANIFEST, "{}");
    }
    let page = request(&registry, "GET /v2/app/tags/list?n=2", "", "");
    assert_eq!(page.body(), r#"{"name":"app","tags":["a","b"]}"#);
    assert_eq!(page.header("link"), Some("</v2/app/tags/list?n=2&last=b>; rel=\"next\""));
    let rest = request(&registry, "GET /v2/app/tags/list?n=2&last=b", "", "");
    assert_eq!((rest.body(), rest.header("link")), (r#"{"name":"app","tags":["c"]}"#, None));
}

#[test]
fn tokens_are_good_for_their_scope_only() {
    let registry = FakeRegistry::start_with(RegistryAuth::token_with_anonymous_pull("user", "pass"));
    registry.put_blob("app", "config");
    let blob = format!("/v2/app/blobs/{}", digest("config"));

    let refused = request(&registry, &format!("GET {blob}"), "", "");
    let challenge = format!(
        "Bearer realm=\"http://{}/token\",service=\"fake-registry\",scope=\"repository:app:pull\"",
        registry.host()
    );
    assert_eq!((refused.status(), refused.header("www-authenticate")), ("401", Some(challenge.as_str())));

    let buy = |scope: &str, headers: &str| {
        let answer = request(&registry, &format!("GET /token?scope={scope}"), headers, "");
        let body: serde_json::Value = serde_json::from_str(answer.body()).expect("JSON");
        body["token"].as_str().map(|token| format!("authorization: Bearer {token}\r\n"))
    };
    let pull = buy("repository:app:pull", "").expect("everybody may pull");
    assert_eq!(request(&registry, &format!("GET {blob}"), &pull, "").status(), "200");
    assert_eq!(request(&registry, "POST /v2/app/blobs/uploads/", &pull, "").status(), "401");
    assert_eq!(buy("repository:app:pull,push", ""), None);
    let push =
        buy("repository:app:pull,push", "authorization: Basic dXNlcjpwYXNz\r\n").expect("the user may push");
    assert_eq!(request(&registry, "POST /v2/app/blobs/uploads/", &push, "").status(), "202");
    assert_eq!(request(&registry, "POST /v2/other/blobs/uploads/", &push, "").status(), "401");
}

#[test]
fn basic_authentication_covers_everything() {
    let registry = FakeRegistry::start_with(RegistryAuth::basic("user", "pass"));
    assert_eq!(request(&registry, "GET /v2/", "", "").status(), "401");
    assert_eq!(request(&registry, "GET /v2/", "authorization: Basic dXNlcjpwYXNz\r\n", "").status(), "200");
}

#[test]
fn faults_and_lies_are_possible() {
    let registry = FakeRegistry::start();
    let blob = registry.put_blob("app", "true");
    registry.tamper_with_blob("app", &blob, "lies");
    registry.fail(Fault::status("/blobs/", 502).method("GET"));
    let target = format!("GET /v2/app/blobs/{blob}");
    assert_eq!(request(&registry, &target, "", "").status(), "502");
    assert_eq!(request(&registry, &target, "", "").body(), "lies");
    registry.clear_log();
    assert!(registry.requests().is_empty());
}
