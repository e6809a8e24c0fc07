//! What each shell makes of its rendering.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{find, run, tricky};
use mambox_activate::{Activation, DEFAULT_PATH, Shell, render};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Programs, and how they are told to read a file and nothing else.
const SHELLS: [(&str, &[&str], u32); 10] = [
    ("sh", &[], 24),
    ("dash", &[], 24),
    ("bash", &["--noprofile", "--norc"], 24),
    ("busybox", &["sh"], 24),
    ("mksh", &[], 24),
    ("zsh", &["-f"], 24),
    ("fish", &["--no-config"], 8),
    ("tcsh", &["-f"], 24),
    ("xonsh", &["--no-rc"], 3),
    ("pwsh", &["-NoProfile", "-File"], 3),
];

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

/// Values made mostly of what some shell treats specially.
fn value() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        ' ', '\'', '"', '$', '\\', '\n', '`', '!', '{', '}', '~', '*', '?', '[', '#', ';', '&', '|', '<',
        '>', '(', ')', '%', '^', '=', ':', '-', '\t', '\r', '\u{1}', '\u{1b}', '\u{7f}', 'a', 'n', 'é', '☃',
        '‘', '’', '😀', '\u{200d}', '\u{a0}', '\u{2028}',
    ]);
    prop::collection::vec(special, 0..12).prop_map(String::from_iter)
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
fn a_prefix_that_is_behind_something_stays_there_and_no_path_is_the_usual_one() {
    let activation = Activation::new("/opt/conda", "base", [], &BTreeMap::new());
    let text = render(&activation, Shell::Posix) + "/usr/bin/env -0\n";
    let sh = find("sh").expect("every machine has a sh");
    let path = |env: &[(&str, &str)]| run(&sh, &[], &text, env)["PATH"].clone();
    assert_eq!(path(&[("PATH", "/venv/bin:/opt/conda/bin:/bin")]), "/venv/bin:/opt/conda/bin:/bin");
    assert_eq!(path(&[("PATH", "/opt/conda/bin2:/bin")]), "/opt/conda/bin:/opt/conda/bin2:/bin");
    assert_eq!(path(&[("PATH", "")]), format!("/opt/conda/bin:{DEFAULT_PATH}"));
}
