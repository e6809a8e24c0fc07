//! Deactivating takes back what activating did, to the letter.

use mambox_activate::{
    Activation, Captured, Environment, How, active_prefix, deactivate, prefix_below, switch,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Few names and values, so that the person's, the prefixes' and the scripts' clash.
fn variables() -> impl Strategy<Value = Environment> {
    prop::collection::btree_map("[A-D]", "[a-b]?", 0..4)
}

fn folders() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("/[fg]", 0..3)
}

fn prefix(name: &'static str) -> impl Strategy<Value = Activation> {
    let unset = prop::collection::btree_set("[A-F]", 0..3);
    (variables(), variables(), unset, folders(), folders()).prop_map(
        move |(own, variables, mut unset, path_first, path_last)| {
            unset.retain(|name| !variables.contains_key(name));
            let captured = Captured { variables, unset, path_first, path_last, dynamic: Default::default() };
            Activation::new(&format!("/c/envs/{name}"), name, [], &own).with_captured(&captured)
        },
    )
}

fn how() -> impl Strategy<Value = How> {
    prop::sample::select(vec![How::Stack, How::Replace])
}

/// A person's environment, which may have folders of prefixes and of scripts in its PATH already.
fn environment() -> impl Strategy<Value = Environment> {
    let folder =
        prop::sample::select(vec!["/usr/bin", "/bin", "", "/f", "/c/envs/one/bin", "/c/envs/three/bin"]);
    (variables(), prop::collection::vec(folder, 0..5)).prop_map(|(mut environment, folders)| {
        environment.insert(
            "PATH".into(),
            ["/usr/local/bin"].into_iter().chain(folders).collect::<Vec<_>>().join(":"),
        );
        environment.insert("CONDA_SHLVL".into(), "0".into());
        environment
    })
}

/// What a person does between two activations.
fn work(environment: &mut Environment, variables: &Environment, front: bool) {
    environment.extend(variables.clone());
    let path = environment["PATH"].clone();
    environment.insert("PATH".into(), if front { format!("/mine:{path}") } else { format!("{path}:/mine") });
}

proptest! {
    #![proptest_config(Config { cases: 1000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn three_activations_are_taken_back(
        start in environment(),
        prefixes in (prefix("one"), prefix("two"), prefix("three")),
        hows in prop::array::uniform3(how()),
        work_between in prop::array::uniform3((variables(), any::<bool>())),
    ) {
        let prefixes = <[Activation; 3]>::from(prefixes);
        let mut now = start;
        let mut steps = Vec::new();
        for (level, (target, how)) in prefixes.iter().zip(hows).enumerate() {
            let (variables, front) = &work_between[level];
            work(&mut now, variables, *front);
            let before = now.clone();
            now = switch(&now, target, how).apply(&now);
            steps.push((before, now.clone()));
            prop_assert_eq!(active_prefix(&now), Some((&*target.prefix, level as u32 + 1)));
            prop_assert!(target.variables.iter().all(|(name, value)| now.get(name) == Some(value)));
            prop_assert!(target.unset.iter().all(|name| !now.contains_key(name)));
            prop_assert!(switch(&now, target, how).is_empty());
        }
        for (level, (before, after)) in steps.iter().enumerate().rev() {
            let below = level.checked_sub(1).map(|below| &prefixes[below]);
            prop_assert_eq!(prefix_below(after), below.map(|below| &*below.prefix));
            prop_assert_eq!(&deactivate(after, &prefixes[level], below).apply(after), before);
        }
    }
}
