//! What each shell makes of its rendering.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{SHELLS, find, run, scripted, tricky, value};
use mambox_activate::{Activation, DEFAULT_PATH, Shell, render};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn check(program: &Path, args: &[&str], activation: &Activation, shell: Shell) -> Result<(), TestCaseError> {
    let once = render(activation, shell);
    let text = format!("{once}{once}/usr/bin/env -0\n");
    let env = run(program, args, &text, &[("PATH", "/usr/bin:/bin")]);
    let folders: Vec<&str> = env["PATH"].split(':').collect();
    let bin = format!("{}/bin", activation.prefix);
    prop_assert_eq!(folders[0], &bin);
    prop_assert_eq!(folders.iter().filter(|folder| **folder == bin).count(), 1);
    prop_assert!(folders.contains(&"/usr/bin") && folders.contains(&"/bin"));
    let no_shell: Vec<&str> = activation.names_no_shell_can_set().collect();
    for (name, value) in activation.env(None).iter().skip(1) {
        if !no_shell.contains(&&**name) {
            prop_assert_eq!(env.get(name).map(String::as_str), Some(&**value), "{}", name);
        }
    }
    Ok(())
}

#[test]
fn any_value_comes_back_from_every_shell() {
    let values = prop::collection::vec(value(), 40);
    for (name, args, cases) in SHELLS {
        let (Some(program), Some(shell)) = (find(name), Shell::of_program(name)) else { continue };
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
        let result = TestRunner::new(config).run(&values, |values| {
            let own = values.into_iter().enumerate().map(|(i, value)| (format!("T_{i}"), value)).collect();
            check(&program, args, &Activation::new("/opt/con'da $x", "base", [], &own), shell)
        });
        assert!(result.is_ok(), "{name}: {}", result.unwrap_err());
    }
}

#[test]
fn tricky_values_come_back_from_every_shell() {
    for (name, args, _) in SHELLS {
        let (Some(program), Some(shell)) = (find(name), Shell::of_program(name)) else { continue };
        check(&program, args, &tricky(), shell).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn what_scripts_changed_comes_back_from_every_shell() {
    for (name, args, _) in SHELLS {
        let (Some(program), Some(shell)) = (find(name), Shell::of_program(name)) else { continue };
        let once = render(&scripted(), shell);
        let before = [("PATH", "/usr/bin:/opt/conda/late:/bin"), ("PROJ_LIB", ""), ("GDAL_DATA", "/theirs")];
        let env = run(&program, args, &format!("{once}{once}/usr/bin/env -0\n"), &before);
        let front = "/opt/conda/it's first:/opt/conda/second:/opt/conda/bin:";
        let path = format!("{front}/usr/bin:/opt/conda/late:/bin:/opt/conda/last");
        assert!(env["PATH"].starts_with(&path), "{name}: {}", env["PATH"]);
        assert_eq!((&*env["GDAL_DATA"], &*env["PRICE"]), ("/opt/conda/share/gdal", "5$"), "{name}");
        assert!(!env.contains_key("PROJ_LIB") && !env.contains_key("CACHE"), "{name}");
    }
}

#[test]
fn a_prefix_that_is_behind_something_stays_there_and_no_path_is_the_usual_one() {
    let activation = Activation::new("/opt/conda", "base", [], &BTreeMap::new());
    let text = render(&activation, Shell::Posix) + "/usr/bin/env -0\n";
    let sh = find("sh").expect("every machine has a sh");
    let path = |env: &[(&str, &str)]| run(&sh, &[], &text, env)["PATH"].clone();
    assert_eq!(path(&[("PATH", "/venv/bin:/opt/conda/bin:/bin")]), "/venv/bin:/opt/conda/bin:/bin");
    assert_eq!(path(&[("PATH", "/opt/conda/bin2:/bin")]), "/opt/conda/bin:/opt/conda/bin2:/bin");
    assert_eq!(path(&[("PATH", "")]), format!("/opt/conda/bin:{DEFAULT_PATH}"));
}
