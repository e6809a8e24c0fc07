//! The same with Apptainer: SIF files that mambox wrote, and those that Apptainer makes of our archives, our layouts and
//! what a registry has.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mambox_conformance::{
    APPTAINER_CHECKS, Apptainer, ApptainerCheck, FamilyOutcome, FamilyTest, Need, Through, test_family,
    unique,
};

use crate::bases::Base;
use crate::engines::{engines, must, registry, say, skip};
use crate::environments::{Environment, Kind, PREFIX, PROGRAMS, exactly, plain, variables};
use crate::family::FamilyBase;
use crate::workshop::{Workshop, init};

/// Somebody without any rights.
const NOBODY: u32 = 65534;

#[test]
fn an_environment_is_active_however_apptainer_enters_it() {
    let workshop = Workshop::new();
    let environment = Environment { name: "variables", kinds: variables() };
    let mut failures = 0;
    for base in Base::all(&workshop) {
        let registry = registry("docker:// under apptainer");
        let pushed = registry.map(|registry| format!("docker://{registry}/{}:1", unique("apptainer")));
        let mut outputs = vec!["-o", "app.sif", "-o", "app.tar", "-o", "oci:layout"];
        outputs.extend(pushed.iter().flat_map(|name| ["-o", name]));
        let Some(place) = Place::with(&workshop, workshop.build_to(&base, &environment, &outputs), &base)
        else {
            failures += 1;
            continue;
        };
        let sif = place.file("app.sif");
        if let Err(why) = place.apptainer.works(&sif, PROGRAMS.show) {
            return skip("apptainer", &why.to_string());
        }
        let checks = || of_environment(&base, "base");
        failures += place.tried(checks(), &sif, &environment.kinds);
        let others =
            [format!("docker-archive:{}", place.file("app.tar")), format!("oci:{}", place.file("layout"))];
        for image in others.iter().chain(&pushed) {
            // Converted at the start, which takes long; then once for the rest.
            failures += place.tried(checks().take(1), image, &environment.kinds);
            let converted = place.file("converted.sif");
            must(place.apptainer.call(&["build", "--force", &converted, image], &[], ""));
            failures += place.tried(checks().skip(1), &converted, &environment.kinds);
        }
        if let Some(place) = place.of_nobody(&sif) {
            // Only its owner can be at home in a folder.
            let homeless = checks().filter(|check| check.options.contains(&"--no-home"));
            failures += place.tried(homeless, &sif, &environment.kinds);
        }
        let _ = std::fs::remove_dir_all(workshop.env.work().join("layout"));
    }
    assert_eq!(failures, 0, "see above");
}

#[test]
fn apptainer_chooses_among_several_environments() {
    if init().is_none() {
        return skip(
            "an image of several environments",
            "MAMBOX_INIT names no program: see .ci/build-static",
        );
    }
    let workshop = Workshop::new();
    let first = Environment { name: "base", kinds: variables() };
    let second = Environment { name: "env2", kinds: vec![plain()] };
    let mut failures = 0;
    for base in Base::all(&workshop) {
        let built = workshop.build_several(&base, &[&first, &second], &["-o", "two.sif"]);
        let Some(place) = Place::with(&workshop, built, &base) else {
            failures += 1;
            continue;
        };
        let sif = place.file("two.sif");
        if let Err(why) = place.apptainer.works(&sif, PROGRAMS.show) {
            return skip("apptainer", &why.to_string());
        }
        failures += place.tried(of_environment(&base, "base"), &sif, &first.kinds);
        failures += place.tried(of_environment(&base, "env2"), &sif, &[in_env2(plain())]);
    }
    assert_eq!(failures, 0, "see above");
}

/// Those of the family, and with the probe those that are derived from one.
#[test]
fn images_of_the_family_are_active_however_apptainer_enters_them() {
    let workshop = Workshop::new();
    if let Err(why) = Apptainer::new(workshop.env.work()).call(&["version"], &[], "") {
        return skip("apptainer", &why.to_string());
    }
    let Some(engine) = engines().first() else { return };
    let mut failures = 0;
    for base in Base::all(&workshop).iter().filter(|base| base.offers.contains(&Need::Sh)) {
        let Some(family) = FamilyBase::new(base) else { return };
        let image = must(family.empty(*engine));
        let test = FamilyTest {
            image: image.name(),
            engines: &[*engine],
            through: Through::Apptainer,
            foreign: None,
            jobs: 2,
            only: None,
        };
        let report = must(test_family(&test, &|_| ()));
        for result in report.results.iter().filter(|result| result.outcome != FamilyOutcome::Passed) {
            let (text, why) = (result.outcome.text().to_uppercase(), result.outcome.reasons().join("; "));
            say(&format!("{text}: {}, {}: {why}", base.name, result.check));
        }
        failures += report.failed().count() + usize::from(!report.is_good());
    }
    assert_eq!(failures, 0, "see above");
}

/// The checks in which this environment, or none, is active.
fn of_environment<'a>(base: &'a Base, name: &'a str) -> impl Iterator<Item = &'static ApptainerCheck> + 'a {
    APPTAINER_CHECKS
        .iter()
        .filter(move |check| base.offers.contains(&check.needs) && check.active.unwrap_or("base") == name)
}

/// A kind of the prefix as it is in the environment `env2`.
fn in_env2(mut kind: Kind) -> Kind {
    let prefix = format!("{PREFIX}/envs/env2");
    let own = [
        ("CONDA_PREFIX", prefix.as_str()),
        ("CONDA_DEFAULT_ENV", "env2"),
        ("CONDA_PROMPT_MODIFIER", "(env2) "),
    ];
    kind.always.set.extend(exactly(&own));
    kind.always.path_first = vec![format!("{prefix}/bin")];
    kind
}

/// Apptainer, and the folder with what was built.
struct Place<'a> {
    folder: PathBuf,
    apptainer: Apptainer,
    base: &'a str,
}

impl<'a> Place<'a> {
    /// None where the build failed, which is told.
    fn with(workshop: &'a Workshop, built: Result<(), String>, base: &'a Base) -> Option<Self> {
        if let Err(why) = built {
            say(&format!("FAILED: {}: {}", base.name, why.trim()));
            return None;
        }
        let folder = workshop.env.work();
        Some(Self { apptainer: Apptainer::new(&folder), folder, base: &base.name })
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The same for an ordinary user; none where that cannot be, which is said.
    fn of_nobody(&self, sif: &str) -> Option<Self> {
        let open = |path: &Path| std::fs::set_permissions(path, Permissions::from_mode(0o777));
        self.folder.ancestors().take(2).try_for_each(open).expect("folders of this test");
        let apptainer = self.apptainer.run_by(NOBODY);
        match apptainer.call(&["exec", "--no-home", sif, PROGRAMS.show], &[], "") {
            Ok(_) => Some(Self { folder: self.folder.clone(), apptainer, base: self.base }),
            Err(why) => {
                skip("apptainer as an ordinary user", &why.to_string());
                None
            }
        }
    }

    /// How many faults there are, each told.
    fn tried(
        &self,
        checks: impl Iterator<Item = &'static ApptainerCheck>,
        image: &str,
        kinds: &[Kind],
    ) -> usize {
        let mut faults = 0;
        for check in checks {
            for wrong in wrong(&self.apptainer, check, image, kinds) {
                say(&format!("FAILED: {}, {image}: {}: {wrong}", self.base, check.name));
                faults += 1;
            }
        }
        faults
    }
}

/// What is wrong where a check leads.
fn wrong(apptainer: &Apptainer, check: &ApptainerCheck, image: &str, kinds: &[Kind]) -> Vec<String> {
    match apptainer.perform(check, image, &PROGRAMS) {
        Ok(reading) => kinds.iter().flat_map(|kind| check.faults(&kind.always, &reading)).collect(),
        Err(error) => vec![error.to_string()],
    }
}
