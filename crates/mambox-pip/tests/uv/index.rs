//! Indexes that are served over HTTP (PEP 503), with and without a login.

use mambox_testkit::{Auth, Fault, HttpServer, Request, Response};

use crate::ANY;
use crate::fixture::{Outcome, Project, wheel};

const PASSWORD: &str = "s3cr3t-w0rd";

/// An index with one distribution, whose page tells no hash where its path begins with `bare`. What stands before the index's
/// folder does not matter.
fn index() -> HttpServer {
    let bytes = wheel("lib", "1.0", ANY, &[]);
    let sha256 = hex::encode(rattler_digest::compute_bytes_digest::<rattler_digest::Sha256>(&bytes));
    HttpServer::start(move |request: &Request| {
        let hash = if request.path.contains("/bare/") { String::new() } else { format!("#sha256={sha256}") };
        if request.path.ends_with("/lib/") {
            let page = format!("<!DOCTYPE html><a href=\"../lib-1.0-{ANY}.whl{hash}\">lib-1.0-{ANY}.whl</a>");
            return Response::ok(page).header("content-type", "text/html");
        }
        if request.path.ends_with(".whl") {
            return Response::ok(bytes.clone()).header("content-type", "application/octet-stream");
        }
        Response::status(404)
    })
}

/// An address on the server, with a login.
fn address(server: &HttpServer, login: &str, path: &str) -> String {
    format!("http://{login}{}{path}", server.address())
}

/// What is told, without the server's port.
fn told(outcome: &Outcome, server: &HttpServer) -> String {
    assert!(!outcome.told.contains(PASSWORD), "{}", outcome.told);
    assert!(!format!("{:?}", outcome.result).contains(PASSWORD), "{:?}", outcome.result);
    outcome.told.replace(&server.address().to_string(), "[server]")
}

#[tokio::test]
async fn a_login_is_used_and_shown_to_nobody() {
    let Some(project) = Project::new().await else { return };
    let server = index();
    server.require(Auth::Basic("me".to_owned(), PASSWORD.to_owned()));
    let url = address(&server, &format!("me:{PASSWORD}@"), "/simple");
    let outcome = project.resolve(&[&format!("--index-url {url}"), "lib"]).await;
    insta::assert_snapshot!(told(&outcome, &server), @"lib==1.0 http://[server]/simple/lib-1.0-py3-none-any.whl");
}

#[tokio::test]
async fn a_login_may_be_in_a_variable() {
    let Some(mut project) = Project::new().await else { return };
    let server = index();
    server.require(Auth::Basic("me".to_owned(), PASSWORD.to_owned()));
    project.variables.insert("PASSWORD".to_owned(), PASSWORD.to_owned());
    let url = address(&server, "me:${PASSWORD}@", "/simple");
    let outcome = project.resolve(&[&format!("--index-url {url}"), "lib"]).await;
    assert_eq!(told(&outcome, &server), "lib==1.0 http://[server]/simple/lib-1.0-py3-none-any.whl");
}

/// It cannot be told from any other folder of an address.
#[tokio::test]
async fn a_secret_in_a_path_is_warned_of() {
    let Some(mut project) = Project::new().await else { return };
    let server = index();
    project.variables.insert("FOLDER".to_owned(), "tk-0123".to_owned());
    let url = address(&server, "", "/${FOLDER}/simple");
    let outcome = project.resolve(&[&format!("--index-url {url}"), "lib"]).await;
    insta::assert_snapshot!(told(&outcome, &server), @"
    lib==1.0 http://[server]/tk-0123/simple/lib-1.0-py3-none-any.whl
    warning: environment.yml: pip: the address of lib holds the value of ${FOLDER} (http://[server]/${FOLDER}/simple/lib-1.0-py3-none-any.whl), which so gets into the lock; if it is a secret, give it as user and password (https://USER:PASSWORD@…)
    ");
}

#[tokio::test]
async fn a_refused_login_is_an_error_without_it() {
    let Some(project) = Project::new().await else { return };
    let server = index();
    server.require(Auth::Basic("me".to_owned(), "another".to_owned()));
    let url = address(&server, &format!("me:{PASSWORD}@"), "/simple");
    let outcome = project.resolve(&[&format!("--index-url {url}"), "lib"]).await;
    insta::assert_snapshot!(told(&outcome, &server), @"
    environment.yml: an index, a file or a repository for the pip packages cannot be reached:
      error: No solution found when resolving dependencies
        cause: Because lib was not found in the package registry and you require lib, we can conclude that your requirements are unsatisfiable.

      hint: An index URL (http://[server]/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)
    Check the address, the network and the login (https://USER:PASSWORD@…, netrc, or uv's own variables)
    ");
}

#[tokio::test]
async fn an_index_that_fails_is_named() {
    let Some(project) = Project::new().await else { return };
    let server = index();
    server
        .fail(Fault::status("/forbidden/lib/", 403).always())
        .fail(Fault::status("/broken/lib/", 500).always());
    let mut all = Vec::new();
    for path in ["/forbidden", "/broken"] {
        let url = address(&server, &format!("me:{PASSWORD}@"), path);
        all.push(told(&project.resolve(&[&format!("--index-url {url}"), "lib"]).await, &server));
    }
    all.push(told(
        &project.resolve(&[&format!("--index-url {}", address(&server, "", "/simple")), "other"]).await,
        &server,
    ));
    insta::assert_snapshot!(all.join("\n"), @"
    environment.yml: an index, a file or a repository for the pip packages cannot be reached:
      error: No solution found when resolving dependencies
        cause: Because lib was not found in the package registry and you require lib, we can conclude that your requirements are unsatisfiable.

      hint: An index (http://[server]/forbidden) returned a 403 Forbidden error. Check that the index URL is correct and the credentials are valid.
    Check the address, the network and the login (https://USER:PASSWORD@…, netrc, or uv's own variables)
    environment.yml: an index, a file or a repository for the pip packages cannot be reached:
      error: Failed to fetch: http://[server]/broken/lib/
        cause: HTTP status server error (500 Internal Server Error) for url (http://[server]/broken/lib/)
    Check the address, the network and the login (https://USER:PASSWORD@…, netrc, or uv's own variables)
    environment.yml: the pip packages cannot be resolved for python 3.13 on linux-64:
      error: No solution found when resolving dependencies
        cause: Because other was not found in the package registry and you require other, we can conclude that your requirements are unsatisfiable.
    ");
}

#[tokio::test]
async fn a_direct_address_and_one_that_is_gone() {
    let Some(project) = Project::new().await else { return };
    let server = index();
    let file = |path: &str| format!("lib @ {}", address(&server, &format!("me:{PASSWORD}@"), path));
    let there = project.resolve(&["--no-index", &file("/x/lib-1.0-py3-none-any.whl")]).await;
    insta::assert_snapshot!(told(&there, &server), @"lib==1.0 http://[server]/x/lib-1.0-py3-none-any.whl");
    let gone = project.resolve(&["--no-index", &file("/x/lib-1.0.tar.gz")]).await;
    insta::assert_snapshot!(told(&gone, &server), @"
    environment.yml: an index, a file or a repository for the pip packages cannot be reached:
      error: Failed to download and build `lib @ http://*****@[server]/x/lib-1.0.tar.gz`
        cause: Failed to fetch: http://[server]/x/lib-1.0.tar.gz
        cause: HTTP status client error (404 Not Found) for url (http://[server]/x/lib-1.0.tar.gz)
    Check the address, the network and the login (https://USER:PASSWORD@…, netrc, or uv's own variables)
    ");
}

/// Newer versions of uv download the file to compute it; older ones leave it out, and then there is an error.
#[tokio::test]
async fn an_index_without_hashes_gives_none_unseen() {
    let Some(project) = Project::new().await else { return };
    let server = index();
    let outcome = project.resolve(&[&format!("--index-url {}", address(&server, "", "/bare")), "lib"]).await;
    let told = told(&outcome, &server);
    let computed = told == "lib==1.0 http://[server]/bare/lib-1.0-py3-none-any.whl";
    assert!(computed || told.contains("a newer uv computes it"), "{told}");
}
