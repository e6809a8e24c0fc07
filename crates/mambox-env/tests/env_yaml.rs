//! What `environment.yml` files mean, and how bad ones are refused.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use mambox_env::{EnvFile, EnvSpec, SpecError};
use proptest::prelude::*;
use rattler_conda_types::Subdir;

fn no_variables(_: &str) -> Option<String> {
    None
}

fn read_for(platform: Subdir, text: &str) -> Result<EnvFile, SpecError> {
    EnvSpec::from_yaml(text, "environment.yml", platform, &no_variables)
}

fn read(text: &str) -> EnvSpec {
    read_for(Subdir::Linux64, text).unwrap().spec
}

fn specs(spec: &EnvSpec) -> Vec<String> {
    spec.specs.iter().map(ToString::to_string).collect()
}

fn error(text: &str) -> String {
    read_for(Subdir::Linux64, text).unwrap_err().to_string()
}

#[test]
fn a_whole_file() {
    let file = read_for(
        Subdir::Linux64,
        "
name: science
prefix: /home/me/envs/science   # ignored
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.13
  - numpy >=2,<3
  - bioconda::samtools
  - sel(linux): libgomp
  - sel(osx): llvm-openmp
  - sel(unix): [ncurses, readline]
  - pip:
      - requests-oauth2==1
variables:
  OMP_NUM_THREADS: 1
  GREETING: hello world
  DEBUG: true
",
    )
    .unwrap();
    let spec = file.spec;
    assert_eq!(spec.name.as_deref(), Some("science"));
    assert_eq!(spec.channels, ["conda-forge", "bioconda"]);
    assert!(spec.nodefaults);
    let expected = ["python 3.13.*", "numpy >=2,<3", "bioconda::samtools", "libgomp", "ncurses", "readline"];
    assert_eq!(specs(&spec), expected);
    assert_eq!(spec.pip, ["requests-oauth2==1"]);
    let variables: Vec<_> = spec.variables.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(variables, ["DEBUG=true", "GREETING=hello world", "OMP_NUM_THREADS=1"]);
    assert!(file.warnings.is_empty());
}

#[test]
fn selectors_follow_the_target_not_the_machine() {
    let text = "dependencies:\n- sel(linux): a\n- sel(osx): b\n- sel(win): c\n- sel(unix): d\n";
    let for_platform = |platform| specs(&read_for(platform, text).unwrap().spec);
    assert_eq!(for_platform(Subdir::LinuxAarch64), ["a", "d"]);
    assert_eq!(for_platform(Subdir::OsxArm64), ["b", "d"]);
    assert_eq!(for_platform(Subdir::Win64), ["c"]);
}

#[test]
fn an_empty_pip_section_is_nothing() {
    for section in ["pip:", "pip: null", "pip: []"] {
        let spec = read(&format!("dependencies:\n- {section}\n- jq\n"));
        assert!(spec.pip.is_empty());
        assert_eq!(specs(&spec), ["jq"]);
    }
}

#[test]
fn pip_requirements_are_kept_as_written() {
    let spec = read(
        "dependencies:
- python
- pip:
  - httpie
  - -r more.txt
  - ./local
",
    );
    assert_eq!(spec.pip, ["httpie", "-r more.txt", "./local"]);
}

#[test]
fn empty_sections_are_nothing() {
    assert_eq!(read("name:\nchannels:\ndependencies:\nvariables:\n"), EnvSpec::default());
}

#[test]
fn unknown_keys_are_a_warning() {
    let file = read_for(Subdir::Linux64, "dependencies: [jq]\nplatforms: [linux-64]\n").unwrap();
    assert_eq!(file.warnings, ["environment.yml:2: platforms: unknown key, ignored"]);
}

#[test]
fn variables_are_expanded_in_channels() {
    let text = "channels:\n- https://host/t/${TOKEN}/chan\n";
    let token = |name: &str| (name == "TOKEN").then(|| "tk-1".to_owned());
    let spec = EnvSpec::from_yaml(text, "environment.yml", Subdir::Linux64, &token).unwrap().spec;
    assert_eq!(spec.channels, ["https://host/t/tk-1/chan"]);
    insta::assert_snapshot!(error(text), @"environment.yml:2: the channel 'https://host/chan' needs the environment variable TOKEN, which is not set");
}

#[test]
fn errors_name_file_line_and_item() {
    insta::assert_snapshot!(error("dependencies:\n- jq\n- numpy >=>2\n"), @"environment.yml:3: 'numpy >=>2' is no valid match spec: unable to parse version spec: >=>2");
    insta::assert_snapshot!(error("dependencies:\n- sel(linux): numpy >=>2\n"), @"environment.yml:2: 'numpy >=>2' is no valid match spec: unable to parse version spec: >=>2");
    insta::assert_snapshot!(error("dependencies:\n- sel(osx): numpy >=>2\n"), @"environment.yml:2: 'numpy >=>2' is no valid match spec: unable to parse version spec: >=>2");
    insta::assert_snapshot!(error("dependencies:\n- sel(mac): numpy\n"), @"environment.yml:2: sel(mac): unknown selector; known are linux, osx, win and unix");
    insta::assert_snapshot!(error("dependencies:\n- python: 3.13\n"), @"environment.yml:2: python: unknown section; for the package write: - python 3.13");
    insta::assert_snapshot!(error("dependencies:\n- npm: [left-pad]\n"), @"environment.yml:2: npm: unknown section; known are pip: and sel(linux|osx|win|unix):");
    insta::assert_snapshot!(error("dependencies: jq\n"), @"environment.yml:1: dependencies: expected a list, found text");
    insta::assert_snapshot!(error("dependencies:\n- 7\n"), @"environment.yml:2: 7: a dependency must be a match spec such as 'numpy >=2', not a number");
    insta::assert_snapshot!(error("dependencies:\n- \n"), @"environment.yml:1: dependencies: a dependency must be a match spec such as 'numpy >=2', not nothing");
    insta::assert_snapshot!(error("dependencies:\n- ./chan::jq\n"), @"environment.yml:2: './chan::jq' is no valid match spec: write a channel's folder as an absolute path, or list it among the channels");
    insta::assert_snapshot!(error("channels:\n- {a: b}\n"), @"environment.yml:1: channels: a channel must be text, not keys and values");
    insta::assert_snapshot!(error("variables:\n  VERSION: 1.10\n"), @"environment.yml:2: VERSION: write the value in quotes; it must be text, not a number");
    insta::assert_snapshot!(error("variables:\n  A=B: x\n"), @"environment.yml:2: A=B: no valid name for an environment variable");
    insta::assert_snapshot!(error("variables:\n  A: [x]\n"), @"environment.yml:2: A: write the value in quotes; it must be text, not a list");
    insta::assert_snapshot!(error("- jq\n"), @"environment.yml: the file: expected keys and values, found a list");
    insta::assert_snapshot!(error("dependencies: [jq\nname: x\n"), @"environment.yml is no valid YAML: did not find expected ',' or ']' at line 2 column 5, while parsing a flow sequence at line 1 column 15");
    insta::assert_snapshot!(error("name: a\nname: b\n"), @r#"environment.yml is no valid YAML: duplicate entry with key "name""#);
    insta::assert_snapshot!(error(""), @"environment.yml: the file: expected keys and values, found nothing");
}

#[test]
fn yaml_bombs_and_giants_are_refused() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
                c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
                e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
                dependencies: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    assert!(matches!(read_for(Subdir::Linux64, bomb), Err(SpecError::Yaml { .. })));
    let deep = format!("dependencies: {}", "[".repeat(100_000));
    assert!(matches!(read_for(Subdir::Linux64, &deep), Err(SpecError::Yaml { .. })));
    for step in ["- ", "? ", "-\t", "[", "{a: ", "!x ", "&a "] {
        let deep = step.repeat(200_000);
        assert!(matches!(read_for(Subdir::Linux64, &deep), Err(SpecError::Yaml { .. })), "{step}");
    }
    let stairs: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(matches!(read_for(Subdir::Linux64, &stairs), Err(SpecError::Yaml { .. })));
    let large = "#".repeat(mambox_env::MAX_SPEC_SIZE + 1);
    assert!(matches!(read_for(Subdir::Linux64, &large), Err(SpecError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = read_for(Subdir::Linux64, &text);
    }

    #[test]
    fn no_item_makes_the_reader_panic(
        key in "(name|channels|dependencies|variables|prefix|other)",
        item in "[a-z0-9 =<>!*:\\[\\]{}'\",.#|~^&/()$_-]{0,40}",
    ) {
        let _ = read_for(Subdir::Linux64, &format!("{key}: {item}"));
        let _ = read_for(Subdir::Linux64, &format!("{key}:\n- {item}"));
        let _ = read_for(Subdir::Linux64, &format!("{key}:\n- '{}'", item.replace('\'', "''")));
        let _ = EnvSpec::from_spec_list(&item, "specs.txt");
    }

    #[test]
    fn any_spec_text_gives_a_spec_or_an_error(text in "\\PC{0,60}") {
        let _ = mambox_env::parse_match_spec(&text, "-p");
    }

    #[test]
    fn written_specs_come_back(names in prop::collection::vec("[a-z][a-z0-9_-]{0,12}", 1..20)) {
        let items: String = names.iter().map(|name| format!("- '{name} >=1'\n")).collect();
        let spec = read(&format!("dependencies:\n{items}"));
        let expected: Vec<String> = names.iter().map(|name| format!("{name} >=1")).collect();
        prop_assert_eq!(specs(&spec), expected);
    }
}
