//! `conda-meta/history`: what was asked for and what came of it, in conda's format.

use std::collections::BTreeMap;

use rattler_conda_types::RepoDataRecord;

use crate::plan::Plan;
use crate::redact::redact;

/// What micromamba gives for a version of conda; some tools look for the line.
const CONDA_VERSION: &str = "3.8.0";

/// What the history tells of one transaction, besides the packages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Local time, as `2026-11-26 10:00:00`.
    pub time: String,
    /// The words of the command line.
    pub command: Vec<String>,
    /// Specs that were asked for.
    pub update_specs: Vec<String>,
    /// Specs that were asked to go.
    pub remove_specs: Vec<String>,
}

/// The lines to append for a plan.
pub(crate) fn render(history: &History, plan: &Plan) -> String {
    let one_line = |text: &str| redact(text).replace(['\n', '\r'], " ");
    let command: Vec<String> = history.command.iter().map(|word| one_line(word)).collect();
    let mut text = format!("==> {} <==\n# cmd: {}\n", one_line(&history.time), command.join(" "));
    text.push_str(&format!("# conda version: {CONDA_VERSION}\n"));
    for record in &plan.remove {
        text.push_str(&format!("-{}\n", one_line(&distribution(&record.repodata_record))));
    }
    for package in &plan.install {
        text.push_str(&format!("+{}\n", one_line(&distribution(&package.record))));
    }
    for (name, specs) in [("update", &history.update_specs), ("remove", &history.remove_specs)] {
        if !specs.is_empty() {
            // A Python list of strings, as conda reads it; JSON's quoting is a subset of Python's.
            let specs: Vec<String> = specs.iter().map(|spec| redact(spec)).collect();
            text.push_str(&format!("# {name} specs: {}\n", serde_json::json!(specs)));
        }
    }
    text
}

/// `https://conda.anaconda.org/conda-forge/linux-64::zlib-1.3-h0_0`.
fn distribution(record: &RepoDataRecord) -> String {
    let url = record.url.as_str();
    let folder = url.rsplit_once('/').map_or(url, |(folder, _)| folder);
    format!("{folder}::{}", dist(record))
}

/// `NAME-VERSION-BUILD`.
pub(crate) fn dist(record: &RepoDataRecord) -> String {
    let record = &record.package_record;
    format!("{}-{}-{}", record.name.as_normalized(), record.version, record.build.as_str())
}

/// What a history's specs come to, by package name: later ones replace earlier ones, removed ones go.
pub(crate) fn requested(text: &str) -> BTreeMap<String, String> {
    let mut requested = BTreeMap::new();
    for line in text.lines() {
        let Some((action, specs)) = action(line) else { continue };
        for spec in specs {
            let Some(name) = name(&spec) else { continue };
            match action {
                "remove" | "uninstall" => requested.remove(&name),
                _ => requested.insert(name, spec),
            };
        }
    }
    requested
}

/// Splits `# update specs: ["a", 'b']`.
fn action(line: &str) -> Option<(&str, Vec<String>)> {
    let (action, specs) = line.strip_prefix('#')?.split_once("specs:")?;
    let action = action.trim();
    let known = ["update", "install", "create", "remove", "uninstall", "neutered"];
    known.contains(&action).then(|| (action, list(specs.trim())))
}

/// A Python list of strings, or, in old histories, words with commas between them.
fn list(text: &str) -> Vec<String> {
    let Some(inner) = text.strip_prefix('[') else {
        return commas(text);
    };
    let mut specs = Vec::new();
    let mut chars = inner.chars();
    while let Some(quote) = chars.by_ref().find(|c| matches!(c, '\'' | '"' | ']')) {
        if quote == ']' {
            break;
        }
        let mut spec = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => spec.extend(chars.next()),
                c if c == quote => break,
                c => spec.push(c),
            }
        }
        specs.push(spec);
    }
    specs
}

/// `numpy >=1.8,<2, python` are two specs: a part that begins with a comparison belongs to the one before it.
fn commas(text: &str) -> Vec<String> {
    let mut specs: Vec<String> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match specs.last_mut() {
            Some(last) if part.starts_with(['<', '>', '=', '!', '~']) => {
                last.push(',');
                last.push_str(part);
            }
            _ => specs.push(part.to_owned()),
        }
    }
    specs
}

/// The package that a spec names; a URL names it by its file.
fn name(spec: &str) -> Option<String> {
    let spec = spec.trim();
    let spec = spec.rsplit_once("::").map_or(spec, |(_channel, spec)| spec);
    if spec.contains("://") || spec.ends_with(".conda") || spec.ends_with(".tar.bz2") {
        let spec = spec.split('#').next().unwrap_or_default();
        let file = spec.rsplit('/').next()?;
        return file.rsplitn(3, '-').nth(2).map(str::to_lowercase);
    }
    let name = spec.split([' ', '=', '<', '>', '!', '~', '[', '@']).next()?.trim();
    (!name.is_empty()).then(|| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Section 6 of the micromamba reference, and what conda itself writes.
    #[test]
    fn specs_of_conda_mamba_and_micromamba_are_understood() {
        let history = r#"==> 2019-01-01 10:00:00 <==
# cmd: conda create -n x python
# conda version: 4.3.0
+defaults::python-3.6-0
# create specs: python 3.6*, numpy >=1.8,<2
==> 2024-01-01 10:00:00 <==
# cmd: conda install
# update specs: ['conda-forge::Scipy[version=">=1"]', "pandas"]
# neutered specs: ['numpy']
==> 2025-01-01 10:00:00 <==
# cmd: micromamba install
# install specs: ["https://host.example/c/noarch/rich-13.0-pyhd8_0.conda#md5", "zlib=1"]
# remove specs: ["pandas"]
# nothing specs: ["unknown"]
"#;
        let lines: Vec<_> =
            requested(history).into_iter().map(|(name, spec)| format!("{name}: {spec}")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        numpy: numpy
        python: python 3.6*
        rich: https://host.example/c/noarch/rich-13.0-pyhd8_0.conda#md5
        scipy: conda-forge::Scipy[version=">=1"]
        zlib: zlib=1
        "#);
    }

    #[test]
    fn a_broken_list_is_read_as_far_as_it_goes() {
        assert_eq!(list("['a', \"b"), ["a", "b"]);
        assert_eq!(list("["), Vec::<String>::new());
        assert_eq!(list(r"['it\'s']"), ["it's"]);
    }
}
