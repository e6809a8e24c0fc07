//! The shapes of `config list` and its relatives; they are those that micromamba's users parse.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::Inputs;
use crate::files::memory::Memory;

fn config(rc: &str, variables: &[(&str, &str)], option: Option<(&'static str, Value)>) -> Config {
    let environment: BTreeMap<_, _> =
        variables.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let files = Memory::new([
        ("/home/me/.condarc", rc),
        ("/etc/conda/.condarc", "always_yes: true"),
        ("/home/me/.mambarc", "a: ["),
    ]);
    let inputs = Inputs {
        cli: option.into_iter().collect(),
        environment: &environment,
        home: Some("/home/me".into()),
        root_prefix: Some("/opt/conda".into()),
        target_prefix: None,
        rc_files: Vec::new(),
        no_rc: rc == "no",
        no_env: false,
        cwd: Path::new("/here"),
        files: &files,
    };
    Config::load(&inputs).unwrap().config
}

const LIST: ListOptions = ListOptions::LIST;
const WITH_SOURCES: ListOptions = ListOptions { sources: true, ..LIST };

#[test]
fn what_is_set_is_listed() {
    let rc = "channels: [a, 'b: c']\ncustom_channels: {x: https://x}\nmirrored_channels: {m: [u, v]}\noffline: false\n";
    let config = config(rc, &[("CONDA_CHANNELS", "v"), ("MAMBA_OFFLINE", "true")], None);
    insta::assert_snapshot!(list(&config, &[], LIST), @r##"
    channels:
      - v
      - a
      - "b: c"
    custom_channels:
      x: https://x
    mirrored_channels:
      m:
        - u
        - v
    offline: true
    always_yes: true
    "##);
    insta::assert_snapshot!(list(&config, &[], WITH_SOURCES), @r##"
    channels:
      - v  # 'CONDA_CHANNELS'
      - a  # '~/.condarc'
      - "b: c"  # '~/.condarc'
    custom_channels:
      x: https://x  # '~/.condarc'
    mirrored_channels:
      m:
        - u  # '~/.condarc'
        - v  # '~/.condarc'
    offline: true  # 'MAMBA_OFFLINE' > '~/.condarc'
    always_yes: true  # '/etc/conda/.condarc'
    "##);
    insta::assert_snapshot!(list(&config, &["offline", "json"], LIST), @r##"
    offline: true
    json: false
    "##);
    insta::assert_snapshot!(list_json(&config, &["channels", "offline"], LIST), @r##"{"channels":["v","a","b: c"],"offline":true}"##);
    insta::assert_snapshot!(list_json(&config, &["channels", "offline"], WITH_SOURCES), @r##"{"channels":{"source":["CONDA_CHANNELS","~/.condarc","~/.condarc"],"value":["v","a","b: c"]},"offline":{"source":["MAMBA_OFFLINE","~/.condarc"],"value":true}}"##);
}

/// What conda-lock asks (section 1): `config --json list pkgs_dirs`.
#[test]
fn a_key_as_json() {
    let config = config("pkgs_dirs: [/p]", &[], None);
    insta::assert_snapshot!(list_json(&config, &["pkgs_dirs"], LIST), @r##"{"pkgs_dirs":["/p"]}"##);
    let unset = self::config("no", &[], None);
    insta::assert_snapshot!(list_json(&unset, &["pkgs_dirs"], LIST), @r##"{"pkgs_dirs":["/opt/conda/pkgs","/home/me/.mamba/pkgs"]}"##);
    insta::assert_snapshot!(list(&unset, &["envs_dirs"], WITH_SOURCES), @r##"
    envs_dirs:
      - /opt/conda/envs  # 'default'
    "##);
}

/// Section 3, "Precedence", as `-s` shows it.
#[test]
fn sources_of_one_value() {
    let of = |config: &Config| list(config, &["offline"], WITH_SOURCES);
    let option = || Some(("offline", Value::Bool(true)));
    assert_eq!(of(&config("no", &[], None)), "offline: false  # 'default'\n");
    assert_eq!(of(&config("no", &[("MAMBA_OFFLINE", "true")], None)), "offline: true  # 'MAMBA_OFFLINE'\n");
    assert_eq!(
        of(&config("offline: true", &[("MAMBA_OFFLINE", "false")], option())),
        "offline: true  # 'CLI' > 'MAMBA_OFFLINE' > '~/.condarc'\n"
    );
    assert_eq!(list(&config("no", &[], None), &["channels"], WITH_SOURCES), "channels: ~  # 'default'\n");
}

#[test]
fn descriptions_and_groups() {
    let config = config("channels: [a, b]\nchannel_alias: https://x", &[], None);
    let described = ListOptions { descriptions: true, ..LIST };
    insta::assert_snapshot!(list(&config, &[], described), @r##"
    # channels
    #   Channels to take packages from
    channels:
      - a
      - b

    # channel_alias
    #   The address that a channel's name is appended to
    channel_alias: https://x

    # always_yes
    #   Answer every question with yes
    always_yes: true
    "##);
    let grouped = ListOptions { long_descriptions: true, groups: true, ..LIST };
    insta::assert_snapshot!(list(&config, &["channels"], grouped), @r##"
    # ######################################################
    # #               Channels Configuration               #
    # ######################################################

    # channels
    #   Names, URLs or folders of channels, the most preferred first. What 'channel_priority' says decides between them.
    channels:
      - a
      - b
    "##);
    insta::assert_snapshot!(list_json(&config, &["channels"], grouped), @r##"{"ChannelsConfiguration":{"channels":{"long_description":"Names, URLs or folders of channels, the most preferred first. What 'channel_priority' says decides between them.","value":["a","b"]}}}"##);
    insta::assert_snapshot!(list(&config, &["channels", "offline"], ListOptions::DESCRIBE), @r##"
    # channels
    #   Channels to take packages from

    # offline
    #   Use only what the caches hold
    "##);
}

#[test]
fn files_in_order() {
    insta::assert_snapshot!(sources(&config("", &[], None)), @r##"
    Configuration files (by precedence order):
    ~/.mambarc (invalid)
    ~/.condarc
    /etc/conda/.condarc
    "##);
    assert_eq!(sources(&config("no", &[], None)), "Configuration files disabled by --no-rc flag\n");
}

#[test]
fn all_keys_are_dumped_and_the_dump_is_yaml() {
    let config = config("channels: [a]", &[], None);
    let dump: serde_yaml::Mapping = serde_yaml::from_str(&list(&config, &[], ListOptions::DUMP)).unwrap();
    assert_eq!(dump.len(), KEYS.len());
    let defaults = ListOptions { defaults: true, ..LIST };
    let listed: serde_yaml::Mapping = serde_yaml::from_str(&list(&config, &[], defaults)).unwrap();
    assert_eq!(listed.len(), KEYS.iter().filter(|key| key.rc).count());
    assert_eq!(list_json(&config, &[], ListOptions::CONTEXT).as_object().unwrap().len(), KEYS.len());
}
