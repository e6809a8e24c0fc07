//! One row a key: every source that may set it does, and what is set has an effect.

use super::tests::{inputs, settings_of};
use super::*;
use crate::files::memory::Memory;

/// A text that the key's type allows and that is not its default.
fn sample(key: &Key) -> String {
    match key.default_value() {
        Value::Bool(truth) => (!truth).to_string(),
        Value::Int(number) => (number + 41).to_string(),
        Value::ListMap(_) => "{name: [https://sample]}".to_owned(),
        Value::Map(_) => "{https: https://sample}".to_owned(),
        Value::List(_) => "/sample".to_owned(),
        Value::Text(_) => match key.kind {
            Kind::Word(words) => words[0].to_owned(),
            Kind::Priority => "strict".to_owned(),
            _ => "/sample".to_owned(),
        },
    }
}

#[test]
fn every_source_sets_its_keys() {
    for key in KEYS {
        let text = sample(key);
        for variable in key.variables {
            let environment = [((*variable).to_owned(), text.clone())].into();
            let files = Memory::new([]);
            let loaded = Config::load(&inputs(&files, &environment)).unwrap();
            let found = loaded.config.get(key.name).unwrap();
            // With no_env no variable counts, also not that one.
            let expected = if key.name == "no_env" { Source::Default } else { Source::Env(variable) };
            assert_eq!(found.sources, [expected], "{variable} {:?}", loaded.warnings);
        }
        let environment = BTreeMap::new();
        let files = Memory::new([("/home/me/.condarc", &format!("{}: {text}", key.name))]);
        let loaded = Config::load(&inputs(&files, &environment)).unwrap();
        assert_eq!(
            loaded.config.get(key.name).unwrap().is_set(),
            key.rc,
            "{} {:?}",
            key.name,
            loaded.warnings
        );
    }
}

#[test]
fn every_key_has_its_effect_on_the_settings() {
    let without =
        ["ssl_no_revoke", "shortcuts", "verify_artifacts", "experimental", "override_rc_files", "no_rc"];
    let environment = BTreeMap::new();
    let files = Memory::new([]);
    let usual = settings_of(&Config::load(&inputs(&files, &environment)).unwrap().config, &environment);
    for key in KEYS {
        let mut inputs = inputs(&files, &environment);
        inputs.cli.insert(key.name, parse::from_text(key, &sample(key)).unwrap());
        let changed = settings_of(&Config::load(&inputs).unwrap().config, &environment);
        assert_eq!(changed == usual, without.contains(&key.name), "{}", key.name);
    }
}

/// Section 3, "Environment variables read": NO_RC and NO_ENV.
#[test]
fn variables_that_leave_sources_out() {
    let files = Memory::new([("/home/me/.condarc", "channels: [rc]")]);
    let channels = |name: &str, value: &str| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = [pair("CONDA_CHANNELS", "env"), pair(name, value)].into();
        let loaded = Config::load(&inputs(&files, &environment)).unwrap();
        loaded.config.get("channels").unwrap().value.as_list().join(" ")
    };
    assert_eq!(channels("MAMBA_NO_RC", "true"), "env");
    assert_eq!(channels("MAMBA_NO_RC", "0"), "env rc");
    assert_eq!(channels("MAMBA_NO_ENV", "1"), "rc");
}
