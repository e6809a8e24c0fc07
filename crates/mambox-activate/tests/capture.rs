//! The algebra of capturing: what was before, and what was captured, make what is after.

use std::collections::BTreeMap;

use mambox_activate::{Activation, Captured, Environment, Run, capture};
use proptest::prelude::*;
use proptest::test_runner::Config;

fn variables() -> impl Strategy<Value = Environment> {
    prop::collection::btree_map("[A-E]", "[a-c]{0,2}", 0..5)
}

fn folders() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["/f", "/g", "/h", "/i"], 0..4)
        .prop_shuffle()
        .prop_map(|folders| folders.into_iter().map(str::to_owned).collect())
}

fn captured_change() -> impl Strategy<Value = Captured> {
    let names = prop::collection::btree_set("[A-E]", 0..3);
    (variables(), names, folders(), folders()).prop_map(|(variables, mut unset, path_first, path_last)| {
        unset.retain(|name| !variables.contains_key(name));
        Captured { variables, unset, path_first, path_last, dynamic: Default::default() }
    })
}

fn apply(before: &Environment, captured: &Captured) -> Environment {
    let mut after = before.clone();
    after.retain(|name, _| !captured.unset.contains(name));
    after.extend(captured.variables.clone());
    let path = captured.path_first.iter().map(String::as_str).chain([before["PATH"].as_str()]);
    let path: Vec<&str> = path.chain(captured.path_last.iter().map(String::as_str)).collect();
    after.insert("PATH".into(), path.join(":"));
    after
}

/// What the runs are given to tell them apart, and what any shell keeps.
fn surroundings(run: &str) -> Environment {
    ["HOME", "USER", "LOGNAME", "HOSTNAME", "TZ", "SHLVL", "_", "BASH_VERSION"]
        .into_iter()
        .map(|name| (name.to_owned(), format!("{name} of {run}")))
        .collect()
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn before_and_captured_make_after(before in variables(), change in captured_change()) {
        let [first, second] = ["first", "second"].map(|name| {
            let mut before = before.clone();
            before.extend([("PATH".into(), "/usr/bin:/bin".into())]);
            before.extend(surroundings(name));
            let mut after = apply(&before, &change);
            after.extend([("_".to_owned(), name.to_owned()), ("OLDPWD".to_owned(), name.to_owned())]);
            Run { before, after }
        });
        let captured = capture(&first, &second);
        prop_assert!(captured.dynamic.is_empty());
        let mut expected = first.after.clone();
        expected.remove("OLDPWD");
        expected.insert("_".into(), first.before["_"].clone());
        prop_assert_eq!(apply(&first.before, &captured), expected);
    }

    #[test]
    fn what_differs_is_dynamic_and_nothing_else(
        before in variables(), after in variables(), after2 in variables(),
    ) {
        let run = |after: &Environment| Run { before: before.clone(), after: after.clone() };
        let captured = capture(&run(&after), &run(&after2));
        for name in ["A", "B", "C", "D", "E"] {
            let values = [before.get(name), after.get(name), after2.get(name)];
            prop_assert_eq!(captured.dynamic.contains(name), values[1] != values[2], "{}", name);
            let same = values[1] == values[2] && values[0] != values[1];
            prop_assert_eq!(captured.variables.get(name), values[1].filter(|_| same), "{}", name);
            prop_assert_eq!(captured.unset.contains(name), same && values[1].is_none(), "{}", name);
        }
    }

    /// The image's Env is what a shell has that activated the prefix and sourced its scripts.
    #[test]
    fn an_image_has_what_a_shell_would_have(own in variables(), change in captured_change()) {
        let plain = Activation::new("/opt/conda", "base", [], &own);
        let env = |activation: &Activation| activation.env(Some("/usr/bin:/bin")).into_iter().collect();
        let expected: BTreeMap<_, _> = apply(&env(&plain), &change);
        let mut image: BTreeMap<_, _> = env(&plain.with_captured(&change));
        // A shell may have a folder twice.
        let path = expected["PATH"].split(':').map(str::to_owned);
        let mut once: Vec<String> = Vec::new();
        path.for_each(|folder| if !once.contains(&folder) { once.push(folder) });
        prop_assert_eq!(image.insert("PATH".into(), expected["PATH"].clone()), Some(once.join(":")));
        prop_assert_eq!(image, expected);
    }
}
