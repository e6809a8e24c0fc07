//! Repodata over HTTP and on disk: its forms, and everything that can be wrong with it.

use std::time::Duration;

use mambox_testkit::{Fault, FaultKind, HttpServer, LocalChannel};

use crate::lab::{Lab, files, package, small_channel};

#[tokio::test]
async fn zst_is_preferred_and_the_cache_is_asked_first() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    let lab = Lab::with_server(&server);
    assert_eq!(lab.locked(&["app"]).await, "lib 2.0, app 1.0");
    insta::assert_snapshot!(server.log(true), @r"
    GET /linux-64/repodata.json.zst 200
    GET /linux-64/repodata_shards.msgpack.zst 404
    GET /noarch/repodata.json.zst 200
    GET /noarch/repodata_shards.msgpack.zst 404
    HEAD /linux-64/repodata.json.zst 200
    HEAD /noarch/repodata.json.zst 200
    ");
    server.clear_log();
    assert_eq!(lab.locked(&["app"]).await, "lib 2.0, app 1.0");
    assert!(!server.log(true).contains("GET /noarch/repodata.json.zst 200"), "{}", server.log(true));
}

#[tokio::test]
async fn plain_json_serves_where_there_is_no_zst() {
    let channel = small_channel();
    for subdir in ["noarch", "linux-64"] {
        std::fs::remove_file(channel.path().join(subdir).join("repodata.json.zst")).unwrap();
    }
    let server = HttpServer::serve_dir(channel.path());
    assert_eq!(Lab::with_server(&server).locked(&["app"]).await, "lib 2.0, app 1.0");
}

#[tokio::test]
async fn sharded_repodata_is_preferred_to_all() {
    let channel = small_channel();
    channel.write_shards();
    let server = HttpServer::serve_dir(channel.path());
    assert_eq!(Lab::with_server(&server).locked(&["app"]).await, "lib 2.0, app 1.0");
    assert!(!server.log(true).contains("/repodata.json"), "{}", server.log(true));
}

#[tokio::test]
async fn a_channel_without_the_platform_serves_noarch() {
    let channel = small_channel();
    std::fs::remove_dir_all(channel.path().join("linux-64")).unwrap();
    assert_eq!(Lab::with_channel(&channel).locked(&["app"]).await, "lib 2.0, app 1.0");
    let server = HttpServer::serve_dir(channel.path());
    assert_eq!(Lab::with_server(&server).locked(&["app"]).await, "lib 2.0, app 1.0");
}

#[tokio::test]
async fn what_has_no_noarch_is_no_channel() {
    let channel = small_channel();
    std::fs::remove_dir_all(channel.path().join("noarch")).unwrap();
    insta::assert_snapshot!(Lab::with_channel(&channel).locked(&["app"]).await, @r#"CHANNEL is no conda channel: there is no file://CHANNEL/noarch/repodata.json. Check its name or URL; every channel has a noarch/repodata.json, if only an empty one ({"packages":{}})"#);
    let server = HttpServer::serve_dir(channel.path());
    insta::assert_snapshot!(Lab::with_server(&server).locked(&["app"]).await, @r#"http://127.0.0.1:PORT is no conda channel: there is no http://127.0.0.1:PORT/noarch/repodata.json. Check its name or URL; every channel has a noarch/repodata.json, if only an empty one ({"packages":{}})"#);
}

#[tokio::test]
async fn a_web_page_in_place_of_repodata_is_recognised() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::html("/noarch/repodata.json").always());
    let mut lab = Lab::with_server(&server);
    lab.settings.channels.use_zst = false;
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"http://127.0.0.1:PORT/noarch/repodata.json is no valid repodata: it is no JSON. A web page in its place often comes from a login or a proxy; open the URL in a browser");
}

#[tokio::test]
async fn bad_repodata_does_not_stay_in_the_cache() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::html("/noarch/repodata.json").method("GET"));
    let mut lab = Lab::with_server(&server);
    lab.settings.channels.use_zst = false;
    assert!(lab.lock(&["app"]).await.is_err());
    assert_eq!(lab.locked(&["app"]).await, "lib 2.0, app 1.0");
}

#[tokio::test]
async fn a_page_for_every_path_is_recognised() {
    let server = HttpServer::start(|_| mambox_testkit::Response::html());
    insta::assert_snapshot!(Lab::with_server(&server).locked(&["app"]).await, @"http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst is no valid repodata: it is no zstd data. A web page in its place often comes from a login or a proxy; open the URL in a browser");
}

#[tokio::test]
async fn local_repodata_that_is_cut_or_no_json_is_told_apart() {
    let channel = small_channel();
    let path = channel.path().join("noarch/repodata.json");
    let whole = std::fs::read(&path).unwrap();
    let lab = Lab::with_channel(&channel);
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"file://CHANNEL/noarch/repodata.json is no valid repodata: it ends too early (EOF while parsing a string at line 29 column 8). Fetch or copy it again");
    std::fs::write(&path, "<html>").unwrap();
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"file://CHANNEL/noarch/repodata.json is no valid repodata: it is no JSON. A web page in its place often comes from a login or a proxy; open the URL in a browser");
    std::fs::write(&path, "").unwrap();
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"file://CHANNEL/noarch/repodata.json is no valid repodata: it ends too early (EOF while parsing a value at line 1 column 0). Fetch or copy it again");
    std::fs::write(&path, r#"{"packages": {"lib-1.0-0.tar.bz2": {"name": 3}}}"#).unwrap();
    insta::assert_snapshot!(lab.locked(&["lib"]).await, @"file://CHANNEL/noarch/repodata.json is no valid repodata: invalid type: integer `3`, expected a string at line 1 column 10. Tell who runs the channel, or index the folder again");
}

#[tokio::test]
async fn passing_trouble_is_waited_out() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::status("/noarch/repodata.json.zst", 503).method("GET"));
    server.fail(Fault::too_many_requests("/linux-64/repodata.json.zst", 0).method("GET"));
    server.fail(Fault::new("/noarch/repodata_shards", FaultKind::Disconnect));
    assert_eq!(Lab::with_server(&server).locked(&["app"]).await, "lib 2.0, app 1.0");
}

#[tokio::test]
async fn lasting_trouble_is_told_after_the_tries() {
    for (status, _what) in [(429, ""), (503, ""), (403, ""), (418, "")] {
        let server = HttpServer::start(move |_| mambox_testkit::Response::status(status));
        let message = Lab::with_server(&server).locked(&["app"]).await;
        let tries =
            server.requests().iter().filter(|request| request.request.path.contains("noarch")).count();
        match status {
            429 => {
                insta::assert_snapshot!(message, @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst: the server cannot answer now (429), tried 2 times. Try again later or name a mirror (mirrored_channels in an rc file)")
            }
            503 => {
                insta::assert_snapshot!(message, @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst: the server cannot answer now (503), tried 2 times. Try again later or name a mirror (mirrored_channels in an rc file)")
            }
            403 => {
                insta::assert_snapshot!(message, @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst: access denied (403). Log in to 127.0.0.1: `rattler auth login 127.0.0.1` or `pixi auth login 127.0.0.1`, a `machine 127.0.0.1` line in ~/.netrc, or a channel URL with a token (https://127.0.0.1/t/TOKEN/channel)")
            }
            _ => {
                insta::assert_snapshot!(message, @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata_shards.msgpack.zst: the server answered 418")
            }
        }
        assert!(tries <= 2, "{status} was asked for {tries} times");
    }
}

#[tokio::test]
async fn a_server_that_wants_too_long_a_pause_is_not_waited_for() {
    let server = HttpServer::start(|_| mambox_testkit::Response::status(429).header("retry-after", "86400"));
    assert!(Lab::with_server(&server).locked(&["app"]).await.contains("429"));
}

#[tokio::test]
async fn unreachable_hosts_are_named() {
    let address = HttpServer::start(|_| mambox_testkit::Response::status(200)).address();
    let lab = Lab::new(&[&format!("http://{address}/chan")]);
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"cannot read the channel's repodata: http://127.0.0.1:PORT/chan/linux-64/repodata_shards.msgpack.zst: no connection to 127.0.0.1, tried 2 times: Connection refused (os error 111). Check the network and the proxy settings");
    let mut lab = Lab::new(&["http://no-such-host.invalid/chan"]);
    lab.settings.network.retries = 0;
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"cannot read the channel's repodata: http://no-such-host.invalid/chan/linux-64/repodata_shards.msgpack.zst: the host no-such-host.invalid is not known (DNS). Check the spelling and the network connection, or use --offline");
}

#[tokio::test]
async fn a_server_without_tls_is_no_https_server() {
    let server = HttpServer::start(|_| mambox_testkit::Response::status(200));
    let lab = Lab::new(&[&format!("https://{}/chan", server.address())]);
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"cannot read the channel's repodata: https://127.0.0.1:PORT/chan/linux-64/repodata_shards.msgpack.zst: no secure connection to 127.0.0.1: the server does not speak TLS (is http:// meant?). If a certificate authority of your own signs for it, name its PEM file with --cacert-path or ssl_verify in an rc file");
}

#[tokio::test]
async fn offline_uses_the_cache_and_says_when_it_cannot() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    let mut lab = Lab::with_server(&server);
    lab.settings.network.offline = true;
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"cannot read the channel's repodata: http://127.0.0.1:PORT/linux-64/repodata.json: not in the cache, and --offline forbids to fetch it. Run once without --offline");
    assert_eq!(server.requests().len(), 0);

    lab.settings.network.offline = false;
    lab.lock(&["app"]).await.unwrap();
    server.clear_log();
    lab.settings.network.offline = true;
    assert_eq!(lab.locked(&["app"]).await, "lib 2.0, app 1.0");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_mirror_serves_in_place_of_the_channel() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    let mut lab = Lab::new(&["conda-forge"]);
    lab.settings.channels.mirrors.insert("conda-forge".to_owned(), vec![server.url().to_string()]);
    let lock = lab.lock(&["lib"]).await.unwrap();
    // The lock names the channel, not the mirror.
    assert_eq!(lock.channels(), ["https://conda.anaconda.org/conda-forge"]);
    let fetched = lab.resolver().fetch(&lock, &mambox_progress::Silent).await.unwrap();
    assert!(fetched[0].path.is_file());
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_named() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    let lab = Lab::with_server(&server);
    std::fs::write(lab.dir.path().join("cache"), "a file in the way").unwrap();
    insta::assert_snapshot!(lab.locked(&["app"]).await, @"the repodata cache DIR/cache/repodata cannot be used: failed to create directory `DIR/cache/repodata`: Not a directory (os error 20). Make it writable, free some space, or choose another cache folder");
}

#[tokio::test]
async fn a_slow_server_can_be_left() {
    let channel = LocalChannel::with(&[package("lib", "1.0", &[])]);
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::new("repodata", FaultKind::Delay(Duration::from_secs(30))).always());
    let lab = Lab::with_server(&server);
    let waited = tokio::time::timeout(Duration::from_millis(200), lab.lock(&["lib"])).await;
    assert!(waited.is_err());
    assert!(!files(lab.dir.path()).iter().any(|file| file.ends_with(".json")));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_tried_again_and_then_told() {
    let channel = small_channel();
    let server = HttpServer::serve_dir(channel.path());
    server.fail(Fault::new("/noarch/repodata.json", FaultKind::Cut(20)).method("GET").always());
    insta::assert_snapshot!(Lab::with_server(&server).locked(&["app"]).await, @"http://127.0.0.1:PORT/noarch/repodata.json.zst is no valid repodata: the answer broke off or is damaged (end of file before message length reached). Try again; if it stays so, tell who runs the channel");
}

#[tokio::test]
async fn all_forms_of_repodata_make_the_same_lock() {
    let channel = small_channel();
    channel.write_shards();
    let server = HttpServer::serve_dir(channel.path());
    let mut locks = Vec::new();
    for (use_sharded, use_zst) in [(true, true), (false, true), (false, false)] {
        let mut lab = Lab::with_server(&server);
        lab.settings.channels.use_sharded = use_sharded;
        lab.settings.channels.use_zst = use_zst;
        locks.push(lab.lock(&["app"]).await.unwrap());
    }
    assert_eq!(locks[0], locks[1]);
    assert_eq!(locks[1], locks[2]);
}
