//! Changes as each shell makes them: rendered, run, and read back.

mod common;

use std::path::Path;

use common::{SHELLS, environment, find, run, value};
use mambox_activate::{Activation, Change, Environment, How, Shell, deactivate, render_change, switch};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Of an environment, what a test gave it: shells add `PWD` and others, and one of pwsh has more in PATH.
fn ours(environment: &Environment) -> Environment {
    let ours = |name: &str| {
        name == "PATH" || ["T_", "CONDA_", "__CONDA_"].iter().any(|start| name.starts_with(start))
    };
    environment
        .iter()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Makes the change twice, the second time in vain.
fn made_by(
    program: &Path,
    args: &[&str],
    shell: Shell,
    change: &Change,
    before: &Environment,
) -> Environment {
    let once = render_change(change, shell);
    let before: Vec<(&str, &str)> = before.iter().map(|(name, value)| (&**name, &**value)).collect();
    ours(&run(program, args, &format!("{once}{once}/usr/bin/env -0\n"), &before))
}

fn each_shell(check: impl Fn(&Path, &[&str], Shell, u32)) {
    for (name, args, cases) in SHELLS {
        if let (Some(program), Some(shell)) = (find(name), Shell::of_program(name)) {
            check(&program, args, shell, cases);
        }
    }
}

/// Variables, and a search path of odd folders in which programs are found all the same.
fn variables() -> impl Strategy<Value = Environment> {
    let folder = value().prop_map(|value| format!("/{}", value.replace(':', "")));
    let path = prop::collection::vec(folder, 0..3).prop_map(|mut folders| {
        folders.push("/usr/bin:/bin".into());
        folders.join(":")
    });
    (prop::collection::btree_map("T_[0-9]{1,2}", value(), 0..40), path).prop_map(|(mut variables, path)| {
        variables.insert("PATH".into(), path);
        variables
    })
}

#[test]
fn any_change_is_made_by_every_shell() {
    each_shell(|program, args, shell, cases| {
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
        let result = TestRunner::new(config).run(&(variables(), variables()), |(before, after)| {
            let change = Change::between(&before, &after);
            prop_assert_eq!(made_by(program, args, shell, &change, &before), after);
            Ok(())
        });
        assert!(result.is_ok(), "{} {args:?}: {}", program.display(), result.unwrap_err());
    });
}

#[test]
fn going_up_and_down_in_every_shell_is_what_was_computed() {
    let [base, py] = [("/c", "base"), ("/c/envs/it's py", "it's py")].map(|(prefix, name)| {
        Activation::new(
            prefix,
            name,
            [],
            &environment(&[("T_1", prefix), ("T_2", "x'\ny"), ("NOT.A.NAME", "x")]),
        )
    });
    let mine = environment(&[("CONDA_SHLVL", "0"), ("PATH", "/usr/bin:/bin"), ("T_1", "it's mine")]);
    each_shell(|program, args, shell, _| {
        let make = |change: Change, before: &Environment| made_by(program, args, shell, &change, before);
        let one = make(switch(&mine, &base, How::Replace), &mine);
        let two = make(switch(&one, &py, How::Stack), &one);
        assert_eq!((&*two["CONDA_SHLVL"], &*two["T_1"]), ("2", "/c/envs/it's py"), "{shell:?}");
        assert_eq!(two["PATH"], "/c/envs/it's py/bin:/c/bin:/usr/bin:/bin", "{shell:?}");
        assert_eq!(make(deactivate(&two, &py, Some(&base)), &two), one, "{shell:?}");
        assert_eq!(make(deactivate(&one, &base, None), &one), mine, "{shell:?}");
    });
}
