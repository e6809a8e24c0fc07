//! A wish as a request to the solver.

use std::collections::BTreeMap;

use mambox_env::{EnvSpec, VirtualPackageFacts, parse_match_spec};
use mambox_resolve::SolveRequest;
use rattler_conda_types::{MatchSpec, PrefixRecord, RepoDataRecord};

use crate::failure::Outcome;

/// What the person wants of the named packages and of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The named ones are there; all others stay, as far as can be.
    Install,
    /// The named ones are there, in the newest version; all others stay.
    Update,
    /// Everything in the newest version that requests of old allow.
    UpdateAll,
    /// The named ones are there, in the newest version, and nothing else.
    Prune,
}

/// An environment as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Installed {
    pub(crate) records: Vec<PrefixRecord>,
    /// Specs that somebody asked for, by the package's name.
    pub(crate) requested: BTreeMap<String, String>,
    /// Specs of `conda-meta/pinned`.
    pub(crate) pins: Vec<String>,
}

/// Settings that bind the solver.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Specs that the solution must fulfil.
    pub(crate) pins: Vec<String>,
    /// Python keeps its minor version unless it is asked for.
    pub(crate) pin_python: bool,
    /// Installed packages must stay exactly as they are.
    pub(crate) freeze: bool,
    /// Whether versions may go down of packages that nobody named.
    pub(crate) allow_downgrade: bool,
}

impl Installed {
    /// As the solver knows packages.
    pub(crate) fn repodata(&self) -> impl Iterator<Item = &RepoDataRecord> {
        self.records.iter().map(|record| &record.repodata_record)
    }

    /// The record of a package.
    pub(crate) fn find(&self, name: &str) -> Option<&PrefixRecord> {
        self.records.iter().find(|record| record.name().as_normalized() == name)
    }
}

/// The request for a wish. `keep_all` wants every installed package in the solution; without it some may go.
pub(crate) fn solve_request(
    spec: EnvSpec,
    goal: Goal,
    installed: &Installed,
    rules: &Rules,
    facts: VirtualPackageFacts,
    keep_all: bool,
) -> Outcome<SolveRequest> {
    let named: Vec<String> = spec
        .specs
        .iter()
        .filter_map(|spec| spec.name.as_exact())
        .map(|name| name.as_normalized().to_owned())
        .collect();
    let is_named = |name: &str| named.iter().any(|known| known == name);
    let mut request = SolveRequest::new(spec, facts);
    let others = || installed.records.iter().filter(|record| !is_named(record.name().as_normalized()));
    request.spec.specs.extend(roots(goal, installed, others(), keep_all)?);
    match goal {
        _ if rules.freeze => request.frozen = others().map(|record| record.repodata_record.clone()).collect(),
        Goal::Install => request.installed = installed.repodata().cloned().collect(),
        Goal::Update => request.installed = others().map(|record| record.repodata_record.clone()).collect(),
        Goal::UpdateAll | Goal::Prune => {}
    }
    for pin in &rules.pins {
        request.constraints.push(parse_match_spec(pin, "pinned packages")?);
    }
    if rules.pin_python && !is_named("python") {
        request.constraints.extend(installed.find("python").map(same_minor).transpose()?.flatten());
    }
    if !rules.allow_downgrade && matches!(goal, Goal::Install | Goal::Update) && !rules.freeze {
        request.constraints.extend(others().filter_map(not_older));
    }
    Ok(request)
}

/// What must be in the solution besides what was named.
fn roots<'a>(
    goal: Goal,
    installed: &Installed,
    others: impl Iterator<Item = &'a PrefixRecord>,
    keep_all: bool,
) -> Outcome<Vec<MatchSpec>> {
    let requested = |name: &str| installed.requested.get(name);
    let mut specs = Vec::new();
    for record in others {
        let name = record.name().as_normalized();
        match (goal, requested(name)) {
            (Goal::Prune, _) => {}
            (Goal::UpdateAll, Some(spec)) => specs.push(parse_match_spec(spec, "conda-meta/history")?),
            // What is left is there because of something else, and may go with it.
            (Goal::UpdateAll, None) if !installed.requested.is_empty() => {}
            (_, None) if !keep_all => {}
            _ => specs.push(MatchSpec::from(record.name().clone())),
        }
    }
    Ok(specs)
}

/// `python 3.12.*` for any 3.12.
fn same_minor(python: &PrefixRecord) -> Outcome<Option<MatchSpec>> {
    let version = &python.repodata_record.package_record.version;
    let Some((major, minor)) = version.version().as_major_minor() else { return Ok(None) };
    Ok(Some(parse_match_spec(&format!("python {major}.{minor}.*"), "the pin of python")?))
}

fn not_older(record: &PrefixRecord) -> Option<MatchSpec> {
    let package = &record.repodata_record.package_record;
    let spec = format!("{} >={}", package.name.as_normalized(), package.version);
    // A version that makes no spec cannot be compared either.
    parse_match_spec(&spec, "installed packages").ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{installed, record};

    fn show(request: &SolveRequest) -> String {
        let list = |specs: &[MatchSpec]| specs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let names = |records: &[RepoDataRecord]| {
            records
                .iter()
                .map(|record| record.package_record.name.as_normalized().to_owned())
                .collect::<Vec<_>>()
                .join(", ")
        };
        format!(
            "specs: {}\ninstalled: {}\nfrozen: {}\nconstraints: {}",
            list(&request.spec.specs),
            names(&request.installed),
            names(&request.frozen),
            list(&request.constraints)
        )
    }

    fn request(goal: Goal, words: &[&str], rules: &Rules) -> String {
        let mut spec = EnvSpec::default();
        words.iter().for_each(|word| spec.add_spec(word, "test").unwrap());
        let there = installed(
            &[record("python", "3.12.1"), record("numpy", "1.0"), record("dep", "2")],
            &["numpy>=1"],
        );
        let facts = VirtualPackageFacts::new(rattler_conda_types::Subdir::Linux64);
        show(&solve_request(spec, goal, &there, rules, facts, true).unwrap())
    }

    /// The micromamba reference, section 4, "Solve".
    #[test]
    fn install_keeps_what_is_there_and_the_minor_of_python() {
        let rules = Rules { pin_python: true, pins: vec!["dep <3".into()], ..Rules::default() };
        insta::assert_snapshot!(request(Goal::Install, &["jq"], &rules), @r"
        specs: jq, python, numpy, dep
        installed: python, numpy, dep
        frozen: 
        constraints: dep <3, python 3.12.*, python >=3.12.1, numpy >=1.0, dep >=2
        ");
    }

    #[test]
    fn a_named_python_may_change() {
        let rules = Rules { pin_python: true, allow_downgrade: true, ..Rules::default() };
        insta::assert_snapshot!(request(Goal::Update, &["python"], &rules), @r"
        specs: python, numpy, dep
        installed: numpy, dep
        frozen: 
        constraints: 
        ");
    }

    #[test]
    fn update_all_goes_by_what_was_requested() {
        insta::assert_snapshot!(request(Goal::UpdateAll, &[], &Rules::default()), @r"
        specs: numpy >=1
        installed: 
        frozen: 
        constraints: 
        ");
    }

    #[test]
    fn frozen_packages_cannot_change() {
        let rules = Rules { freeze: true, ..Rules::default() };
        insta::assert_snapshot!(request(Goal::Install, &["jq"], &rules), @r"
        specs: jq, python, numpy, dep
        installed: 
        frozen: python, numpy, dep
        constraints: 
        ");
    }
}
