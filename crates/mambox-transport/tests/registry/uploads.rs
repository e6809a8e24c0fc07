//! Layers go to the registry while others are still being made.

use std::collections::BTreeMap;
use std::future::pending;

use mambox_oci::{Digest, Image, Layer, Platform};
use mambox_progress::{Event, Outcome, Recorder, Reporter, Silent};
use mambox_testkit::Fault;
use mambox_transport::{Output, Reference, Transport, UploadQueue, Uploads};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::bench::{Bench, layer};

/// Says when a blob has been placed.
struct Placed(UnboundedSender<Outcome>);

impl Placed {
    fn new() -> (Self, UnboundedReceiver<Outcome>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }
}

impl Reporter for Placed {
    fn report(&self, event: Event) {
        if let Event::End { outcome, .. } = event {
            let _ = self.0.send(outcome);
        }
    }
}

fn transport(bench: &Bench) -> Transport {
    Transport { registry: bench.settings(), ..Transport::default() }
}

fn output(bench: &Bench, name: &str) -> Output {
    Output::Registry(bench.name(name))
}

fn begin(bench: &Bench, names: &[&str]) -> (UploadQueue, Uploads) {
    let outputs: Vec<Output> = names.iter().map(|name| output(bench, name)).collect();
    Uploads::new(&outputs, &Reference::Scratch, &transport(bench)).unwrap()
}

fn image(layers: &[Layer]) -> Image {
    Image::scratch(&Platform::linux("amd64")).with_layers(layers).unwrap()
}

/// How often each blob was asked for.
fn questions(bench: &Bench) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for recorded in bench.fake.requests() {
        if recorded.request.method == "HEAD" && recorded.request.path.contains("/blobs/") {
            *asked.entry(recorded.request.path).or_default() += 1;
        }
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_is_there_before_the_next_is_made_and_nothing_is_asked_twice() {
    let bench = Bench::new();
    bench.push(image(&[layer("old")]), "team/app:0").await.unwrap();
    bench.fake.clear_log();
    let (queue, mut uploads) = begin(&bench, &["team/app:1"]);
    let (on, mut placed) = Placed::new();
    let (first, old, last) = (layer("first"), layer("old"), layer("last"));
    let made = async {
        queue.push(&first);
        assert_eq!(placed.recv().await, Some(Outcome::Done));
        queue.push(&first);
        queue.push(&old);
        assert_eq!(placed.recv().await, Some(Outcome::Reused));
        assert_eq!(bench.fake.uploaded_blobs(), [first.descriptor().digest.to_string()]);
        assert!(bench.fake.requests().iter().all(|recorded| !recorded.request.path.contains("/manifests/")));
        queue.push(&last);
        drop(queue);
    };
    let (_, ran) = tokio::join!(made, uploads.run(&on));
    ran.unwrap();

    // What was not in the queue is sent in the end.
    let image = image(&[first, old, last, layer("records")]);
    let (contents, names, told) = (image.clone().into(), ["team/app:2".to_owned()], Recorder::default());
    let names = names.map(|name| format!("{}/{name}", bench.fake.host()));
    uploads.write(&contents, &output(&bench, "team/app:1"), &names, &transport(&bench), &told).await.unwrap();
    let notes = told.events().into_iter().filter_map(|event| match event {
        Event::Note { text } => Some(text.replace(&bench.fake.host(), "registry.test")),
        _ => None,
    });
    insta::assert_snapshot!(notes.collect::<String>(), @"pushed registry.test/team/app:1: 4 blobs uploaded (0.4 kB), 0 mounted, 1 there already");
    assert_eq!(bench.fake.manifest("team/app", "2").unwrap().1, image.manifest_bytes());
    let asked = questions(&bench);
    assert_eq!((asked.len(), asked.values().max()), (5, Some(&1)), "{asked:?}");
    let changes = bench.fake.change_log();
    let puts: Vec<&str> = changes.lines().skip(4).collect();
    assert_eq!(puts, ["put team/app 1", "put team/app 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_repository_gets_its_layers_once() {
    let bench = Bench::new();
    let names = ["app:1", "app:2", "copy:1"];
    let (queue, mut uploads) = begin(&bench, &names);
    let image = image(&[layer("a"), layer("b")]);
    image.layers().iter().for_each(|layer| queue.push(layer));
    drop(queue);
    uploads.run(&Silent).await.unwrap();
    assert_eq!(bench.fake.uploaded_blobs().len(), 4);
    for name in names {
        let (output, contents) = (output(&bench, name), image.clone().into());
        uploads.write(&contents, &output, &[], &transport(&bench), &Silent).await.unwrap();
    }
    assert!(questions(&bench).values().all(|times| *times == 1), "{:?}", questions(&bench));
    assert_eq!(bench.fake.tags("app").len() + bench.fake.tags("copy").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_of_the_same_registry_is_mounted() {
    let bench = Bench::with(mambox_testkit::RegistryAuth::token("me", "s3cret"));
    bench.log_in("me", "s3cret");
    bench.push(image(&[layer("base")]), "library/debian:13").await.unwrap();
    let base = bench.pull("library/debian:13").await.unwrap();
    bench.fake.clear_log();
    let from = Reference::Registry(bench.name("library/debian:13"));
    let (queue, mut uploads) =
        Uploads::new(&[output(&bench, "team/app:1")], &from, &transport(&bench)).unwrap();
    queue.push(&base.layers()[0]);
    drop(queue);
    uploads.run(&Silent).await.unwrap();
    assert_eq!(bench.fake.mounted_blobs(), [Digest::of(b"base").to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_refuses_ends_it_at_once() {
    let bench = Bench::new();
    bench.fake.fail(Fault::status("/blobs/uploads/", 403).method("POST").always());
    let (queue, mut uploads) = begin(&bench, &["team/app:1"]);
    queue.push(&layer("a"));
    // The queue stays open: whoever makes layers is not asked to end first.
    let error = tokio::select! {
        error = uploads.run(&Silent) => error.unwrap_err(),
        () = pending() => unreachable!(),
    };
    let text = error.to_string();
    assert!(text.contains("denies pushing to team/app (403 Forbidden)"), "{text}");
    queue.push(&layer("b"));
    assert_eq!(bench.fake.change_log(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_fail_for_the_image_waits_for_it() {
    let bench = Bench::new();
    let other = format!("app@{}", Digest::of(b"other"));
    let offline = Transport { offline: true, ..transport(&bench) };
    let file = Output::Hybrid { file: bench.folder.path().join("image.tar") };
    for (outputs, transport) in [
        (vec![output(&bench, &other)], transport(&bench)),
        (vec![output(&bench, "app:1")], offline),
        (vec![file], transport(&bench)),
    ] {
        let (queue, mut uploads) = Uploads::new(&outputs, &Reference::Scratch, &transport).unwrap();
        queue.push(&layer("a"));
        uploads.run(&Silent).await.unwrap();
        let written =
            uploads.write(&image(&[layer("a")]).into(), &outputs[0], &[], &transport, &Silent).await;
        assert_eq!(written.is_ok(), matches!(outputs[0], Output::Hybrid { .. }), "{written:?}");
    }
    assert_eq!(bench.fake.requests().len(), 0);
}
