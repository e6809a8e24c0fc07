//! Holds the workspace to the table in ARCHITECTURE.md: arrows point only downwards, light crates stay light.
//!
//! Cargo itself is asked, so that what counts is the graph it builds and not the spelling of a Cargo.toml.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// From the top to the bottom: a crate may use those behind it, never one before it.
/// Crates that are not born yet have their place already.
const ORDER: [&str; 22] = [
    "xtask",
    "mambox",
    "mambox-images",
    "mambox-conformance",
    "mambox-build",
    "mambox-pip",
    "mambox-micromamba",
    "mambox-resolve",
    "mambox-transport",
    "mambox-layer",
    "mambox-prefix",
    "mambox-link",
    "mambox-config",
    "mambox-env",
    "mambox-oci",
    "mambox-init",
    "mambox-shell",
    "mambox-sandbox",
    "mambox-activate",
    "mambox-accounts",
    "mambox-progress",
    TESTKIT,
];

const TESTKIT: &str = "mambox-testkit";

/// Pure functions of their inputs: no network, no async runtime.
const LIGHT: [&str; 13] = [
    "mambox-env",
    "mambox-oci",
    "mambox-layer",
    "mambox-prefix",
    "mambox-link",
    "mambox-config",
    "mambox-shell",
    "mambox-init",
    "mambox-accounts",
    "mambox-activate",
    "mambox-sandbox",
    "mambox-progress",
    "mambox-conformance",
];

/// What has no place in the normal dependencies of a light crate, at any depth.
const HEAVY: [&str; 6] = ["tokio", "reqwest", "hyper", "rustls", "hickory-resolver", "oci-client"];

/// These know no conda, or know it by themselves: nothing of rattler is among their dependencies, at any depth.
const NO_CONDA: [&str; 7] = [
    "mambox-accounts",
    "mambox-oci",
    "mambox-transport",
    "mambox-sandbox",
    "mambox-init",
    "mambox-progress",
    "mambox-conformance",
];

#[test]
fn arrows_point_downwards() {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        let from = place(name).unwrap_or_else(|| panic!("{name} has no place in the table: give it one"));
        for dependency in ours(&package) {
            let to = dependency["name"].as_str().expect("a name");
            let dev = dependency["kind"] == "dev";
            assert!(place(to) > Some(from), "{name} must not use {to}, which stands above it");
            assert!(dev || to != TESTKIT, "{name} uses {TESTKIT} outside its tests");
        }
    }
}

#[test]
fn programs_of_the_image_are_linked_by_nobody() {
    for package in packages() {
        for dependency in ours(&package) {
            let linked = ["mambox-init", "mambox-micromamba"].iter().any(|name| dependency["name"] == *name);
            assert!(!linked, "{} links {}: it reaches a build as bytes", package["name"], dependency["name"]);
        }
    }
}

#[test]
fn light_crates_have_neither_network_nor_runtime() {
    for name in LIGHT {
        let tree = normal_dependencies(name);
        let heavy: Vec<_> = HEAVY.iter().filter(|heavy| tree.contains(**heavy)).collect();
        assert!(
            heavy.is_empty(),
            "{name} drags in {heavy:?}: see `cargo tree -p {name} -e normal -i {}`",
            heavy[0]
        );
    }
}

#[test]
fn images_know_no_conda() {
    for name in NO_CONDA {
        let tree = normal_dependencies(name);
        let conda: Vec<_> = tree.iter().filter(|name| name.starts_with("rattler")).collect();
        assert!(conda.is_empty(), "{name} drags in {conda:?}");
    }
}

#[test]
fn nobody_brings_a_second_tls() {
    let tree = normal_dependencies("mambox");
    assert!(tree.contains("ring"), "the tree is read rightly");
    for banned in ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"] {
        assert!(!tree.contains(banned), "{banned}: see `cargo tree -p mambox -e normal -i {banned}`");
    }
}

/// The members of the workspace, as `cargo metadata` gives them.
fn packages() -> Vec<Value> {
    let output = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&output).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// The dependencies of a package on crates of the workspace.
fn ours(package: &Value) -> impl Iterator<Item = &Value> {
    let all = package["dependencies"].as_array().expect("dependencies");
    all.iter().filter(|dependency| dependency["path"].is_string())
}

/// Names of all normal dependencies of a crate, at any depth, on this platform.
fn normal_dependencies(name: &str) -> BTreeSet<String> {
    let tree =
        cargo(&["tree", "--package", name, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Runs this cargo in the workspace, without network.
fn cargo(arguments: &[&str]) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--color", "never"])
        .current_dir(workspace)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
