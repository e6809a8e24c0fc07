//! Downloads: verified before they are seen, repeated where that helps, told well where not.

use std::time::Duration;

use mambox_env::{Lock, LockedPackage};
use mambox_progress::{Event, Outcome, Recorder, Silent};
use mambox_testkit::{BuiltPackage, Fault, FaultKind, HttpServer, LocalChannel};
use rattler_conda_types::Subdir;
use rattler_digest::{Md5, Sha256, parse_digest_from_hex};

use crate::lab::{Lab, files, package};

struct Server {
    lab: Lab,
    http: HttpServer,
    lock: Lock,
    _channel: LocalChannel,
}

/// A server with one package, and a lock of it.
async fn server() -> Server {
    let channel = LocalChannel::with(&[package("lib", "1.0", &[])]);
    let http = HttpServer::serve_dir(channel.path());
    let lab = Lab::with_server(&http);
    let lock = lab.lock(&["lib"]).await.unwrap();
    http.clear_log();
    Server { lab, http, lock, _channel: channel }
}

impl Server {
    async fn fetch(&self) -> Result<std::path::PathBuf, String> {
        match self.lab.resolver().fetch(&self.lock, &Silent).await {
            Ok(fetched) => Ok(fetched[0].path.clone()),
            Err(error) => Err(self.lab.stable(error)),
        }
    }

    /// What is in the package cache.
    fn cached(&self) -> Vec<String> {
        files(&self.lab.dir.path().join("cache/packages"))
    }

    fn downloads(&self) -> usize {
        self.http.requests().iter().filter(|request| request.request.path.ends_with(".conda")).count()
    }
}

/// The lock again, with a record that `change` has had its hands on.
fn with_record(lock: &Lock, change: impl FnOnce(&mut rattler_conda_types::PackageRecord)) -> Lock {
    let mut package: LockedPackage = lock.packages()[0].clone();
    change(&mut package.record);
    Lock::new(Subdir::Linux64, lock.channels(), vec![package]).unwrap()
}

#[tokio::test]
async fn an_archive_is_downloaded_once() {
    let server = server().await;
    let path = server.fetch().await.unwrap();
    assert_eq!(path, server.fetch().await.unwrap());
    assert_eq!(server.downloads(), 1);
    let hash = hex::encode(server.lock.packages()[0].record.sha256.unwrap());
    assert!(path.ends_with(format!("packages/sha256/{hash}/lib-1.0-0.conda")), "{}", path.display());
}

#[tokio::test]
async fn the_wrong_bytes_are_asked_for_again_and_then_told() {
    let server = server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Corrupt));
    server.fetch().await.unwrap();
    assert_eq!(server.downloads(), 2);

    let server = self::server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Corrupt).always());
    let message = server.fetch().await.unwrap_err();
    let hash = hex::encode(server.lock.packages()[0].record.sha256.unwrap());
    let actual = message.split(" has ").nth(2).unwrap().split('.').next().unwrap().to_owned();
    insta::assert_snapshot!(message.replace(&hash, "EXPECTED").replace(&actual, "ACTUAL"), @"lib-1.0-0.conda has the wrong sha256: expected EXPECTED, but http://127.0.0.1:PORT/noarch/lib-1.0-0.conda has ACTUAL. The file was replaced or damaged: if the channel changed, lock again; otherwise do not trust it");
    assert_eq!(server.cached(), Vec::<String>::new());
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_and_then_told() {
    let server = server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Cut(10)));
    server.fetch().await.unwrap();

    let server = self::server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Cut(10)).always());
    insta::assert_snapshot!(server.fetch().await.unwrap_err(), @"cannot download lib-1.0-0.conda: http://127.0.0.1:PORT/noarch/lib-1.0-0.conda: the answer broke off, tried 2 times (end of file before message length reached). Try again");
    assert_eq!(server.cached(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_of_another_size_is_not_read_to_its_end() {
    let mut server = server().await;
    server.lock = with_record(&server.lock, |record| record.size = Some(7));
    insta::assert_snapshot!(server.fetch().await.unwrap_err(), @"lib-1.0-0.conda has the wrong size: expected 7 bytes, but http://127.0.0.1:PORT/noarch/lib-1.0-0.conda has more. The file was replaced: lock again if the channel changed");
    server.lock = with_record(&server.lock, |record| record.size = Some(1 << 40));
    let message = server.fetch().await.unwrap_err();
    assert!(message.contains("expected 1099511627776 bytes") && message.contains("truncated"), "{message}");
    assert_eq!(server.cached(), Vec::<String>::new());
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_words() {
    for status in [401, 404, 500] {
        let server = server().await;
        server.http.fail(Fault::status(".conda", status).always());
        let message = server.fetch().await.unwrap_err();
        match status {
            401 => {
                insta::assert_snapshot!(message, @"cannot download lib-1.0-0.conda: http://127.0.0.1:PORT/noarch/lib-1.0-0.conda: access denied (401). Log in to 127.0.0.1: `rattler auth login 127.0.0.1` or `pixi auth login 127.0.0.1`, a `machine 127.0.0.1` line in ~/.netrc, or a channel URL with a token (https://127.0.0.1/t/TOKEN/channel)")
            }
            404 => {
                insta::assert_snapshot!(message, @"lib-1.0-0.conda is not in its channel any more (http://127.0.0.1:PORT/noarch/lib-1.0-0.conda was not found). Lock again, or name a mirror that has it")
            }
            _ => {
                insta::assert_snapshot!(message, @"cannot download lib-1.0-0.conda: http://127.0.0.1:PORT/noarch/lib-1.0-0.conda: the server cannot answer now (500), tried 2 times. Try again later or name a mirror (mirrored_channels in an rc file)")
            }
        }
        assert_eq!(server.downloads(), if status == 500 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn passing_trouble_is_waited_out() {
    let server = server().await;
    server.http.fail(Fault::too_many_requests(".conda", 0));
    server.fetch().await.unwrap();
    let server = self::server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Disconnect));
    server.fetch().await.unwrap();
}

#[tokio::test]
async fn offline_needs_the_archive_in_the_cache() {
    let mut server = server().await;
    server.lab.settings.network.offline = true;
    insta::assert_snapshot!(server.fetch().await.unwrap_err(), @"cannot download lib-1.0-0.conda: http://127.0.0.1:PORT/noarch/lib-1.0-0.conda: not in the cache, and --offline forbids to fetch it. Run once without --offline");
    server.lab.settings.network.offline = false;
    server.fetch().await.unwrap();
    server.lab.settings.network.offline = true;
    server.fetch().await.unwrap();
}

#[tokio::test]
async fn md5_counts_where_there_is_nothing_else() {
    let mut server = server().await;
    let sha256 = server.lock.packages()[0].record.sha256;
    server.lock = with_record(&server.lock, |record| record.sha256 = None);
    let fetched = server.lab.resolver().fetch(&server.lock, &Silent).await.unwrap();
    assert_eq!(fetched[0].locked.record.sha256, sha256, "the archive's own sha256 is known now");
    server.fetch().await.unwrap();
    assert_eq!(server.downloads(), 1, "the second time it was found by its md5");

    server.lock =
        with_record(&server.lock, |record| record.md5 = parse_digest_from_hex::<Md5>(&"0".repeat(32)));
    let message = server.fetch().await.unwrap_err();
    assert!(message.contains("has the wrong md5: expected 00000000000000000000000000000000"), "{message}");
}

#[tokio::test]
async fn processes_may_fetch_the_same_at_once() {
    let server = server().await;
    let (first, second) = (server.lab.resolver(), server.lab.resolver());
    let (first, second) =
        tokio::join!(first.fetch(&server.lock, &Silent), second.fetch(&server.lock, &Silent));
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(server.cached().iter().filter(|file| file.ends_with(".conda")).count(), 1);
    assert!(!server.cached().iter().any(|file| file.ends_with(".part")));
}

#[tokio::test]
async fn leaving_a_download_leaves_nothing_behind() {
    let server = server().await;
    server.http.fail(Fault::new(".conda", FaultKind::Delay(Duration::from_secs(30))));
    let waited = tokio::time::timeout(Duration::from_millis(100), server.fetch()).await;
    assert!(waited.is_err());
    assert_eq!(server.cached(), Vec::<String>::new());
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_named() {
    let server = server().await;
    std::fs::write(server.lab.dir.path().join("cache/packages"), "a file in the way").unwrap();
    insta::assert_snapshot!(server.fetch().await.unwrap_err(), @"cannot store lib-1.0-0.conda: the cache cannot make DIR/cache/packages/incoming: Not a directory (os error 20). Choose a writable cache folder (--cache-dir)");
}

#[tokio::test]
async fn a_cached_file_of_the_wrong_size_is_replaced() {
    let server = server().await;
    let path = server.fetch().await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..10]).unwrap();
    server.fetch().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[tokio::test]
async fn progress_tells_downloads_from_finds() {
    let server = server().await;
    let outcomes = |recorder: &Recorder| -> Vec<Outcome> {
        let outcome = |event| if let Event::End { outcome, .. } = event { Some(outcome) } else { None };
        recorder.events().into_iter().filter_map(outcome).collect()
    };
    for expected in [Outcome::Done, Outcome::Reused] {
        let recorder = Recorder::default();
        server.lab.resolver().fetch(&server.lock, &recorder).await.unwrap();
        assert_eq!(outcomes(&recorder), [expected]);
    }
}

#[tokio::test]
async fn the_order_is_the_locks() {
    let packages: Vec<BuiltPackage> =
        ["a", "b", "c", "d", "e"].iter().map(|name| package(name, "1.0", &[])).collect();
    let channel = LocalChannel::with(&packages);
    let http = HttpServer::serve_dir(channel.path());
    http.fail(Fault::new("/a-1.0", FaultKind::Delay(Duration::from_millis(50))));
    let lab = Lab::with_server(&http);
    let lock = lab.lock(&["a", "b", "c", "d", "e"]).await.unwrap();
    let fetched = lab.resolver().fetch(&lock, &Silent).await.unwrap();
    let names: Vec<&str> = fetched.iter().map(|package| package.locked.name()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
}

#[test]
fn hashes_of_the_kit_are_true() {
    let built = package("lib", "1.0", &[]);
    assert_eq!(built.record.sha256, Some(rattler_digest::compute_bytes_digest::<Sha256>(&built.bytes)));
}
