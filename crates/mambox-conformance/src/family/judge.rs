//! What is wrong with what was seen.

use std::collections::BTreeMap;

use super::check::{Expect, Ought};
use super::facts::Facts;
use super::probe::{SCRIPTED, VARIABLE};
use crate::apptainer::ApptainerCheck;
use crate::command::Ended;
use crate::expectation::{Expectation, Value};
use crate::reading::Reading;

/// How much of an output a fault repeats, in characters.
const MOST: usize = 300;

/// Every expectation that is not met, in a sentence.
pub(super) fn faults(expects: &[Expect], facts: &Facts, ended: &Ended) -> Vec<String> {
    let status = expects.iter().find_map(|expect| match expect {
        Expect::Exits(status) => Some(*status),
        _ => None,
    });
    let wanted = status.unwrap_or(0);
    if ended.status.code() != Some(wanted) {
        let said = shortened(&format!("{}{}", ended.out, ended.err));
        return vec![format!("it ended with {}, not {wanted}: {said}", ended.status)];
    }
    expects.iter().flat_map(|expect| unmet(expect, facts, ended)).collect()
}

fn unmet(expect: &Expect, facts: &Facts, ended: &Ended) -> Vec<String> {
    let reading = || Reading::new(&ended.out);
    let out = || shortened(&ended.out);
    let unless = |good: bool, fault: String| if good { Vec::new() } else { vec![fault] };
    match *expect {
        Expect::Active(name) => active(facts, name, &reading()),
        Expect::NotActive => not_active(facts, &reading()),
        Expect::Sets(name, value) => {
            let (value, reading) = (facts.text(value), reading());
            let seen = reading.value(name);
            unless(reading.holds(name, &value), format!("{name} is {seen:?}, not {value:?}"))
        }
        Expect::SetsNot(name, value) => {
            let value = facts.text(value);
            unless(!reading().holds(name, &value), format!("{name} is {value:?}"))
        }
        Expect::Exits(_) => Vec::new(),
        Expect::Prints(text) => {
            let text = facts.text(text);
            unless(ended.out.contains(&text), format!("{text:?} is not in its output: {}", out()))
        }
        Expect::PrintsOnly(text) => {
            let text = facts.text(text);
            unless(ended.out.trim_end() == text, format!("it printed other than {text:?}: {}", out()))
        }
        Expect::PrintsVersion => {
            unless(is_version(ended.out.trim()), format!("it printed no version: {}", out()))
        }
        Expect::Complains(text) => {
            let (text, said) = (facts.text(text), shortened(&ended.err));
            unless(ended.err.contains(&text), format!("{text:?} is not in its errors: {said}"))
        }
        Expect::Prompts(text) => {
            let prompted = ended.err.lines().any(|line| line.starts_with(text));
            unless(prompted, format!("no prompt begins with {text:?}: {}", shortened(&ended.err)))
        }
    }
}

/// What is missing where an environment of the probe must be active.
pub(super) fn active(facts: &Facts, name: &str, reading: &Reading) -> Vec<String> {
    environment(facts, name).missing_in(reading)
}

/// What is left where none of the probe's must be active.
pub(super) fn not_active(facts: &Facts, reading: &Reading) -> Vec<String> {
    let mut left = environment(facts, "base").left_in(reading);
    left.extend(environment(facts, "env2").left_in(reading));
    left.dedup();
    left
}

/// What is wrong where Apptainer has entered.
pub(super) fn entered(facts: &Facts, check: &ApptainerCheck, reading: &Reading) -> Vec<String> {
    let mut wrong = check.faults(&environment(facts, check.active.unwrap_or("base")), reading);
    if check.active.is_none() {
        wrong.extend(not_active(facts, reading));
        wrong.sort();
        wrong.dedup();
    }
    wrong
}

fn environment(facts: &Facts, name: &str) -> Expectation {
    let prefix = match name {
        "base" => facts.prefix().to_owned(),
        _ => format!("{}/envs/{name}", facts.prefix()),
    };
    let set = BTreeMap::from([
        ("CONDA_PREFIX", prefix.clone()),
        ("CONDA_SHLVL", "1".to_owned()),
        ("CONDA_DEFAULT_ENV", name.to_owned()),
        ("CONDA_PROMPT_MODIFIER", format!("({name}) ")),
        (VARIABLE, format!("of {name}")),
        (SCRIPTED, format!("{prefix}/share")),
    ]);
    let set = set.into_iter().map(|(name, value)| (name.to_owned(), Value::Is(value))).collect();
    Expectation { path_first: vec![format!("{prefix}/bin")], set, ..Expectation::default() }
}

/// What is wrong with a variable of the configuration.
pub(super) fn variable(facts: &Facts, name: &str, ought: Ought) -> Vec<String> {
    let value = facts.variable(name);
    let (good, wanted) = match ought {
        Ought::Is(wanted) => (value == Some(wanted), format!("{wanted:?}")),
        Ought::Set => (value.is_some_and(|value| !value.is_empty()), "a value".to_owned()),
        Ought::Number => (value.is_some_and(|value| value.parse::<u32>().is_ok()), "a number".to_owned()),
        // An empty value of the other counts as none.
        Ought::Same(other) => {
            let wanted = facts.variable(other).filter(|value| !value.is_empty());
            (value == wanted, wanted.map_or("unset".to_owned(), |wanted| format!("{wanted:?}")))
        }
    };
    if good { Vec::new() } else { vec![format!("{name} is {}, not {wanted}", shown(value))] }
}

fn shown(value: Option<&str>) -> String {
    value.map_or("unset".to_owned(), |value| format!("{value:?}"))
}

/// Digits, a point, digits, and what a version may have behind.
fn is_version(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let minor = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    rest.len() < text.len() && minor && !text.contains(char::is_whitespace)
}

/// The end of a text, in one line.
fn shortened(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let skip = words.chars().count().saturating_sub(MOST);
    let dots = if skip > 0 { "… " } else { "" };
    format!("{dots}{}", words.chars().skip(skip).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use serde_json::json;

    use super::*;

    fn ended(status: i32, out: &str, err: &str) -> Ended {
        let status = ExitStatus::from_raw(status << 8);
        Ended { command: "docker".into(), status, out: out.into(), err: err.into() }
    }

    fn told(expects: &[Expect], ended: &Ended) -> String {
        faults(expects, &Facts::example(json!({ "Env": ["MAMBA_USER=kai", "CUDA_VERSION=12.4"] })), ended)
            .join("\n")
    }

    #[test]
    fn every_expectation_can_fail_and_says_how() {
        let expects = [
            Expect::Active("env2"),
            Expect::NotActive,
            Expect::Sets("USER", "{user}"),
            Expect::SetsNot("LEFT", "{user}"),
            Expect::Prints("Transaction finished"),
            Expect::PrintsOnly(""),
            Expect::PrintsVersion,
            Expect::Complains("{user}"),
            Expect::Prompts("(base) "),
        ];
        let seen = ended(0, "PATH=/opt/conda/bin\nUSER=root\nLEFT=kai\nCONDA_SHLVL=1", "bash-5.2$ (base) \n");
        insta::assert_snapshot!(told(&expects, &seen), @r#"
        PATH is /opt/conda/bin, not /opt/conda/envs/env2/bin:…:
        CONDA_DEFAULT_ENV is None, not Is("env2")
        CONDA_PREFIX is None, not Is("/opt/conda/envs/env2")
        CONDA_PROMPT_MODIFIER is None, not Is("(env2) ")
        PROBE_SCRIPT is None, not Is("/opt/conda/envs/env2/share")
        PROBE_VARIABLE is None, not Is("of env2")
        PATH holds /opt/conda/bin
        CONDA_SHLVL is set
        USER is Some("root"), not "kai"
        LEFT is "kai"
        "Transaction finished" is not in its output: PATH=/opt/conda/bin USER=root LEFT=kai CONDA_SHLVL=1
        it printed other than "": PATH=/opt/conda/bin USER=root LEFT=kai CONDA_SHLVL=1
        it printed no version: PATH=/opt/conda/bin USER=root LEFT=kai CONDA_SHLVL=1
        "kai" is not in its errors: bash-5.2$ (base)
        no prompt begins with "(base) ": bash-5.2$ (base)
        "#);
        insta::assert_snapshot!(told(&[Expect::Exits(1), Expect::Prints("x")], &ended(125, "a\nb", "c")), @"it ended with exit status: 125, not 1: a bc");
    }

    #[test]
    fn what_is_as_expected_is_no_fault() {
        let expects =
            [Expect::Exits(3), Expect::Prompts("(base) "), Expect::PrintsVersion, Expect::Complains("kai")];
        assert_eq!(told(&expects, &ended(3, "2.6.1\n", "no kai\n(base) root# exit\n")), "");
    }

    #[test]
    fn variables_of_the_configuration() {
        let facts = Facts::example(json!({ "Env": ["A=1", "EMPTY=", "CUDA_VERSION=12.4", "WRONG="] }));
        let told = |name: &str, ought: Ought| variable(&facts, name, ought).concat();
        assert_eq!(told("A", Ought::Is("1")) + &told("A", Ought::Number) + &told("A", Ought::Set), "");
        assert_eq!(told("CUDA", Ought::Same("NONE")) + &told("CUDA", Ought::Same("EMPTY")), "");
        assert_eq!(told("A", Ought::Is("2")), r#"A is "1", not "2""#);
        assert_eq!(told("EMPTY", Ought::Set), r#"EMPTY is "", not a value"#);
        assert_eq!(told("NONE", Ought::Number), "NONE is unset, not a number");
        assert_eq!(told("WRONG", Ought::Same("NONE")), r#"WRONG is "", not unset"#);
        assert_eq!(told("NONE", Ought::Same("CUDA_VERSION")), r#"NONE is unset, not "12.4""#);
    }

    #[test]
    fn versions() {
        assert!(is_version("2.6.1") && is_version("0.1.0-dev"));
        assert!(!is_version("micromamba 2.6") && !is_version("2") && !is_version("") && !is_version(".1"));
    }
}
