//! Configuration files of conda and mamba.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use mambox_env::{ChannelPriority, CondaRc, CondaRcFile, SslVerify};
use proptest::prelude::*;

fn read(text: &str) -> CondaRcFile {
    let variables = |name: &str| (name == "TOKEN").then(|| "tk-1".to_owned());
    CondaRc::from_yaml(text, ".condarc", &variables)
}

#[test]
fn the_keys_that_matter() {
    let file = read(
        "
channels: [conda-forge, 'https://host/t/${TOKEN}/chan', conda-forge, '${UNSET}/x']
default_channels: https://host/main
channel_alias: https://mirror.example
channel_priority: strict
custom_channels: {internal: 'https://host/conda'}
custom_multichannels: {both: [a, b]}
mirrored_channels: {conda-forge: ['https://one', 'oci://two']}
ssl_verify: /etc/ssl/own.pem
proxy_servers: {https: 'http://proxy:3128'}
offline: yes
remote_max_retries: 5
override_channels_enabled: false
changeps1: false
channels_file_of_the_future: [{}]
",
    );
    assert_eq!(file.warnings, Vec::<String>::new());
    let rc = file.rc;
    assert_eq!(rc.channels, ["conda-forge", "https://host/t/tk-1/chan", "${UNSET}/x"]);
    assert_eq!(rc.default_channels, ["https://host/main"]);
    assert_eq!(rc.channel_alias.as_deref(), Some("https://mirror.example"));
    assert_eq!(rc.channel_priority, Some(ChannelPriority::Strict));
    assert_eq!(rc.custom_channels["internal"], "https://host/conda");
    assert_eq!(rc.custom_multichannels["both"], ["a", "b"]);
    assert_eq!(rc.mirrored_channels["conda-forge"], ["https://one", "oci://two"]);
    assert_eq!(rc.ssl_verify, Some(SslVerify::Bundle("/etc/ssl/own.pem".to_owned())));
    assert_eq!(rc.proxy_servers["https"], "http://proxy:3128");
    assert_eq!(rc.offline, Some(true));
    assert_eq!(rc.remote_max_retries, Some(5));
    assert_eq!(rc.override_channels_enabled, Some(false));
}

#[test]
fn truth_in_every_spelling() {
    for (text, verify) in [
        ("true", SslVerify::Usual),
        ("False", SslVerify::Off),
        ("no", SslVerify::Off),
        ("0", SslVerify::Off),
        ("'1'", SslVerify::Usual),
        ("<false>", SslVerify::Off),
        ("<system>", SslVerify::System),
        ("truststore", SslVerify::System),
    ] {
        assert_eq!(read(&format!("ssl_verify: {text}")).rc.ssl_verify, Some(verify), "{text}");
    }
    let priority = |text| read(&format!("channel_priority: {text}")).rc.channel_priority;
    assert_eq!(priority("true"), Some(ChannelPriority::Flexible));
    assert_eq!(priority("false"), Some(ChannelPriority::Disabled));
    assert_eq!(priority("disabled"), Some(ChannelPriority::Disabled));
}

#[test]
fn what_cannot_be_read_is_a_warning_and_the_rest_counts() {
    let file = read("channels: {a: b}\noffline: perhaps\nchannel_alias: https://x\nremote_max_retries: -1\n");
    insta::assert_snapshot!(file.warnings.join("\n"), @r#"
.condarc:1: channels: expected a list of text, ignored
.condarc:2: offline: expected true or false, ignored
.condarc:4: remote_max_retries: expected a whole number, ignored
"#);
    assert_eq!(file.rc, CondaRc { channel_alias: Some("https://x".to_owned()), ..CondaRc::default() });
    let file = read("channels: [a\n");
    insta::assert_snapshot!(file.warnings.join("\n"), @".condarc: no valid YAML, not read: did not find expected ',' or ']' at line 2 column 1, while parsing a flow sequence at line 1 column 11");
    assert_eq!(read("- a\n").warnings, [".condarc: expected keys and values, not read"]);
    assert_eq!(read("# nothing\n"), CondaRcFile::default());
    assert_eq!(read("channels:\noffline: null\n"), CondaRcFile::default());
}

#[test]
fn a_file_of_higher_rank_wins() {
    let home = read("channels: [b, c]\nchannel_priority: flexible\ncustom_channels: {x: low, y: low}\n").rc;
    let project = read("channels: [a, b]\nchannel_priority: strict\ncustom_channels: {x: high}\n").rc;
    let merged = project.merge(home);
    assert_eq!(merged.channels, ["a", "b", "c"]);
    assert_eq!(merged.channel_priority, Some(ChannelPriority::Strict));
    assert_eq!(merged.custom_channels["x"], "high");
    assert_eq!(merged.custom_channels["y"], "low");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(key in "(channels|ssl_verify|custom_channels|offline|x)", value in "\\PC{0,40}") {
        let _ = read(&format!("{key}: {value}"));
    }

    #[test]
    fn merging_with_nothing_changes_nothing(
        channels in prop::collection::vec("[a-z]{1,3}", 0..5),
        offline in prop::option::of(any::<bool>()),
    ) {
        let mut text = format!("channels: [{}]\n", channels.join(", "));
        if let Some(offline) = offline {
            text.push_str(&format!("offline: {offline}\n"));
        }
        let rc = read(&text).rc;
        prop_assert_eq!(rc.clone().merge(CondaRc::default()), rc.clone());
        prop_assert_eq!(CondaRc::default().merge(rc.clone()), rc);
    }
}
