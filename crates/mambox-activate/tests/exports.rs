//! What real shells print for `export -p`, read back.

mod common;

use std::path::Path;
use std::process::Command;

use common::{environment, find, value};
use mambox_activate::{Document, Environment, Run, capture, parse_exports};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const SHELLS: [(&str, &[&str]); 7] = [
    ("bash", &["--noprofile", "--norc"]),
    ("bash", &["--noprofile", "--norc", "--posix"]),
    ("dash", &[]),
    ("busybox", &["sh"]),
    ("mksh", &[]),
    ("ksh", &[]),
    ("zsh", &["-f"]),
];

fn output(program: &Path, args: &[&str], script: &str, env: &Environment) -> Vec<u8> {
    let mut command = Command::new(program);
    let out =
        command.args(args).args(["-c", script]).env_clear().envs(env).output().expect("the shell starts");
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && errors.is_empty(), "{}: {errors}", program.display());
    out.stdout
}

fn each_shell(check: impl Fn(&Path, &[&str])) {
    for (name, args) in SHELLS {
        if let Some(program) = find(name) {
            check(&program, args);
        }
    }
}

#[test]
fn any_value_comes_back_in_any_locale() {
    let values = (prop::collection::vec(value(), 40), prop::sample::select(vec!["C.UTF-8", "C", ""]));
    each_shell(|program, args| {
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let result = TestRunner::new(config).run(&values, |(values, locale)| {
            let names = (0..).map(|i| format!("T_{i}"));
            let mut env: Environment = names.zip(values).collect();
            env.extend(environment(&[("LC_ALL", locale), ("PATH", "/usr/bin::/my bin:/bin")]));
            let text = output(program, args, "export NO_VALUE; export -p", &env);
            let read = parse_exports(&text).map_err(|e| TestCaseError::fail(e.to_string()))?;
            for (name, value) in &env {
                prop_assert_eq!(read.get(name), Some(value), "{}", name);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{} {args:?}: {}", program.display(), result.unwrap_err());
    });
}

/// What every shell understands; the last two depend on the moment.
const SCRIPT: &str = r#"
export GDAL_DATA="$CONDA_PREFIX/share/it's \"gdal\""
export LINES_OF_TEXT="one
two"
unset PROJ_LIB
LOCAL=1
PATH="$CONDA_PREFIX/first:$PATH:/last"
export PS1='$ ' CACHE="$HOME/.cache"
export NUMBER=$$
"#;

#[test]
fn scripts_are_captured_from_two_runs_in_every_shell() {
    let given = [
        ("CONDA_PREFIX", "/opt/conda"),
        ("PATH", "/opt/conda/bin:/usr/bin:/bin"),
        ("PROJ_LIB", ""),
        ("B", "2"),
    ];
    each_shell(|program, args| {
        let [first, second] = ["/home/a", "/nonexistent"].map(|home| {
            let mut env = environment(&given);
            env.insert("HOME".into(), home.into());
            let marker = "--- after ---";
            let script = format!("export -p; echo '{marker}'{SCRIPT}export -p");
            let text = String::from_utf8(output(program, args, &script, &env)).unwrap();
            let (before, after) = text.split_once(marker).unwrap();
            Run { before: parse_exports(before).unwrap(), after: parse_exports(after).unwrap() }
        });
        let captured = capture(&first, &second);
        let shell = format!("{} {args:?}", program.display());
        let variables =
            environment(&[("GDAL_DATA", "/opt/conda/share/it's \"gdal\""), ("LINES_OF_TEXT", "one\ntwo")]);
        assert_eq!(captured.variables, variables, "{shell}");
        assert_eq!(captured.unset, ["PROJ_LIB".to_owned()].into(), "{shell}");
        assert_eq!(captured.path_first, ["/opt/conda/first"], "{shell}");
        assert_eq!(captured.path_last, ["/last"], "{shell}");
        assert_eq!(captured.dynamic, ["CACHE", "NUMBER"].map(String::from).into(), "{shell}");
    });
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    /// Whatever the text, the answer is an environment or an error that names a line or a variable.
    #[test]
    fn no_text_is_too_strange(text in r#"(export |declare -x |typeset -T |-|[A-B]=|['"$\\()C M\n\PC]){0,40}"#) {
        match parse_exports(&text) {
            Ok(environment) => prop_assert!(environment.keys().all(|name| !name.is_empty())),
            Err(error) => prop_assert!(error.to_string().contains("line ") || error.to_string().contains("UTF-8")),
        }
        prop_assert!(Document::parse(&text).is_err());
    }
}
