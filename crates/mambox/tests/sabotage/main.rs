//! An image of `mambox images` passes every check, and images that are sabotaged on purpose fail exactly those that they should.
//!
//! Needs an engine, `MAMBOX_INIT` and `MAMBOX_MICROMAMBA` (static programs, which `.ci/build-static` makes), and
//! `MAMBOX_TEST_BASES` (a folder with `debian-bookworm.tar`). What is missing is skipped, and a line says so.
//! `MAMBOX_TEST_ONLY` is a part of the names of the sabotages that are tried.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::disallowed_methods)] // the variables above

mod context;
#[path = "../common/engines.rs"]
mod engines;
#[path = "../common/family.rs"]
mod family_files;
mod table;

use std::collections::BTreeSet;

use context::Context;
use engines::{engines, must, say};
use mambox_conformance::{
    Engine, FamilyOutcome, FamilyReport, FamilyTest, Through, family_checks, test_family, unique,
};
use table::{SABOTAGES, Sabotage};

/// The checks that Debian with both engines and Apptainer leaves out.
const NEVER: [(&str, &str); 1] = [("podman", "SHELL [\"_dockerfile_shell.sh\"]")];

#[test]
fn an_image_of_mambox_images_passes_every_check() {
    let Some(context) = Context::new() else { return };
    let (engines, plain) = (engines(), name("plain"));
    let kept: Vec<_> = engines.iter().map(|engine| context.import(*engine, &plain)).collect();
    if kept.is_empty() {
        return;
    }
    let report = context.tested_by_mambox(&plain, engines);
    let results = report["results"].as_array().expect("results");
    for result in results {
        let (engine, check) = (result["engine"].as_str(), result["check"].as_str());
        let never = || NEVER.iter().any(|(e, c)| (engine, check) == (Some(e), Some(c)));
        match result["outcome"].as_str() {
            Some("passed") => {}
            Some("skipped") => assert!(engine == Some("apptainer") || never(), "{result}"),
            _ => panic!("{result}"),
        }
    }
    assert!(results.len() >= family_checks().len(), "{} results", results.len());
}

#[test]
fn sabotage_is_caught_by_every_check_that_it_should_break() {
    let Some(context) = Context::new() else { return };
    let Some(engine) = engines().first().copied() else { return };
    let (plain, sound) = (name("plain"), name("sound"));
    let _plain = context.import(engine, &plain);
    let _sound = context.family(engine, &plain, &sound);
    let only = std::env::var("MAMBOX_TEST_ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    for sabotage in SABOTAGES.iter().filter(|sabotage| sabotage.name.contains(&only)) {
        wrong.extend(differences(engine, &plain, &sound, sabotage));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

fn name(word: &str) -> String {
    format!("localhost/{}:1", unique(word))
}

fn tested(image: &str, foreign: &str, engine: Engine) -> FamilyReport {
    let engines = &[engine];
    let through = Through::Engines;
    let test = FamilyTest { image, engines, through, foreign: Some(foreign), jobs: 4, only: None };
    must(test_family(&test, &|_| ()))
}

/// What an image with one sabotage fails beside what it should, and what it should and does not.
fn differences(engine: Engine, plain: &str, sound: &str, sabotage: &Sabotage) -> Vec<String> {
    let lines = [&["USER root"], sabotage.lines, &["USER mambauser"]].concat();
    let image = must(engine.derive(sound, &lines, None));
    let report = tested(image.name(), plain, engine);
    let failed: BTreeSet<_> = report.failed().map(|result| result.check.as_str()).collect();
    let should: BTreeSet<_> = sabotage.fails.concat().into_iter().collect();
    let mut wrong = Vec::new();
    for result in &report.results {
        let name = result.check.as_str();
        match (&result.outcome, failed.contains(name), should.contains(name)) {
            (FamilyOutcome::Failed(why), _, false) => {
                wrong.push(format!("{}: fails {name:?}: {}", sabotage.name, why.join("; ")));
            }
            (_, false, true) => wrong.push(format!("{}: does not fail {name:?}", sabotage.name)),
            _ => {}
        }
    }
    let known: BTreeSet<_> = report.results.iter().map(|result| result.check.as_str()).collect();
    wrong.extend(
        should.difference(&known).map(|name| format!("{}: there is no check {name:?}", sabotage.name)),
    );
    say(&format!("{}: {} of {} checks fail", sabotage.name, failed.len(), report.results.len()));
    wrong
}
