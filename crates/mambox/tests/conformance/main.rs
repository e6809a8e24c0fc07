//! An environment is active however its container is entered: checks × bases × kinds of environments × engines.
//!
//! Each base and environment is built once, loaded into each engine, and entered in every way of
//! [`mambox_conformance::CHECKS`]. Every cell that fails is told in a line of its own; a table sums up.
//!
//! What this machine lacks is skipped, and a line says so. `.ci/setup-engines` provides engines and bases:
//!
//! - `docker`, `podman`, `apptainer` on the PATH;
//! - `MAMBOX_TEST_BASES`: a folder with root file systems as `.tar`; a base without any program needs none;
//! - `MAMBOX_INIT`: the static program for inside an image, for images of the micromamba family and those whose
//!   scripts have to run at the start.
//!
//! `MAMBOX_TEST_ONLY=musl-busybox` (a base's name) or `=scripts` (an environment's) tries less.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::disallowed_methods)] // the variables above

mod apptainer;
mod bases;
#[path = "../common/engines.rs"]
mod engines;
mod environments;
mod family;
#[path = "../common/family.rs"]
mod family_files;
mod results;
mod run;
mod script_kinds;
mod workshop;

use bases::Base;
use environments::environments;
use results::Results;
use run::Trial;
use workshop::Workshop;

#[test]
fn an_environment_is_active_however_its_container_is_entered() {
    let engines = engines::engines();
    let mut results = Results::default();
    if !engines.is_empty() {
        let workshop = Workshop::new();
        for base in Base::all(&workshop) {
            let trial = Trial::new(&base, &workshop);
            for environment in environments().into_iter().filter_map(|environment| environment.on(&base)) {
                trial.enter(&environment, engines, &mut results);
            }
        }
    }
    results.print();
    assert!(results.all_good(), "{} cells failed: see above", results.failures());
}
