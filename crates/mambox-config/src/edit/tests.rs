//! Each change on small files, and what must hold for any.

use proptest::prelude::*;

use super::Change::{Append, Prepend, Remove, RemoveKey, Set};
use super::*;

fn edited(text: &str, change: Change<'_>) -> String {
    edit_text(text, &[change]).unwrap()
}

fn refused(text: &str, change: Change<'_>) -> String {
    edit_text(text, &[change]).unwrap_err().to_string()
}

/// A file as people have them.
const FILE: &str = "\
# of the lab
channels:
  # ours goes first
  - lab  # https://lab.example
  - conda-forge

# do not ask
always_yes: true  # in CI
unknown_key: {a: [1, 2]}
";

#[test]
fn comments_and_other_keys_survive() {
    insta::assert_snapshot!(edited(FILE, Append("channels", "bioconda")), @r##"
    # of the lab
    channels:
      # ours goes first
      - lab  # https://lab.example
      - conda-forge
      - bioconda

    # do not ask
    always_yes: true  # in CI
    unknown_key: {a: [1, 2]}
    "##);
    insta::assert_snapshot!(edited(FILE, Prepend("channels", "conda-forge")), @r##"
    # of the lab
    channels:
      - conda-forge
      # ours goes first
      - lab  # https://lab.example

    # do not ask
    always_yes: true  # in CI
    unknown_key: {a: [1, 2]}
    "##);
    insta::assert_snapshot!(edited(FILE, Remove("channels", "conda-forge")), @r##"
    # of the lab
    channels:
      # ours goes first
      - lab  # https://lab.example

    # do not ask
    always_yes: true  # in CI
    unknown_key: {a: [1, 2]}
    "##);
    insta::assert_snapshot!(edited(FILE, Set("always_yes", "no")), @r##"
    # of the lab
    channels:
      # ours goes first
      - lab  # https://lab.example
      - conda-forge

    # do not ask
    always_yes: false  # in CI
    unknown_key: {a: [1, 2]}
    "##);
    insta::assert_snapshot!(edited(FILE, Set("custom_channels.lab", "https://lab.example")), @r##"
    # of the lab
    channels:
      # ours goes first
      - lab  # https://lab.example
      - conda-forge

    # do not ask
    always_yes: true  # in CI
    unknown_key: {a: [1, 2]}
    custom_channels:
      lab: https://lab.example
    "##);
    insta::assert_snapshot!(edited(FILE, RemoveKey("channels")), @r##"
    # of the lab

    # do not ask
    always_yes: true  # in CI
    unknown_key: {a: [1, 2]}
    "##);
}

/// Section 4, "config": append and prepend create what is missing and move duplicates.
#[test]
fn lists() {
    assert_eq!(edited("", Append("channels", "a")), "channels:\n  - a\n");
    assert_eq!(edited("channels:\n  - foo", Append("channels", "a,b")), "channels:\n  - foo\n  - a\n  - b\n");
    assert_eq!(
        edited("channels:\n  - foo", Prepend("channels", "a,b")),
        "channels:\n  - a\n  - b\n  - foo\n"
    );
    assert_eq!(edited("channels: [a, b]\n", Append("channels", "a")), "channels:\n  - b\n  - a\n");
    assert_eq!(edited("channels: a\n", Append("channels", "b")), "channels:\n  - a\n  - b\n");
    assert_eq!(
        edited("channels:\n- a\noffline: true", Append("channels", "b")),
        "channels:\n- a\n- b\noffline: true"
    );
    assert_eq!(edited("channels:\n  - 2024\n", Append("channels", "b")), "channels:\n  - 2024\n  - b\n");
    assert_eq!(edited("channels: [a]\noffline: true\n", Remove("channels", "a")), "offline: true\n");
    assert_eq!(edited("offline: true", Append("channels", "a")), "offline: true\nchannels:\n  - a\n");
    assert_eq!(refused("channels: [a]", Remove("channels", "b")), "Key is not present in file");
    assert_eq!(refused("", Append("json", "true")), "Key 'json' is not a list: use 'config set'");
    assert_eq!(
        edited("", Append("mirrored_channels.conda-forge", "https://a,https://b")),
        "mirrored_channels:\n  conda-forge:\n    - https://a\n    - https://b\n"
    );
}

#[test]
fn single_values_and_maps() {
    for (key, value, line) in [
        ("json", "TRUE", "json: true\n"),
        ("extract_threads", "1", "extract_threads: 1\n"),
        ("channel_priority", "strict", "channel_priority: strict\n"),
        ("ssl_verify", "false", "ssl_verify: false\n"),
        ("ssl_verify", "<false>", "ssl_verify: <false>\n"),
        ("env_prompt", "{name} #", "env_prompt: \"{name} #\"\n"),
        ("channels", "a,b", "channels:\n  - a\n  - b\n"),
        ("proxy_servers.https", "http://p:1", "proxy_servers:\n  https: http://p:1\n"),
    ] {
        assert_eq!(edited("", Set(key, value)), line);
    }
    let two = edited("custom_channels: {a: https://a}\n", Set("custom_channels.b", "https://b"));
    assert_eq!(two, "custom_channels:\n  a: https://a\n  b: https://b\n");
    assert_eq!(edited(&two, RemoveKey("custom_channels.a")), "custom_channels:\n  b: https://b\n");
    assert_eq!(edited("{json: true, other: 1}", Set("json", "false")), "json: false\nother: 1\n");
    assert_eq!(edited("x: 1\r\njson: true\r\n", Set("json", "false")), "x: 1\r\njson: false\n");
}

/// Section 4, "config": invalid keys; nothing is changed by halves.
#[test]
fn refusals() {
    assert_eq!(refused("", Set("$%#@abc", "1")), "Key is invalid or more than one key was received");
    assert!(matches!(edit_text("", &[Append("@#A321", "1")]), Err(Refusal::InvalidKey { .. })));
    assert!(
        matches!(edit_text("", &[Set("no_pin", "true")]), Err(Refusal::InvalidKey { .. })),
        "not for files"
    );
    assert!(matches!(edit_text("", &[Set("json.x", "true")]), Err(Refusal::InvalidKey { .. })));
    assert_eq!(refused("", Set("offline", "maybe")), "Value of 'offline' is invalid: expected true or false");
    assert_eq!(refused("a: 1", RemoveKey("b")), "Key is not present in file");
    assert!(edit_text("", &[Append("channels", "a"), Append("json", "b")]).is_err());
    assert!(matches!(edit_text("a: [", &[Set("json", "true")]), Err(Refusal::NotYaml { .. })));
    assert!(matches!(edit_text("- a", &[Set("json", "true")]), Err(Refusal::NotYaml { .. })));
}

#[test]
fn getting() {
    assert_eq!(get("channels: [a, b]", Some("channels")).unwrap(), "channels:\n  - a\n  - b\n");
    assert_eq!(get("json: true", Some("json")).unwrap(), "json: true\n");
    assert_eq!(get("custom_channels: {a: x}", Some("custom_channels.a")).unwrap(), "custom_channels.a: x\n");
    assert_eq!(
        get("json: true\nlocal_repodata_ttl: 2", None).unwrap(),
        "json: true\nlocal_repodata_ttl: 2\n"
    );
    assert_eq!(get("json: ~", Some("json")), Err(Refusal::Absent));
    assert_eq!(get("", Some("channels")), Err(Refusal::Absent));
}

/// Lines of files, in any order: comments, known and unknown keys in several styles.
fn files() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# comment\n",
        "\n",
        "always_copy: true  # why\n",
        "channels: [a, b]\n",
        "channels:\n  - a\n  # c\n  - b  # d\n",
        "channels:\n- a\n",
        "unknown:\n  deep:\n    - x: |\n        text\n",
        "custom_channels: {x: y}\n",
        "'json': true\n",
        "quiet: &q true\n",
        "always_yes: *q\n",
        "---\n",
    ]);
    prop::collection::vec(line, 0..7).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn an_edit_gives_the_value_and_keeps_the_rest(text in files(), item in "[a-z#: -]{1,6}", at in 0..4usize) {
        let item = item.trim_matches([' ', ':', ',']).to_owned();
        prop_assume!(!item.is_empty());
        let Ok(before) = parse(&text) else { return Ok(()) };
        let (key, change) = [
            ("channels", Append("channels", &item)),
            ("channels", Prepend("channels", &item)),
            ("env_prompt", Set("env_prompt", &item)),
            ("json", Set("json", "false")),
        ][at].clone();
        let after = edit_text(&text, &[change]).unwrap();
        let after = parse(&after).unwrap();
        for (name, value) in before.iter().filter(|(name, _)| name.as_str() != Some(key)) {
            prop_assert_eq!(after.get(name), Some(value));
        }
        let value = from_yaml(find(key).unwrap(), &after[key], &|text| text.to_owned()).unwrap();
        match at {
            0 => prop_assert_eq!(value.as_list().last(), Some(&item)),
            1 => prop_assert_eq!(value.as_list().first(), Some(&item)),
            2 => prop_assert_eq!(value.as_text(), Some(item.as_str())),
            _ => prop_assert_eq!(value.as_bool(), Some(false)),
        }
    }

    #[test]
    fn removing_what_was_set_gives_the_file_back(text in files()) {
        // Some mixtures are no YAML, such as a key twice.
        if parse(&text).is_err() {
            return Ok(());
        }
        let set = edit_text(&text, &[Set("env_prompt", "x")]).unwrap();
        prop_assert_eq!(edit_text(&set, &[RemoveKey("env_prompt")]).unwrap(), text);
    }

    #[test]
    fn no_file_makes_it_panic(text in "([a-z]{1,8}:|[\\[\\]{}&*!|>'\"%@`#,-]|channels: |\n| |[0-9]|\\PC){0,20}") {
        for change in [Append("channels", "x"), Set("channels", "x"), RemoveKey("channels")] {
            if let Ok(after) = edit_text(&text, &[change]) {
                prop_assert!(parse(&after).is_ok());
            }
        }
    }
}
