//! A real registry: push, pull, push again, build on what is there.

use mambox_conformance::{Apptainer, unique};
use mambox_testkit::Run;
use serde_json::Value;

use crate::engines::{engines, must, registry, skip};
use crate::fixture::Fixture;

#[test]
fn a_pushed_image_is_pulled_and_run_by_engines() {
    let Some(registry) = registry("registry") else { return };
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    let name = format!("{registry}/{}:1", unique("push"));
    fixture.build("2.0", &base.reference, &["-t", &name, "--push"]);
    for engine in engines() {
        let image = must(engine.pull_insecure(&name));
        assert_eq!(must(image.run(&[], &["show-prefix"])), "/opt/conda/share/tool\n", "{}", engine.program());
    }
}

#[test]
fn a_second_push_transfers_what_changed() {
    let Some(registry) = registry("registry") else { return };
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    let name = format!("{registry}/{}", unique("again"));
    let push = |data: &str, tag: &str| {
        let options = ["-t", &format!("{name}:{tag}"), "--push", "--progress", "json"];
        sent(&fixture.build(data, &base.reference, &options))
    };
    let first = push("1.0", "1");
    assert!(first.len() > 3, "the base, the packages, the rest: {first:?}");
    assert_eq!(push("1.0", "2"), Vec::<String>::new(), "nothing changed");
    let changed = push("2.0", "3");
    // The layer of tool-data, the layer with the environment's records, the configuration.
    assert_eq!(changed.len(), 3, "{changed:?}");
}

#[test]
fn a_pushed_image_can_be_a_base() {
    let Some(registry) = registry("registry") else { return };
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    let name = format!("{registry}/{}:1", unique("as-base"));
    fixture.build("1.0", &base.reference, &["-t", &name, "--push"]);
    let on_top = format!("{registry}/{}:1", unique("on-top"));
    fixture.build("2.0", &format!("docker://{name}"), &["-t", &on_top, "--push", "--prefix", "/srv/env"]);
    for engine in engines() {
        let image = must(engine.pull_insecure(&on_top));
        assert_eq!(must(image.run(&[], &["show-prefix"])), "/srv/env/share/tool\n", "{}", engine.program());
    }
}

#[test]
fn apptainer_pulls_what_was_pushed() {
    let Some(registry) = registry("registry") else { return };
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    let apptainer = Apptainer::new(fixture.env.work());
    let (name, sif) =
        (format!("{registry}/{}:1", unique("image")), format!("{registry}/{}:1", unique("sif")));
    let push = format!("--push=oras://{sif}");
    fixture.build("2.0", &base.reference, &["-o", "first.sif", "-o", &format!("docker://{name}"), &push]);
    let file = |name: &str| fixture.env.work().join(name).display().to_string();
    if let Err(why) = apptainer.works(&file("first.sif"), "/opt/conda/bin/show-prefix") {
        return skip("apptainer", &why.to_string());
    }
    let call = |arguments: &[&str]| must(apptainer.call(arguments, &[], ""));
    call(&["pull", "--no-https", &file("pulled.sif"), &format!("oras://{sif}")]);
    assert!(fixture.env.read("pulled.sif") == fixture.env.read("first.sif"), "every byte of it");
    let image = format!("docker://{name}");
    for image in [file("pulled.sif"), image] {
        let shown = call(&["exec", "--no-https", &image, "show-prefix"]);
        assert_eq!(shown, "/opt/conda/share/tool\n", "{image}");
    }
}

/// Names of the blobs that were sent, from the progress events of a push.
fn sent(run: &Run) -> Vec<String> {
    let events: Vec<Value> = run
        .stderr
        .lines()
        .chain(run.stdout.lines())
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let begun = events.iter().filter(|event| event["event"] == "begin" && event["stage"] == "push");
    let done = |task: &Value| {
        events
            .iter()
            .any(|event| event["event"] == "end" && event["task"] == *task && event["outcome"] == "done")
    };
    begun.filter(|event| done(&event["task"])).map(|event| event["name"].to_string()).collect()
}
