//! Large uploads that break off go on where the registry says.

use std::io::{self, Read};

use mambox_oci::{Blob, Compression, Descriptor, DiffId, Digest, History, Image, Layer, MediaType, Platform};
use mambox_testkit::{Fault, FaultKind, Response};

use crate::bench::Bench;

const SIZE: usize = 17 << 20;
const SESSION: &str = "/blobs/uploads/upload-";

fn bytes() -> Vec<u8> {
    b"0123456789abcdefg".repeat(1 << 20)
}

fn image_of(layer: Layer) -> Image {
    Image::scratch(&Platform::linux("amd64")).with_layers(&[layer]).unwrap()
}

fn large() -> Image {
    image_of(Layer::from_tar(&bytes(), Compression::None, History::default()).unwrap())
}

/// The requests for the layer's sessions, with the bytes that came: `PUT upload-1 17825792 -> 201`.
fn sessions(bench: &Bench) -> String {
    let mut lines = Vec::new();
    for recorded in bench.fake.requests() {
        let request = &recorded.request;
        let Some((_, session)) = request.path.split_once("/blobs/uploads/") else { continue };
        let config = request.method == "PUT" && (1..10_000).contains(&request.body.len());
        if config || session.is_empty() {
            continue;
        }
        let range = request.header("content-range").map(|range| format!(" ({range})")).unwrap_or_default();
        let length = request.body.len();
        lines.push(format!("{} {session} {length}{range} -> {}\n", request.method, recorded.status));
    }
    lines.concat()
}

async fn pushed_over(faults: Vec<Fault>) -> String {
    let bench = Bench::new();
    for fault in faults {
        bench.fake.fail(fault);
    }
    let image = large();
    let summary = bench.push(image.clone(), "app:1").await.unwrap();
    assert_eq!(summary.uploaded.blobs, 2);
    assert!(bench.fake.blob("app", &image.layers()[0].descriptor().digest.to_string()).unwrap() == bytes());
    sessions(&bench)
}

fn break_off(bytes: usize) -> Fault {
    Fault::new(SESSION, FaultKind::BreakOff(bytes)).method("PUT")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_rest_is_sent() {
    insta::assert_snapshot!(pushed_over(vec![break_off(5_000_000)]).await, @"
    PUT upload-1 5000000 -> 0
    GET upload-1 0 -> 204
    PUT upload-1 12825792 (5000000-17825791) -> 201
    ");
    // Twice in a row; the second try gets 3 MB further.
    insta::assert_snapshot!(pushed_over(vec![break_off(5_000_000), break_off(3_000_000)]).await, @"
    PUT upload-1 5000000 -> 0
    GET upload-1 0 -> 204
    PUT upload-1 3000000 (5000000-17825791) -> 0
    GET upload-1 0 -> 204
    PUT upload-1 9825792 (8000000-17825791) -> 201
    ");
    // Everything arrived but for the answer.
    insta::assert_snapshot!(pushed_over(vec![break_off(SIZE)]).await, @"
    PUT upload-1 17825792 -> 0
    GET upload-1 0 -> 204
    PUT upload-1 0 -> 201
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_cannot_go_on_gets_the_whole_again() {
    let broken = || break_off(5_000_000);
    let status = |answer: Response| Fault::new(SESSION, FaultKind::Answer(answer)).method("GET");
    let told = |range: &str| {
        Response::status(204).header("location", "/v2/app/blobs/uploads/upload-1").header("range", range)
    };
    for answer in [
        Response::status(405),
        // Not a word of the location.
        Response::status(204).header("range", "0-4999999"),
        // It has nothing, or claims to have more than there is.
        told("0-0"),
        told("0-99999999"),
        told("4-4999999"),
    ] {
        let said = format!("{answer:?}");
        let log = pushed_over(vec![broken(), status(answer)]).await;
        let last = log.lines().last().unwrap();
        assert!(last.ends_with(&format!(" {SIZE} -> 201")), "{said}: {log}");
    }
    // It says how much it has, and then does not want the rest, or has less.
    for code in [400, 404] {
        let refused = Fault::status("/blobs/uploads/upload-1", code).method("PUT");
        let log = pushed_over(vec![broken(), refused]).await;
        assert!(log.lines().last().unwrap().ends_with(&format!(" {SIZE} -> 201")), "{code}: {log}");
    }
    let log = pushed_over(vec![broken(), status(told("0-5999999"))]).await;
    insta::assert_snapshot!(log, @"
    PUT upload-1 5000000 -> 0
    GET upload-1 0 -> 204
    PUT upload-1 11825792 (6000000-17825791) -> 416
    PUT upload-2 17825792 -> 201
    ");
}

/// Good at first, as a file that is changed by somebody between two tries.
#[derive(Debug)]
struct Damaged;

impl Blob for Damaged {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let mut content = bytes();
        content[SIZE - 1] ^= 1;
        Ok(Box::new(io::Cursor::new(content)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_layer_does_not_become_whole_by_going_on() {
    let bench = Bench::new();
    bench.fake.fail(break_off(5_000_000));
    let digest = Digest::of(&bytes());
    let descriptor = Descriptor::new(MediaType::OciLayer, digest, SIZE as u64);
    let layer = Layer::new(descriptor, DiffId(digest), History::default(), Damaged);
    let error = bench.push(image_of(layer), "app:1").await.unwrap_err();
    insta::assert_snapshot!(bench.shown(&error), @"layer sha256:716f06 cannot be read for the upload: blob sha256:716f06 has the digest sha256:b21d19 instead");
    assert_eq!(bench.fake.change_log(), "");
    assert!(bench.fake.requests().iter().all(|recorded| recorded.status != 201));
}
