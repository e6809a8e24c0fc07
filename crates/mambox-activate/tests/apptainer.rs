//! The scripts in the order in which Apptainer sources them, with a `10-docker2singularity.sh` such as
//! it writes between them.

mod common;

use std::collections::BTreeMap;

use common::{find, run, scripted, tricky};
use mambox_activate::{Activation, Environment, apptainer_scripts};

fn enter(activation: &Activation, image_env: &str, host: &[(&str, &str)]) -> Environment {
    let [(_, first), (_, last), (_, end)] = apptainer_scripts(activation, false);
    let text = format!("{first}{image_env}{last}{end}/usr/bin/env -0\n");
    run(&find("sh").expect("every machine has a sh"), &["-eu"], &text, host)
}

/// The same where `--env` gives this text, in a shell that reads a file as Apptainer's does.
fn enter_with(activation: &Activation, image_env: &str, host: &[(&str, &str)], given: &str) -> Environment {
    let [(_, first), (_, last), (_, end)] = apptainer_scripts(activation, false);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(&file, given).expect("a text");
    let last = last.replace("/.inject-apptainer-env.sh", file.path().to_str().expect("a path"));
    let text = format!("{first}{image_env}{last}{end}/usr/bin/env -0\n");
    run(&find("bash").expect("the shell of these tests"), &["-eu"], &text, host)
}

fn demo() -> Activation {
    let own = [("GDAL_DATA", "/ours"), ("PRICE", "5$")].map(|(key, value)| (key.into(), value.into()));
    Activation::new("/opt/conda", "base", [], &BTreeMap::from(own))
}

/// As converted from `PRICE=5$`: garbled.
const IMAGE_ENV: &str = r#"
export PATH="/opt/conda/bin:/usr/bin:/bin"
export CONDA_PREFIX="${CONDA_PREFIX:-"/opt/conda"}"
export CONDA_SHLVL="${CONDA_SHLVL:-"1"}"
export GDAL_DATA="${GDAL_DATA:-"/ours"}"
export PRICE="${PRICE:-"5\\$"}"
"#;

#[test]
fn the_image_wins_over_an_environment_that_is_active_on_the_host() {
    let host = [
        ("CONDA_PREFIX", "/home/me/conda"),
        ("CONDA_SHLVL", "3"),
        ("CONDA_DEFAULT_ENV", "mine"),
        ("GDAL_DATA", "/home/me/conda/share/gdal"),
        ("PYTHONPATH", "/home/me/lib"),
        ("PYTHONHOME", "/home/me/python"),
        ("BASH_ENV", "/usr/share/lmod/init"),
    ];
    let env = enter(&demo(), IMAGE_ENV, &host);
    let text: String = env
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "HOME" | "LC_ALL" | "PWD" | "_" | "SHLVL" | "OLDPWD"))
        .map(|(key, value)| format!("{key}={value}|\n"))
        .collect();
    insta::assert_snapshot!(text, @r"
    BASH_ENV=|
    CONDA_DEFAULT_ENV=base|
    CONDA_PREFIX=/opt/conda|
    CONDA_PROMPT_MODIFIER=(base) |
    CONDA_SHLVL=1|
    GDAL_DATA=/ours|
    PATH=/opt/conda/bin:/usr/bin:/bin|
    PRICE=5$|
    PYTHONHOME=|
    PYTHONPATH=|
    ");
}

#[test]
fn a_derived_image_may_set_our_variables_and_those_that_leak() {
    let derived = r#"
export PATH="/venv/bin:/opt/conda/bin:/usr/bin:/bin"
export GDAL_DATA="${GDAL_DATA:-"/theirs"}"
export PYTHONPATH="${PYTHONPATH:-"/app"}"
"#;
    let env = enter(&demo(), derived, &[("PYTHONPATH", "/home/me/lib"), ("GDAL_DATA", "/home/me/gdal")]);
    assert_eq!(env["PATH"], "/venv/bin:/opt/conda/bin:/usr/bin:/bin");
    assert_eq!((&*env["GDAL_DATA"], &*env["PYTHONPATH"]), ("/theirs", "/app"));
}

#[test]
fn an_image_env_that_was_lost_is_replaced() {
    let activation = tricky();
    let env = enter(&activation, "export PATH=/usr/bin:/bin\n", &[("QUOTES", "the host's")]);
    assert_eq!(env["PATH"], "/opt/my env/bin:/usr/bin:/bin");
    for (name, value) in activation.env(None).iter().skip(1) {
        if mambox_activate::is_shell_name(name) {
            assert_eq!(env.get(name), Some(value), "{name}");
        }
    }
}

#[test]
fn what_scripts_unset_is_emptied_and_a_derived_image_may_set_it() {
    let env = enter(&scripted(), "export PATH=/bin\n", &[("PROJ_LIB", "/host")]);
    assert_eq!((&*env["PROJ_LIB"], &*env["PRICE"]), ("", "5$"));
    let front = "/opt/conda/it's first:/opt/conda/second:/opt/conda/bin";
    assert_eq!(env["PATH"], format!("{front}:/bin:/opt/conda/late:/opt/conda/last"));

    let derived = "export PATH=/bin\nexport PROJ_LIB=\"${PROJ_LIB:-\"/derived\"}\"\n";
    let env = enter(&scripted(), derived, &[("PROJ_LIB", "/host")]);
    assert_eq!(env["PROJ_LIB"], "/derived");
}

const GIVEN_SKIP: &str = "export MAMBA_SKIP_ACTIVATE=\"1\"\n";

#[test]
fn nothing_is_active_where_the_user_says_so() {
    let env = enter_with(&demo(), IMAGE_ENV, &[], GIVEN_SKIP);
    let names =
        ["CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER", "GDAL_DATA", "PRICE"];
    assert_eq!(names.map(|name| &*env[name]), [""; 6]);
    assert_eq!(env["PATH"], "/usr/bin:/bin");
    // The folders of scripts, wherever they are, with characters that patterns could misread.
    let front = "/opt/conda/it's first:/opt/conda/second:/opt/conda/bin";
    let path = format!("export PATH=\"{front}:/bin:/opt/conda/late:/opt/conda/last\"\n");
    assert_eq!(enter_with(&scripted(), &path, &[], GIVEN_SKIP)["PATH"], "/bin");
    let tricky_path = "export PATH='/opt/my env/bin'\n";
    let env = enter_with(&tricky(), tricky_path, &[], GIVEN_SKIP);
    assert_eq!((&*env["PATH"], &*env["QUOTES"]), ("", ""));
}

#[test]
fn what_the_user_gives_wins_even_over_what_was_garbled() {
    let given = "export PRICE=\"6\"\nexport GDAL_DATA=\"/mine\"\nexport CONDA_DEFAULT_ENV=\"mine\"\n";
    let all = |env: &Environment| ["PRICE", "GDAL_DATA", "CONDA_DEFAULT_ENV"].map(|name| env[name].clone());
    assert_eq!(all(&enter_with(&demo(), IMAGE_ENV, &[], given)), ["6", "/mine", "mine"]);
    let skipped = enter_with(&demo(), IMAGE_ENV, &[], &format!("{given}{GIVEN_SKIP}"));
    assert_eq!(all(&skipped), ["6", "/mine", "mine"]);
    assert_eq!(skipped["CONDA_PREFIX"], "");
}

#[test]
fn a_derived_images_own_values_stay_where_nothing_is_active() {
    let derived = "export PATH=\"/venv/bin:/opt/conda/bin:/bin\"\nexport GDAL_DATA=/theirs\n";
    let env = enter_with(&demo(), derived, &[], GIVEN_SKIP);
    assert_eq!((&*env["PATH"], &*env["GDAL_DATA"]), ("/venv/bin:/bin", "/theirs"));
}
