//! skopeo and umoci read what we write.

use std::path::Path;

use serde_json::Value;

use crate::engines::{output, skip, stdout};
use crate::fixture::Fixture;

fn has(program: &str) -> bool {
    let there = output(program, &["--version"]).is_some();
    if !there {
        skip(program, "not installed");
    }
    there
}

/// Digest and layers, as skopeo sees them.
fn skopeo_inspect(reference: &str) -> Value {
    serde_json::from_str(&stdout("skopeo", &["inspect", reference])).expect("skopeo prints JSON")
}

fn text(path: &Path) -> String {
    path.to_str().expect("a UTF-8 path").to_owned()
}

#[test]
fn skopeo_reads_every_form_and_sees_one_digest() {
    if !has("skopeo") {
        return;
    }
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    let outputs = ["-t", "example.invalid/tool:1", "-o", "oci:layout:1", "-o", "oci-archive:archive.tar:1"];
    let more = ["-o", "hybrid.tar", "-o", "docker-archive:docker.tar"];
    let metadata = fixture.build_with_metadata(&base.reference, &[outputs.as_slice(), &more].concat());
    let work = text(&fixture.env.work());
    let layout = skopeo_inspect(&format!("oci:{work}/layout:1"));
    assert_eq!(layout["Digest"], metadata["containerimage.digest"], "{metadata:#}");
    for form in ["oci-archive:{}/archive.tar:1", "oci-archive:{}/hybrid.tar"] {
        assert_eq!(
            skopeo_inspect(&form.replace("{}", &work))["Digest"],
            metadata["containerimage.digest"],
            "{form}"
        );
    }
    for file in ["hybrid.tar", "docker.tar"] {
        let seen = skopeo_inspect(&format!("docker-archive:{work}/{file}"));
        assert_eq!(seen["Env"], layout["Env"], "{file}");
        let layers = |value: &Value| value["Layers"].as_array().map(Vec::len);
        assert_eq!(layers(&seen), layers(&layout), "{file}");
    }
}

#[test]
fn umoci_unpacks_a_layout() {
    if !has("umoci") {
        return;
    }
    let fixture = Fixture::new();
    let base = &fixture.bases()[0];
    fixture.build("2.0", &base.reference, &["-o", "oci:layout:1"]);
    let work = text(&fixture.env.work());
    let (image, bundle) = (format!("{work}/layout:1"), format!("{work}/bundle"));
    stdout("umoci", &["unpack", "--rootless", "--image", &image, &bundle]);
    let read =
        |path: &str| std::fs::read_to_string(format!("{bundle}/rootfs/{path}")).expect("a file of the image");
    assert_eq!(read("opt/conda/share/tool/data.txt"), "version 2.0 in /opt/conda\n");
    assert!(read("etc/passwd").contains("mambauser:*:57439:"));
}
