//! Precedence, files and warnings, a row or two for each rule.

use proptest::prelude::*;

use super::*;
use crate::files::memory::Memory;
use crate::{ChannelPriority, LogLevel, Settings, SslVerify, Surroundings};

fn variables<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// A home, a root prefix and a target prefix; no option.
pub(super) fn inputs<'a>(files: &'a Memory, environment: &'a BTreeMap<String, String>) -> Inputs<'a> {
    Inputs {
        cli: BTreeMap::new(),
        environment,
        home: Some("/home/me".into()),
        root_prefix: Some("/opt/conda".into()),
        target_prefix: Some("/opt/conda/envs/x".into()),
        rc_files: Vec::new(),
        no_rc: false,
        no_env: false,
        cwd: Path::new("/here"),
        files,
    }
}

fn load(files: &Memory, environment: &BTreeMap<String, String>) -> Loaded {
    Config::load(&inputs(files, environment)).unwrap()
}

fn settings(files: &Memory, environment: &BTreeMap<String, String>) -> Settings {
    settings_of(&load(files, environment).config, environment)
}

pub(super) fn settings_of(config: &Config, environment: &BTreeMap<String, String>) -> Settings {
    let around = Surroundings { environment, home: Some(Path::new("/home/me")), cwd: Path::new("/here") };
    Settings::new(config, &around)
}

/// Section 3, "Precedence": CLI, environment, rc, default.
#[test]
fn of_single_values_the_strongest_counts() {
    let files =
        Memory::new([("/home/me/.condarc", "offline: true"), ("/opt/conda/.condarc", "offline: false")]);
    let environment = variables([("MAMBA_OFFLINE", "false")]);
    let mut inputs = inputs(&files, &environment);
    let offline = |inputs: &Inputs<'_>| Config::load(inputs).unwrap().config.get("offline").unwrap().clone();
    let names =
        |found: &Resolved| found.sources.iter().map(Source::to_string).collect::<Vec<_>>().join(" > ");

    let found = offline(&inputs);
    assert_eq!(found.value, Value::Bool(false));
    assert_eq!(names(&found), "MAMBA_OFFLINE > /home/me/.condarc > /opt/conda/.condarc");
    inputs.no_env = true;
    assert_eq!(offline(&inputs).value, Value::Bool(true));
    inputs.no_rc = true;
    assert_eq!(names(&offline(&inputs)), "default");
    inputs.cli.insert("offline", Value::Bool(true));
    inputs.no_env = false;
    assert_eq!(names(&offline(&inputs)), "CLI > MAMBA_OFFLINE");
    assert_eq!(offline(&inputs).value, Value::Bool(true));
}

/// Section 3, "Precedence": lists concatenate in the same order.
#[test]
fn lists_are_joined_and_maps_united() {
    let files = Memory::new([
        ("/home/me/.condarc", "channels: [home, both]\ncustom_channels: {a: https://home, b: https://home}"),
        (
            "/opt/conda/.condarc",
            "channels: [both, root]\ncustom_channels: {b: https://root, c: https://root}",
        ),
    ]);
    let environment = variables([("CONDA_CHANNELS", "variable,home")]);
    let mut inputs = inputs(&files, &environment);
    inputs.cli.insert("channels", Value::list(["option"]));
    let config = Config::load(&inputs).unwrap().config;
    let channels = config.get("channels").unwrap();
    assert_eq!(channels.value, Value::list(["option", "variable", "home", "both", "root"]));
    let parts: Vec<_> = channels.parts.iter().map(Source::to_string).collect();
    assert_eq!(
        parts,
        ["CLI", "CONDA_CHANNELS", "CONDA_CHANNELS", "/home/me/.condarc", "/opt/conda/.condarc"]
    );
    let custom = config.get("custom_channels").unwrap();
    insta::assert_snapshot!(custom.value.to_json(), @r##"{"a":"https://home","b":"https://home","c":"https://root"}"##);
    assert_eq!(custom.parts.len(), 3);
    assert_eq!(custom.parts[2], Source::File("/opt/conda/.condarc".into()));
}

/// Section 3, "rc files, low to high": each file goes before the next.
#[test]
fn files_by_strength() {
    let order = [
        "/opt/conda/envs/x/.mambarc",
        "/opt/conda/envs/x/.condarc",
        "/home/me/.mambarc",
        "/home/me/.mamba/mambarc",
        "/home/me/.config/mamba/mambarc",
        "/active/.condarc",
        "/home/me/.condarc",
        "/home/me/.conda/condarc.d/z.yml",
        "/home/me/.conda/condarc.d/a.yaml",
        "/home/me/.conda/.condarc",
        "/home/me/.config/conda/condarc",
        "/opt/conda/.mambarc",
        "/opt/conda/condarc",
        "/var/lib/conda/.condarc",
        "/etc/conda/.mambarc",
        "/etc/conda/condarc.d/x.yml",
        "/etc/conda/.condarc",
    ];
    let mut files =
        Memory::new([("/etc/conda/condarc.d/README", "channels: [no]"), ("/opt/conda/other", "")]);
    for (at, path) in order.iter().enumerate() {
        files.0.insert(path.into(), format!("channels: [c{at}]"));
    }
    let environment = variables([("CONDA_PREFIX", "/active")]);
    let loaded = load(&files, &environment);
    let read: Vec<_> = loaded.config.files().iter().map(|file| file.path.to_str().unwrap()).collect();
    assert_eq!(read, order);
    assert_eq!(
        loaded.config.get("channels").unwrap().value,
        Value::list((0..order.len()).map(|at| format!("c{at}")))
    );
    assert!(loaded.warnings.is_empty());
}

/// Section 3, "rc files": if CONDARC, MAMBARC or `--rc-file` is set, only those are read.
#[test]
fn named_files_replace_the_usual_ones() {
    let files = Memory::new([
        ("/home/me/.condarc", "channels: [usual]"),
        ("/one", "channels: [one]"),
        ("/home/me/two.yml", "channels: [two]"),
        ("/here/three", "channels: [three]"),
    ]);
    let channels = |environment: &BTreeMap<String, String>, rc_files: &[&str], no_env| {
        let mut inputs = inputs(&files, environment);
        inputs.rc_files = rc_files.iter().map(PathBuf::from).collect();
        inputs.no_env = no_env;
        Config::load(&inputs).map(|loaded| loaded.config.get("channels").unwrap().value.as_list().join(" "))
    };
    let both = variables([("CONDARC", "/one"), ("MAMBARC", "~/two.yml")]);
    assert_eq!(channels(&both, &[], false).unwrap(), "two one");
    assert_eq!(channels(&both, &["three", "/one"], false).unwrap(), "three one two");
    assert_eq!(channels(&both, &[], true).unwrap(), "usual");
    let kept = variables([("CONDARC", "/one"), ("MAMBA_OVERRIDE_RC_FILES", "false")]);
    assert_eq!(channels(&kept, &[], false).unwrap(), "one usual");
    let gone = variables([("CONDARC", "/gone")]);
    assert_eq!(channels(&gone, &[], false).unwrap(), "");
    insta::assert_snapshot!(channels(&gone, &["gone"], false).unwrap_err(), @"Configuration file specified but does not exist at '/here/gone'");
}

#[test]
fn what_contradicts_itself_is_an_error() {
    let files = Memory::new([]);
    let environment = variables([("CONDA_ENVS_DIRS", "/a"), ("CONDA_ENVS_PATH", "/b")]);
    let mut inputs = inputs(&files, &environment);
    assert!(matches!(Config::load(&inputs), Err(ConfigError::EnvsDirsTwice)));
    inputs.no_env = true;
    assert!(Config::load(&inputs).is_ok());
    inputs.no_rc = true;
    inputs.rc_files = vec!["/one".into()];
    assert!(matches!(Config::load(&inputs), Err(ConfigError::RcFilesDisabled)));
}

/// Section 3, "rc files": bad YAML is logged and skipped; unknown keys are ignored.
#[test]
fn what_is_wrong_is_passed_over_with_a_warning() {
    let files = Memory::new([
        ("/home/me/.condarc", "a: 1\nchannels: [open\nb: 2"),
        ("/home/me/.mambarc", "unknown: {x: 1}\n\noffline: perhaps\ndownload_threads: 7\n"),
        ("/opt/conda/.condarc", "- a\n- list\n"),
        ("/opt/conda/.mambarc", "<unreadable>"),
        ("/etc/conda/.condarc", "# nothing\n"),
        ("/etc/conda/.mambarc", "channel_priority: sideways\nchannels: null\ndry_run: true\n"),
    ]);
    let environment = variables([("MAMBA_USE_LOCKFILES", "perhaps")]);
    let loaded = load(&files, &environment);
    insta::assert_snapshot!(loaded.warnings.join("\n"), @r##"
    /home/me/.condarc:3: skipped, no valid YAML: did not find expected ',' or ']' at line 3 column 2, while parsing a flow sequence at line 2 column 11
    /opt/conda/.mambarc is skipped: permission denied
    /opt/conda/.condarc:1: skipped: expected keys and values
    /home/me/.mambarc:3: offline is ignored: expected true or false
    /etc/conda/.mambarc:1: channel_priority is ignored: expected strict, flexible or disabled
    the environment variable MAMBA_USE_LOCKFILES is ignored: expected true or false
    "##);
    assert_eq!(loaded.config.get("download_threads").unwrap().value, Value::Int(7));
    assert_eq!(loaded.config.get("dry_run").unwrap().value, Value::Bool(false), "not for rc files");
    let valid: Vec<_> = loaded.config.files().iter().map(|file| file.valid).collect();
    assert_eq!(valid, [true, false, false, false, true, true]);
}

/// Section 3, "rc files": `${VAR}` is expanded, also where variables set no key.
#[test]
fn variables_in_files_are_expanded() {
    let files = Memory::new([(
        "/home/me/.condarc",
        "channels: ['https://h/t/${TOKEN}/c', '${NONE}']\nssl_verify: ${V}\ncustom_channels: {x: '${TOKEN}'}\n",
    )]);
    let environment = variables([("TOKEN", "tk: [1"), ("V", "no")]);
    let mut inputs = inputs(&files, &environment);
    inputs.no_env = true;
    let config = Config::load(&inputs).unwrap().config;
    assert_eq!(config.get("channels").unwrap().value, Value::list(["https://h/t/tk: [1/c", "${NONE}"]));
    assert_eq!(config.get("ssl_verify").unwrap().value, Value::text("no"));
    assert_eq!(config.get("custom_channels").unwrap().value.to_json()["x"], "tk: [1");
    assert!(!format!("{config:?}").contains("tk: [1/c"), "Debug masks tokens");
}

/// Section 3, "Keys that matter (default)".
#[test]
fn defaults_with_types() {
    let none = settings(&Memory::new([]), &variables([]));
    assert_eq!(none.pkgs_dirs, [Path::new("/opt/conda/pkgs"), Path::new("/home/me/.mamba/pkgs")]);
    assert_eq!(none.envs_dirs, [Path::new("/opt/conda/envs")]);
    assert_eq!(none.channel_priority, ChannelPriority::Flexible);
    assert_eq!(none.ssl_verify, SslVerify::System);
    assert_eq!((none.download_threads, none.extract_threads, none.local_repodata_ttl), (5, 0, 1));
    assert_eq!(
        (none.remote_connect_timeout_secs, none.remote_max_retries, none.remote_backoff_factor),
        (10, 3, 3)
    );
    assert!(none.use_sharded_repodata && none.repodata_use_zst && none.compile_pyc && none.use_lockfiles);
    assert!(none.add_pip_as_python_dependency && !none.always_yes && !none.auto_activate_base);
    assert_eq!(none.log_level, LogLevel::Warning);
    assert_eq!((none.platform, none.channels), (None, vec![]));
    assert_eq!(none.netrc.as_deref(), Some(Path::new("/home/me/.netrc")));
}

#[test]
fn types_of_values() {
    let with = |rc: &str| settings(&Memory::new([("/home/me/.condarc", rc)]), &variables([]));
    for (rc, expected) in [
        ("channel_priority: strict", ChannelPriority::Strict),
        ("channel_priority: true", ChannelPriority::Flexible),
        ("channel_priority: no", ChannelPriority::Disabled),
        ("channel_priority: disabled", ChannelPriority::Disabled),
    ] {
        assert_eq!(with(rc).channel_priority, expected, "{rc}");
    }
    let bundle = |path: &str| SslVerify::Bundle(path.into());
    for (rc, expected) in [
        ("ssl_verify: false", SslVerify::Off),
        ("ssl_verify: 0", SslVerify::Off),
        ("ssl_verify: <false>", SslVerify::Off),
        ("ssl_verify: true", SslVerify::System),
        ("ssl_verify: ''", SslVerify::System),
        ("ssl_verify: ~/ca.pem", bundle("/home/me/ca.pem")),
        ("cacert_path: ca.pem", bundle("/here/ca.pem")),
        ("ssl_verify: /a\ncacert_path: /b", bundle("/b")),
        ("ssl_verify: false\ncacert_path: /b", SslVerify::Off),
    ] {
        assert_eq!(with(rc).ssl_verify, expected, "{rc}");
    }
    let folders = with("envs_dirs: [~/envs, rel, /opt/conda/envs]\npkgs_dirs: [/p]");
    let expected = ["/home/me/envs", "/here/rel", "/opt/conda/envs"];
    assert_eq!(folders.envs_dirs, expected.map(PathBuf::from));
    assert_eq!(folders.pkgs_dirs, [Path::new("/p")]);
    for (rc, workers) in [("0", 4), ("1", 1), ("-1", 3), ("-9", 1), ("12", 12)] {
        assert_eq!(with(&format!("extract_threads: {rc}")).extract_workers(4), workers, "{rc}");
    }
    assert_eq!(with("").extract_workers(64), 10);
    assert!(with("quiet: true").always_yes && with("json: true").always_yes, "section 3: they imply yes");
    assert_eq!(with("download_threads: 0").download_threads, 1);
}

/// Section 3, "Environment variables read".
#[test]
fn variables_with_names_of_their_own() {
    let environment = variables([
        ("CONDA_SUBDIR", "linux-aarch64"),
        ("CONDA_PKGS_DIRS", "/p1,/p2"),
        ("CONDA_ENVS_PATH", "/e1:/e2"),
        ("CONDA_SAFETY_CHECKS", "disabled"),
        ("NETRC", "/n"),
        ("https_proxy", "http://proxy"),
    ]);
    let settings = settings(&Memory::new([("/home/me/.condarc", "pkgs_dirs: [/p3]")]), &environment);
    assert_eq!(settings.platform.as_deref(), Some("linux-aarch64"));
    assert_eq!(settings.pkgs_dirs, ["/p1", "/p2", "/p3"].map(PathBuf::from));
    assert_eq!(settings.envs_dirs, ["/e1", "/e2", "/opt/conda/envs"].map(PathBuf::from));
    assert_eq!(settings.netrc.as_deref(), Some(Path::new("/n")));
    assert_eq!(settings.proxies.for_url(&"https://x".parse().unwrap()), Some("http://proxy"));
}

proptest! {
    #[test]
    fn no_file_makes_loading_panic(text in "([a-z_]{1,10}: |[\\[\\]{}&*!|>'\"%@`#,~-]|channels|\n| |[0-9]|\\PC){0,30}") {
        let files = Memory::new([("/home/me/.condarc", &text)]);
        let loaded = load(&files, &BTreeMap::new());
        prop_assert_eq!(loaded.config.files().len(), 1);
        prop_assert!(loaded.config.files()[0].valid || !loaded.warnings.is_empty());
    }
}
