//! Logins: found, used, refused, and never shown.

use mambox_oci::Digest;
use mambox_testkit::RegistryAuth;

use crate::bench::{Bench, content, image, layer};

const SECRET: &str = "s3cret-Pa55";

/// The message, after a look for what must not be in it.
fn safe(bench: &Bench, error: &mambox_transport::RegistryError) -> String {
    let everything = format!("{error} {error:?}");
    for secret in [SECRET.to_owned(), "czNjcmV0".into(), hex_of("granted")] {
        assert!(!everything.contains(&secret), "{everything}");
    }
    bench.shown(error)
}

fn hex_of(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_serves_a_whole_push_mounts_included() {
    let bench = Bench::with(RegistryAuth::token("me", SECRET));
    bench.log_in("me", SECRET);
    bench.push(image(&["base"]), "library/debian:13").await.unwrap();
    let base = bench.pull("library/debian:13").await.unwrap();
    bench.fake.clear_log();
    let more: Vec<_> = ["a", "b", "c", "d"].map(layer).into();
    let summary = bench.push(base.with_layers(&more).unwrap(), "team/app:1").await.unwrap();
    assert_eq!((summary.mounted.blobs, summary.uploaded.blobs), (1, 5));
    let tokens: Vec<String> = bench
        .fake
        .requests()
        .iter()
        .filter(|it| it.request.path == "/token")
        .map(|it| it.request.parameters("scope").join(" "))
        .collect();
    assert_eq!(tokens, ["repository:team/app:pull,push repository:library/debian:pull"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_image_needs_no_login() {
    let bench = Bench::with(RegistryAuth::token_with_anonymous_pull("me", SECRET));
    bench.log_in("me", SECRET);
    bench.push(image(&["base"]), "debian:13").await.unwrap();
    std::fs::remove_file(bench.auth_file()).unwrap();
    let pulled = bench.pull("debian:13").await.unwrap();
    assert_eq!(content(&pulled.layers()[0]).await.unwrap(), "base");
    let error = bench.push(image(&["mine"]), "debian:13").await.unwrap_err();
    insta::assert_snapshot!(safe(&bench, &error), @"registry.test denies pushing to debian (its token server 127.0.0.1 says 401 Unauthorized: UNAUTHORIZED, wrong user or password): no login for registry.test was found; log in with `docker login registry.test`, or the same with podman or skopeo");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_password_works_too() {
    let bench = Bench::with(RegistryAuth::basic("me", SECRET));
    let error = bench.push(image(&["x"]), "app:1").await.unwrap_err();
    insta::assert_snapshot!(safe(&bench, &error), @"registry.test denies pushing to app (401 Unauthorized): no login for registry.test was found; log in with `docker login registry.test`, or the same with podman or skopeo");
    bench.log_in("me", SECRET);
    bench.push(image(&["x"]), "app:1").await.unwrap();
    assert!(bench.fake.blob("app", &Digest::of(b"x").to_string()).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_told_with_its_file() {
    for auth in [RegistryAuth::token("me", "other"), RegistryAuth::basic("me", "other")] {
        let bench = Bench::with(auth.clone());
        bench.log_in("me", SECRET);
        let error = bench.pull("app:1").await.unwrap_err();
        match auth {
            RegistryAuth::Token { .. } => {
                insta::assert_snapshot!(safe(&bench, &error), @"registry.test denies pulling from app (its token server 127.0.0.1 says 401 Unauthorized: UNAUTHORIZED, wrong user or password): the login from [FOLDER]/auth.json is not accepted or lacks the right; check it, or renew it with `docker login registry.test`, or the same with podman or skopeo")
            }
            _ => {
                insta::assert_snapshot!(safe(&bench, &error), @"registry.test denies pulling from app (401 Unauthorized: UNAUTHORIZED, authentication required): the login from [FOLDER]/auth.json is not accepted or lacks the right; check it, or renew it with `docker login registry.test`, or the same with podman or skopeo")
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_repeats_the_secret_is_not_quoted() {
    let bench = Bench::with(RegistryAuth::basic("me", SECRET));
    bench.log_in("me", SECRET);
    bench.push(image(&["x"]), "app:1").await.unwrap();
    let body = format!(r#"{{"errors": [{{"code": "DENIED", "message": "me:{SECRET} may not do that"}}]}}"#);
    let answer = mambox_testkit::Response::status(403).body(body);
    let fault = mambox_testkit::Fault::new("/manifests/", mambox_testkit::FaultKind::Answer(answer));
    bench.fake.fail(fault.method("PUT").always());
    let error = bench.push(image(&["y"]), "app:2").await.unwrap_err();
    insta::assert_snapshot!(safe(&bench, &error), @"registry.test denies pushing to app (403 Forbidden: DENIED, me:***** may not do that): the login from [FOLDER]/auth.json is not accepted or lacks the right; check it, or renew it with `docker login registry.test`, or the same with podman or skopeo");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_clients_show_no_secret() {
    let bench = Bench::with(RegistryAuth::token("me", SECRET));
    bench.log_in("me", SECRET);
    let client = bench.client();
    bench.push(image(&["x"]), "app:1").await.unwrap();
    let pulled = bench.pull("app:1").await.unwrap();
    let shown = format!("{client:?} {pulled:?}");
    assert!(shown.contains("auth.json") && !shown.contains(SECRET), "{shown}");
}
