//! Logins of all kinds, and that none of them shows up anywhere.

use mambox_progress::{Recorder, Silent};
use mambox_resolve::Resolver;
use mambox_testkit::{Auth, HttpServer};

use crate::lab::{Lab, debian, env, files, small_channel};

const SECRET: &str = "s3cr3t-token";

/// Locks and fetches over `server`; the lock's text.
async fn build(lab: &Lab) -> Result<String, String> {
    let resolver = lab.resolver();
    let lock = resolver.lock(&env(&["app"]), &debian(), &Silent).await.map_err(|error| lab.stable(error))?;
    // Another process fetches: it knows the settings, not what the solve saw.
    let fetched = lab.resolver().fetch(&lock, &Silent).await.map_err(|error| lab.stable(error))?;
    assert_eq!(fetched.len(), 2);
    Ok(format!("{:?}\n{}", lock.channels(), lock.to_explicit()))
}

fn no_secret_in(text: &str) {
    assert!(!text.contains(SECRET), "a secret shows: {text}");
}

/// Neither the names nor the content of any file below holds the secret.
fn no_secret_below(lab: &Lab) {
    for file in files(&lab.dir.path().join("cache")) {
        no_secret_in(&file);
        let content = std::fs::read(lab.dir.path().join("cache").join(&file)).unwrap();
        no_secret_in(&String::from_utf8_lossy(&content));
    }
}

#[tokio::test]
async fn a_password_in_the_url_serves_and_is_kept_out_of_everything() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.require(Auth::Basic("me".to_owned(), SECRET.to_owned()));
    let lab = Lab::new(&[&format!("http://me:{SECRET}@{}/", server.address())]);
    no_secret_in(&build(&lab).await.unwrap());
    no_secret_below(&lab);
}

#[tokio::test]
async fn a_token_in_the_url_serves_and_is_kept_out_of_everything() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path().parent().unwrap());
    server.require(Auth::PathToken(SECRET.to_owned()));
    let name = channel.path().file_name().unwrap().to_str().unwrap();
    let lab = Lab::new(&[&format!("http://{}/t/{SECRET}/{name}", server.address())]);
    no_secret_in(&build(&lab).await.unwrap());
    no_secret_below(&lab);
    assert!(
        server.requests().iter().all(|request| request.request.path.starts_with(&format!("/t/{SECRET}/")))
    );
}

#[tokio::test]
async fn a_token_in_the_environment_file_serves_too() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.require(Auth::PathToken(SECRET.to_owned()));
    let lab = Lab::new(&[]);
    let mut env = env(&["app"]);
    env.channels = vec![format!("http://{}/t/{SECRET}/", server.address())];
    let resolver = lab.resolver();
    let lock = resolver.lock(&env, &debian(), &Silent).await.unwrap();
    resolver.fetch(&lock, &Silent).await.unwrap();
    no_secret_in(&format!("{lock:?}"));
    no_secret_below(&lab);
}

#[tokio::test]
async fn netrc_serves() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.require(Auth::Basic("me".to_owned(), SECRET.to_owned()));
    let mut lab = Lab::with_server(&server);
    let netrc = lab.dir.path().join("netrc");
    std::fs::write(&netrc, format!("machine 127.0.0.1\nlogin me\npassword {SECRET}\n")).unwrap();
    lab.settings.network.netrc = Some(netrc);
    no_secret_in(&build(&lab).await.unwrap());
    no_secret_below(&lab);
}

#[tokio::test]
async fn rattlers_file_serves_bearer_tokens_and_conda_tokens() {
    for (auth, stored) in [
        (Auth::Bearer(SECRET.to_owned()), format!(r#"{{"BearerToken": "{SECRET}"}}"#)),
        (Auth::PathToken(SECRET.to_owned()), format!(r#"{{"CondaToken": "{SECRET}"}}"#)),
    ] {
        let channel = small_channel();
        let server = HttpServer::serve_dir(channel.path());
        server.require(auth);
        let mut lab = Lab::with_server(&server);
        let file = lab.dir.path().join("credentials.json");
        std::fs::write(&file, format!(r#"{{"127.0.0.1": {stored}}}"#)).unwrap();
        lab.settings.network.auth_file = Some(file);
        no_secret_in(&build(&lab).await.unwrap());
        no_secret_below(&lab);
    }
}

#[tokio::test]
async fn without_a_login_the_message_says_how_to_log_in() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.require(Auth::Basic("me".to_owned(), "right".to_owned()));
    insta::assert_snapshot!(build(&Lab::with_server(&server)).await.unwrap_err(), @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst: access denied (401). Log in to 127.0.0.1: `rattler auth login 127.0.0.1` or `pixi auth login 127.0.0.1`, a `machine 127.0.0.1` line in ~/.netrc, or a channel URL with a token (https://127.0.0.1/t/TOKEN/channel)");
    let lab = Lab::new(&[&format!("http://me:{SECRET}@{}/t/{SECRET}/x", server.address())]);
    let message = build(&lab).await.unwrap_err();
    no_secret_in(&message);
    assert!(message.contains("access denied (401)"), "{message}");
}

#[tokio::test]
async fn credentials_are_for_their_own_channel_only() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path().parent().unwrap());
    let name = channel.path().file_name().unwrap().to_str().unwrap();
    let address = server.address();
    let other = format!("http://{address}/{name}");
    let lab = Lab::new(&[&other, &format!("http://me:{SECRET}@{address}/{name}-private")]);
    let _ = lab.lock(&["app"]).await;
    let requests = server.requests();
    let to_other: Vec<_> =
        requests.iter().filter(|request| request.request.path.starts_with(&format!("/{name}/"))).collect();
    assert!(!to_other.is_empty());
    assert!(to_other.iter().all(|request| request.request.header("authorization").is_none()));
}

#[test]
fn login_files_that_cannot_be_read_are_warned_of_without_their_content() {
    let mut lab = Lab::new(&[]);
    let file = lab.dir.path().join("credentials.json");
    std::fs::write(&file, format!("{{\"host\": \"{SECRET}\"}}")).unwrap();
    lab.settings.network.auth_file = Some(file);
    let recorder = Recorder::default();
    Resolver::new(lab.settings.clone(), &recorder).unwrap();
    let events = format!("{:?}", recorder.events());
    assert!(events.contains("credentials.json cannot be read"), "{events}");
    no_secret_in(&events);
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let refused = |change: fn(&mut Lab)| {
        let mut lab = Lab::new(&[]);
        change(&mut lab);
        match Resolver::new(lab.settings.clone(), &Silent) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => lab.stable(error),
        }
    };
    insta::assert_snapshot!(refused(|lab| lab.settings.network.ca_file = Some(lab.dir.path().join("missing.pem"))), @"the certificate file DIR/missing.pem cannot be used: No such file or directory (os error 2). It must hold PEM certificates (BEGIN CERTIFICATE)");
    insta::assert_snapshot!(refused(|lab| {
        std::fs::write(lab.dir.path().join("ca.pem"), "no certificate").unwrap();
        lab.settings.network.ca_file = Some(lab.dir.path().join("ca.pem"));
    }), @"the certificate file DIR/ca.pem cannot be used: there is no certificate in it. It must hold PEM certificates (BEGIN CERTIFICATE)");
    insta::assert_snapshot!(refused(|lab| lab.settings.network.proxies.all = Some("http://me:pw@[bad".to_owned())), @"the proxy 'http://*****@[bad' cannot be used: invalid IPv6 address. Write http://host:port");
    insta::assert_snapshot!(refused(|lab| lab.settings.base_dir = "relative".into()), @"the base folder for channel paths is not absolute: relative");
}

#[tokio::test]
async fn a_proxy_gets_the_requests() {
    let channel = small_channel();
    // A proxy for plain http is asked with whole URLs; the kit's server serves their paths.
    let proxy = HttpServer::serve_dir(channel.path());
    let mut lab = Lab::new(&["http://channel.invalid/"]);
    lab.settings.network.proxies.http = Some(proxy.url().to_string());
    let lock = lab.lock(&["lib"]).await.unwrap();
    assert_eq!(lock.channels(), ["http://channel.invalid"]);
}
