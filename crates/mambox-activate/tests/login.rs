//! `/etc/profile.d/mambox.sh` in the shells that source it.

mod common;

use std::collections::BTreeMap;

use common::{find, run, scripted, tricky};
use mambox_activate::{Activation, Environment, profile_script};

const SHELLS: [(&str, &[&str]); 6] = [
    ("sh", &[]),
    ("dash", &[]),
    ("bash", &["--posix"]),
    ("busybox", &["sh"]),
    ("mksh", &[]),
    ("zsh", &["-f"]),
];

/// Sources the script twice under `set -eu`, in each shell, after `/etc/profile` has set `PATH`.
fn each_login(activation: &Activation, env: &[(&str, &str)], check: impl Fn(&str, &Environment)) {
    let script = profile_script(activation);
    for (name, args) in SHELLS {
        let Some(program) = find(name) else { continue };
        let text = format!("set -eu\nPATH=/usr/bin:/bin; export PATH\n{script}{script}/usr/bin/env -0\n");
        check(name, &run(&program, args, &text, env));
    }
}

fn demo() -> Activation {
    Activation::new("/opt/conda", "base", [], &BTreeMap::from([("GDAL_DATA".into(), "/ours".into())]))
}

#[test]
fn a_fresh_login_is_active() {
    let activation = tricky();
    each_login(&activation, &[], |shell, env| {
        assert_eq!(env["PATH"], "/opt/my env/bin:/usr/bin:/bin", "{shell}");
        for (name, value) in activation.env(None).iter().skip(1) {
            if mambox_activate::is_shell_name(name) {
                assert_eq!(env.get(name), Some(value), "{shell}: {name}");
            }
        }
    });
}

#[test]
fn an_active_image_gets_its_path_back_and_keeps_what_somebody_set() {
    let active = [("CONDA_PREFIX", "/opt/conda"), ("CONDA_SHLVL", "1"), ("GDAL_DATA", "")];
    each_login(&demo(), &active, |shell, env| {
        assert_eq!(env["PATH"], "/opt/conda/bin:/usr/bin:/bin", "{shell}");
        assert_eq!(env["GDAL_DATA"], "", "{shell}");
        assert!(!env.contains_key("CONDA_DEFAULT_ENV"), "{shell}");
    });
}

#[test]
fn another_environment_is_left_alone() {
    let other = [("CONDA_PREFIX", "/opt/conda/envs/other"), ("CONDA_SHLVL", "2")];
    each_login(&demo(), &other, |shell, env| {
        assert_eq!(env["PATH"], "/usr/bin:/bin", "{shell}");
        assert_eq!(env["CONDA_PREFIX"], "/opt/conda/envs/other", "{shell}");
        assert_eq!(env["CONDA_SHLVL"], "2", "{shell}");
        assert!(!env.contains_key("GDAL_DATA"), "{shell}");
    });
}

#[test]
fn what_scripts_changed_is_there_and_what_they_unset_is_not() {
    let set_by_profile = [("PROJ_LIB", ""), ("GDAL_DATA", "/run's")];
    let active = [("CONDA_PREFIX", "/opt/conda"), ("CONDA_SHLVL", "1")];
    for marks in [&active[..], &[]] {
        each_login(&scripted(), &[&set_by_profile[..], marks].concat(), |shell, env| {
            let front = "/opt/conda/it's first:/opt/conda/second:/opt/conda/bin";
            let path = format!("{front}:/usr/bin:/bin:/opt/conda/late:/opt/conda/last");
            assert_eq!(env["PATH"], path, "{shell}");
            assert_eq!((&*env["GDAL_DATA"], &*env["PRICE"]), ("/run's", "5$"), "{shell}");
            assert!(!env.contains_key("PROJ_LIB"), "{shell}");
        });
    }
}

#[test]
fn after_deactivation_a_login_activates_again() {
    each_login(&demo(), &[("CONDA_SHLVL", "0")], |shell, env| {
        assert_eq!(env["CONDA_SHLVL"], "1", "{shell}");
        assert_eq!(env["CONDA_PREFIX"], "/opt/conda", "{shell}");
    });
}
