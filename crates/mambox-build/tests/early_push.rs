//! A build that pushes sends each layer as soon as it is made.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use mambox_build::{
    BuildError, BuildReport, BuildRequest, EnvironmentRequest, ImageOptions, Input, LayerRequest,
    NamedEnvironment, build,
};
use mambox_oci::Platform;
use mambox_progress::{Event, Reporter, Stage, TaskId};
use mambox_testkit::{FakeRegistry, Fault, LocalChannel, PackageBuilder};
use mambox_transport::{Output, Reference};

/// Keeps the second layer from being begun until the push of the first has ended, and then does something.
struct Hold {
    seen: Mutex<Seen>,
    ended: Condvar,
    then: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Seen {
    layers: usize,
    pushes: BTreeSet<TaskId>,
    ended: usize,
    in_time: bool,
}

impl Hold {
    fn new(then: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), ended: Condvar::new(), then: Box::new(then) })
    }

    fn in_time(&self) -> bool {
        self.seen.lock().unwrap().in_time
    }
}

impl Reporter for Hold {
    fn report(&self, event: Event) {
        let mut seen = self.seen.lock().unwrap();
        match event {
            Event::Begin { task, stage: Stage::Push, .. } => {
                seen.pushes.insert(task);
            }
            Event::End { task, .. } if seen.pushes.contains(&task) => {
                seen.ended += 1;
                self.ended.notify_all();
            }
            Event::Begin { stage: Stage::Layer, .. } => {
                seen.layers += 1;
                if seen.layers == 2 {
                    let patience = Duration::from_secs(60);
                    let waited = self.ended.wait_timeout_while(seen, patience, |seen| seen.ended == 0);
                    waited.unwrap().0.in_time = true;
                    (self.then)();
                }
            }
            _ => {}
        }
    }
}

struct Place {
    folder: tempfile::TempDir,
    channel: LocalChannel,
    fake: FakeRegistry,
}

impl Place {
    fn new() -> Self {
        let large = PackageBuilder::new("large", "1.0").file("share/large", "large\n".repeat(999)).build();
        let small = PackageBuilder::new("small", "1.0").file("share/small", "small\n").build();
        let channel = LocalChannel::with([&large, &small]);
        Self { folder: tempfile::tempdir().unwrap(), channel, fake: FakeRegistry::start() }
    }

    async fn build(&self, on: Arc<Hold>) -> Result<BuildReport, BuildError> {
        let context = common::context(self.folder.path(), &self.channel, 1, on);
        let name = self.fake.reference("team/app", "1");
        let request = BuildRequest {
            scripts: Default::default(),
            environment: NamedEnvironment {
                name: "base".into(),
                request: EnvironmentRequest {
                    input: Input::Specs(vec!["large".into(), "small".into()]),
                    environment: None,
                    overrides: BTreeMap::new(),
                    pip: Default::default(),
                },
            },
            others: Vec::new(),
            platforms: vec![Platform::linux("amd64")],
            base: Reference::Scratch,
            image: ImageOptions::default(),
            layers: LayerRequest::default(),
            source_date_epoch: None,
            tags: vec![name.clone()],
            outputs: vec![Output::Registry(name.parse().unwrap())],
        };
        build(&request, &context).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_layer_is_in_the_registry_before_the_last_is_made() {
    let place = Place::new();
    let on = Hold::new(|| {});
    let report = place.build(on.clone()).await.unwrap();
    assert!(on.in_time());
    let log = place.fake.change_log();
    let kinds: Vec<&str> = log.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(kinds, ["upload", "upload", "upload", "upload", "upload", "put"], "{log}");
    assert_eq!(place.fake.tags("team/app"), [("1".to_owned(), report.digest.unwrap().to_string())]);
    let asked = place.fake.requests().into_iter().filter(|recorded| recorded.request.method == "HEAD");
    let paths: Vec<String> = asked.map(|recorded| recorded.request.path).collect();
    let unique: BTreeSet<&String> = paths.iter().collect();
    assert_eq!(unique.len(), paths.len(), "nothing is asked twice: {paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails_leaves_blobs_without_a_name() {
    let place = Place::new();
    let small = place.channel.path().join("noarch/small-1.0-0.conda");
    let subdir = place.channel.path().join("linux-64/small-1.0-0.conda");
    let small = if small.exists() { small } else { subdir };
    assert!(small.exists());
    let on = Hold::new(move || std::fs::write(&small, "damaged").unwrap());
    let error = place.build(on.clone()).await.unwrap_err();
    assert!(on.in_time() && matches!(error, BuildError::Tampered { .. }), "{error}");
    assert_eq!(place.fake.uploaded_blobs().len(), 1);
    assert_eq!(place.fake.tags("team/app"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_refuses_ends_the_build() {
    let place = Place::new();
    place.fake.fail(Fault::status("/blobs/uploads/", 403).method("POST").always());
    let on = Hold::new(|| {});
    let error = place.build(on.clone()).await.unwrap_err();
    let text = error.to_string().replace(&place.fake.host(), "registry.test");
    assert!(text.starts_with("registry.test denies pushing to team/app (403 Forbidden)"), "{text}");
    assert_eq!(place.fake.change_log(), "");
}
