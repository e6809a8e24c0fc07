//! The HTTP server serves, refuses and fails as told.

use insta::assert_snapshot;
use mambox_testkit::{Auth, Fault, FaultKind, HttpServer, Response};

use crate::client::{self, Answer};

fn ask(server: &HttpServer, line: &str, headers: &str) -> Answer {
    client::ask(server.address(), line, headers, "")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("hello world.txt"), "hello").expect("a file");
    folder
}

#[test]
fn folder_is_served_and_requests_are_recorded() {
    let folder = folder();
    let server = HttpServer::serve_dir(folder.path());
    assert_eq!(ask(&server, "GET /hello%20world.txt", "").body(), "hello");
    assert_eq!(ask(&server, "HEAD /hello%20world.txt", "").body(), "");
    ask(&server, "GET /../../../etc/passwd?x=1", "");
    ask(&server, "GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd", "");
    ask(&server, "DELETE /hello", "");
    assert_snapshot!(server.log(false), @r"
    GET /hello%20world.txt 200
    HEAD /hello%20world.txt 200
    GET /../../../etc/passwd?x=1 404
    GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd 404
    DELETE /hello 405
    ");
    server.clear_log();
    assert!(server.requests().is_empty());
}

#[test]
fn known_etag_is_not_modified() {
    let folder = folder();
    let server = HttpServer::serve_dir(folder.path());
    let answer = ask(&server, "GET /hello%20world.txt", "");
    let etag = answer.header("etag").expect("an ETag");
    let again = ask(&server, "GET /hello%20world.txt", &format!("if-none-match: {etag}\r\n"));
    assert_eq!(again.status(), "304");
}

#[test]
fn faults_come_first_and_end() {
    let server = HttpServer::start(|_| Response::ok("fine"));
    server.fail(Fault::status("/x", 503).times(2)).fail(Fault::too_many_requests("/x", 7));
    let answers: Vec<_> = (0..4).map(|_| ask(&server, "GET /x", "")).collect();
    assert_eq!(answers.iter().map(Answer::status).collect::<Vec<_>>(), ["503", "503", "429", "200"]);
    assert!(answers[2].header("retry-after") == Some("7"));
    server.fail(Fault::html("/only-post").method("POST"));
    assert_eq!(ask(&server, "GET /only-post", "").body(), "fine");
    assert!(ask(&server, "POST /only-post", "").body().contains("sign in"));
}

#[test]
fn bodies_are_cut_corrupted_or_never_sent() {
    let server = HttpServer::start(|_| Response::ok("0123456789"));
    server.fail(Fault::new("/", FaultKind::Cut(4)));
    let answer = ask(&server, "GET /", "");
    assert!(answer.header("content-length") == Some("10"));
    assert_eq!(answer.body(), "0123");
    server.fail(Fault::new("/", FaultKind::Corrupt));
    assert!(ask(&server, "GET /", "").body().ends_with("123456789"));
    assert_ne!(ask(&server, "GET /", "").body(), "");
    server.fail(Fault::new("/", FaultKind::Disconnect));
    assert_eq!(ask(&server, "GET /", "").status(), "none");
}

#[test]
fn credentials_are_demanded() {
    let server = HttpServer::start(|request| Response::ok(request.path.as_str()));
    server.require(Auth::Basic("user".into(), "pass".into()));
    assert_eq!(ask(&server, "GET /a", "").status(), "401");
    assert_eq!(ask(&server, "GET /a", "authorization: Basic dXNlcjpwYXNz\r\n").status(), "200");
    server.require(Auth::Bearer("secret".into()));
    assert_eq!(ask(&server, "GET /a", "authorization: Bearer other\r\n").status(), "401");
    assert_eq!(ask(&server, "GET /a", "authorization: Bearer secret\r\n").status(), "200");
    server.require(Auth::PathToken("tk".into()));
    assert_eq!(ask(&server, "GET /a", "").status(), "401");
    assert_eq!(ask(&server, "GET /t/tk/a", "").body(), "/a");
}

#[test]
fn requests_meant_for_a_proxy_name_their_host() {
    let proxy = HttpServer::start(|_| Response::ok("proxied"));
    assert_eq!(ask(&proxy, "GET http://conda.example.invalid/noarch/repodata.json", "").body(), "proxied");
    let request = &proxy.requests()[0].request;
    assert_eq!(request.authority.as_deref(), Some("conda.example.invalid"));
    assert_eq!(request.path, "/noarch/repodata.json");
}

#[test]
fn tls_is_trusted_through_its_authority_only() {
    let server = HttpServer::start_tls(|_| Response::ok("secret"));
    assert_eq!(server.url().scheme(), "https");
    assert_eq!(client::ask_tls(server.address(), server.certificate()).expect("trusted"), "secret");
    let other = HttpServer::start_tls(|_| Response::ok("other"));
    let error = client::ask_tls(server.address(), other.certificate()).expect_err("not trusted");
    assert!(error.to_string().contains("certificate"), "{error}");
}
