//! Ctrl-C, SIGTERM, and readers that go away.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use common::{build, channel, mambox, names_below, ok, write_environment};
use mambox_testkit::{HttpServer, Response, TarEntry, tar_bytes};

/// Starts a build against a server that never answers, and sends the signal once the server was asked.
fn interrupted_by(signal: &str) -> (Option<i32>, String) {
    let env = mambox();
    let (asked, was_asked) = mpsc::channel();
    let server = HttpServer::start(move |_| {
        let _ = asked.send(());
        std::thread::sleep(Duration::from_secs(20));
        Response::status(500)
    });
    let url = server.url().to_string();
    let before = names_below(&env.work());
    let words = [
        "build",
        "-p",
        "greet",
        "-c",
        &url,
        "--base",
        "scratch",
        "--platform",
        "linux/amd64",
        "-q",
        "-o",
        "x.tar",
    ];
    let mut child = env.command(words).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    was_asked.recv_timeout(Duration::from_secs(60)).expect("the server is asked");
    let kill =
        Command::new("/bin/sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
    assert!(kill.success());
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(names_below(&env.work()), before);
    // The server's threads sleep on; the process ends without them.
    std::mem::forget(server);
    (status.code(), said)
}

#[test]
fn ctrl_c_and_sigterm_stop_at_once_and_leave_nothing() {
    assert_eq!(interrupted_by("INT"), (Some(130), "interrupted\n".into()));
    assert_eq!(interrupted_by("TERM"), (Some(130), "interrupted\n".into()));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (env, channel) = (mambox(), channel());
    write_environment(&env, &channel);
    ok(&env, &build(&["-o", "x.tar"]));
    let mut child = env
        .command(["inspect", "x.tar", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

/// Stopped while blocks are packed on all cores, a conversion takes its half of a file with it.
#[test]
fn an_interrupted_sif_file_leaves_nothing() {
    let env = mambox();
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let noise: Vec<u8> =
        std::iter::successors(Some(1), next).map(|state| (state >> 24) as u8 % 64).take(32 << 20).collect();
    env.write("big.tar", tar_bytes(&[TarEntry::file("noise", noise)]));
    let before = names_below(&env.work());
    let words = ["convert", "big.tar", "out/big.sif", "-q", "--sif-compression", "zstd:19"];
    let mut child = env.command(words).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let begun = || std::fs::read_dir(env.work().join("out")).is_ok_and(|mut files| files.next().is_some());
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("/bin/sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().unwrap();
    assert!(kill.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    std::fs::remove_dir(env.work().join("out")).expect("an empty folder");
    assert_eq!(names_below(&env.work()), before);
}
