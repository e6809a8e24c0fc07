//! Explains failed solves.

use mambox_env::{Subject, VirtualPackageFacts};
use rattler_conda_types::{GenericVirtualPackage, MatchSpec, Matches, Subdir};
use rattler_repodata_gateway::RepoData;

use crate::{
    channel::{Channels, display},
    mask::mask_text,
    settings::ChannelPriority,
    solve::Task,
    solve_error::{SolveError, Unsolvable},
};

/// Names further away than this are no help.
const LEAST_LIKENESS: f64 = 0.75;

/// So many of them are shown.
const MOST_NAMES: usize = 4;

/// So many versions are shown, newest first.
const MOST_VERSIONS: usize = 6;

/// A package that no channel has; `names` are all that there are.
pub(crate) fn unknown_package(
    package: &str,
    platform: Subdir,
    channels: &Channels,
    names: &[String],
) -> SolveError {
    let near = nearest(package, names);
    let nearest = if near.is_empty() && names.is_empty() {
        format!(". They have nothing at all for {platform}: check --platform and the channels")
    } else if near.is_empty() {
        ". Check the name, or add the channel that has it (-c)".to_owned()
    } else {
        format!(". Similar: {}", near.join(", "))
    };
    let channels = channels.iter().map(display).collect::<Vec<_>>().join(", ");
    SolveError::UnknownPackage { package: package.to_owned(), platform, channels, nearest }
}

/// The names most like `name`, best first.
fn nearest<'a>(name: &str, names: &'a [String]) -> Vec<&'a str> {
    let likeness = |other: &str| {
        let alike = strsim::jaro_winkler(name, other);
        // `pytorch` for `torch`, `python-dateutil` for `dateutil`.
        let part = other.len() > name.len()
            && name.len() > 3
            && other.split(['-', '_', '.']).any(|part| part == name);
        if part { alike.max(0.9) } else { alike }
    };
    let mut scored: Vec<(f64, &str)> = names
        .iter()
        .map(|other| (likeness(other), other.as_str()))
        .filter(|(score, _)| *score >= LEAST_LIKENESS)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(MOST_NAMES).map(|(_, name)| name).collect()
}

/// What the solver said, in context.
pub(crate) fn unsolvable(reasons: &[String], facts: &VirtualPackageFacts, task: &Task) -> SolveError {
    let reasons = mask_text(&reasons.join("\n"));
    let packages = &task.virtual_packages;
    let mut hints = hints(&reasons, facts, packages, task.priority);
    hints.extend(task.specs.iter().filter_map(|spec| versions_at_hand(spec, &task.repodata)));
    let virtual_packages = packages.iter().map(|package| (show(package), origin(package, facts))).collect();
    SolveError::Unsolvable(Box::new(Unsolvable {
        platform: facts.platform,
        reasons,
        virtual_packages,
        hints,
    }))
}

/// For a spec that no record matches: what there is instead.
fn versions_at_hand(spec: &MatchSpec, repodata: &[RepoData]) -> Option<String> {
    let name = spec.name.as_exact()?;
    let records = || repodata.iter().flatten().filter(|record| record.package_record.name == *name);
    if spec.url.is_some() || records().any(|record| spec.matches(record)) {
        return None;
    }
    let mut versions: Vec<_> = records().map(|record| &record.package_record.version).collect();
    versions.sort();
    versions.dedup();
    let shown: Vec<String> = versions.iter().rev().take(MOST_VERSIONS).map(ToString::to_string).collect();
    let more = if versions.len() > MOST_VERSIONS { ", …" } else { "" };
    (!shown.is_empty())
        .then(|| format!("the channels have {} {}{more}", name.as_normalized(), shown.join(", ")))
}

fn show(package: &GenericVirtualPackage) -> String {
    let name = package.name.as_normalized();
    match name {
        "__archspec" => format!("{name} {}", package.build_string),
        "__unix" => name.to_owned(),
        _ => format!("{name} {}", package.version),
    }
}

fn origin(package: &GenericVirtualPackage, facts: &VirtualPackageFacts) -> String {
    let name = package.name.as_normalized();
    let variable = format!("CONDA_OVERRIDE_{}", name.trim_start_matches('_').to_ascii_uppercase());
    if facts.overrides.contains_key(&variable) {
        return format!("from {variable} or its option");
    }
    match name {
        "__glibc" | "__cuda" => format!("of {}", facts.subject.name()),
        "__linux" if facts.linux.is_none() => "assumed".to_owned(),
        _ => format!("of {}", facts.platform),
    }
}

fn hints(
    reasons: &str,
    facts: &VirtualPackageFacts,
    packages: &[GenericVirtualPackage],
    priority: ChannelPriority,
) -> Vec<String> {
    let mut hints = Vec::new();
    let has = |name: &str| packages.iter().find(|package| package.name.as_normalized() == name);
    if reasons.contains("__glibc") {
        hints.extend(facts.hint());
        if let Some(glibc) = has("__glibc").filter(|_| facts.hint().is_none()) {
            hints.push(format!(
                "packages want another glibc than {}; choose {} with a newer one, or older packages",
                glibc.version,
                match facts.subject {
                    Subject::BaseImage => "a base image",
                    Subject::System => "an image",
                }
            ));
        }
    }
    if reasons.contains("__cuda") {
        hints.push(match has("__cuda") {
            None if facts.subject == Subject::System => {
                "no NVIDIA driver was found; state the CUDA version of the machines that will run this: \
                 CONDA_OVERRIDE_CUDA=12.4"
                    .to_owned()
            }
            Some(cuda) if facts.subject == Subject::System => {
                format!("packages want another CUDA than {}; see CONDA_OVERRIDE_CUDA", cuda.version)
            }
            None => "the base image has no CUDA_VERSION; choose a base with CUDA, or state what the machines that \
                     run the image will have: --cuda 12.4"
                .to_owned(),
            Some(cuda) => format!("packages want another CUDA than {}; see --cuda", cuda.version),
        });
    }
    if reasons.contains("__linux") {
        hints.push(
            "packages want a newer kernel; if it is there at run time: CONDA_OVERRIDE_LINUX=6.1".to_owned(),
        );
    }
    if reasons.contains("__archspec") {
        hints.push(
            "packages want another processor; if it is there at run time: CONDA_OVERRIDE_ARCHSPEC".to_owned(),
        );
    }
    if priority == ChannelPriority::Strict && reasons.contains("strict channel priority") {
        hints.push(
            "a channel of lower priority has a version that fits; change the order of the channels, or use \
             --channel-priority flexible"
                .to_owned(),
        );
    }
    hints
}
