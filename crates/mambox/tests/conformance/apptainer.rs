//! The same with Apptainer: SIF files that mambox wrote, and those that Apptainer makes of our archives and layouts.

use mambox_conformance::{APPTAINER_CHECKS, Apptainer, ApptainerCheck, Value};

use crate::bases::Base;
use crate::engines::{say, skip};
use crate::environments::{Environment, Kind, PROGRAMS, variables};
use crate::workshop::Workshop;

/// The forms of an image, and whether every way in is tried: Apptainer converts the others at each start.
const FORMS: [(&str, bool); 3] =
    [("app.sif", true), ("docker-archive:app.tar", false), ("oci:layout", false)];

#[test]
fn an_environment_is_active_however_apptainer_enters_it() {
    let workshop = Workshop::new();
    let mut failures = 0;
    for base in Base::all(&workshop) {
        let environment = Environment { name: "variables", kinds: variables() };
        let outputs = ["-o", "app.sif", "-o", "app.tar", "-o", "oci:layout"];
        if let Err(why) = workshop.build_to(&base, &environment, &outputs) {
            say(&format!("FAILED: {}: {}", base.name, why.trim()));
            failures += 1;
            continue;
        }
        let apptainer = Apptainer::new(workshop.env.work());
        for (form, every) in FORMS {
            let image = in_folder(form, &workshop.env.work().display().to_string());
            if let (true, Err(why)) = (every, apptainer.works(&image, PROGRAMS.show)) {
                return skip("apptainer", &why.to_string());
            }
            let checks = APPTAINER_CHECKS.iter().filter(|check| base.offers.contains(&check.needs));
            for check in checks.take(if every { usize::MAX } else { 1 }) {
                for wrong in tried(&apptainer, check, &image, &environment.kinds) {
                    say(&format!("FAILED: {}, {form}: {}: {wrong}", base.name, check.name));
                    failures += 1;
                }
            }
        }
        let _ = std::fs::remove_dir_all(workshop.env.work().join("layout"));
    }
    assert_eq!(failures, 0, "see above");
}

/// A reference to a file of a folder.
fn in_folder(form: &str, folder: &str) -> String {
    match form.split_once(':') {
        Some((transport, rest)) => format!("{transport}:{folder}/{rest}"),
        None => format!("{folder}/{form}"),
    }
}

/// What is wrong where a check leads.
fn tried(apptainer: &Apptainer, check: &ApptainerCheck, image: &str, kinds: &[Kind]) -> Vec<String> {
    let reading = match apptainer.perform(check, image, &PROGRAMS) {
        Ok(reading) => reading,
        Err(error) => return vec![error.to_string()],
    };
    let mut wrong = Vec::new();
    for kind in kinds {
        let mut expectation = kind.always.clone();
        for (name, value) in check.instead.iter().filter(|(_, value)| !value.is_empty()) {
            expectation.set.insert((*name).into(), Value::Is((*value).into()));
        }
        wrong.extend(expectation.missing_in(&reading));
    }
    // Empty is as good as unset.
    for (name, _) in check.instead.iter().filter(|(_, value)| value.is_empty()) {
        if let Some(value) = reading.value(name).filter(|value| !value.is_empty()) {
            wrong.push(format!("{name} is {value:?}, not empty"));
        }
    }
    wrong
}
